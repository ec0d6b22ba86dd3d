package lesstest_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/less-go/less/lesstest"
)

// processPayment is a subscriber's handler, as in
// less/topics/order_placed/payment_service_process_payment/process.go.
func processPayment(ctx context.Context, o order) error {
	return paid.Publish(ctx, o)
}

func ExampleNew() {
	t := exampleT{} // in a test: its *testing.T

	ctx, rec := lesstest.New(t)
	if err := processPayment(ctx, order{ID: "17"}); err != nil {
		t.Fatal(err)
	}
	fmt.Println(lesstest.Published(rec, paid))
	// Output: [{17}]
}

// exampleT is as much of a testing.T as an example needs.
type exampleT struct{ testing.TB }

func (exampleT) Helper()                  {}
func (exampleT) Context() context.Context { return context.Background() }
func (exampleT) Output() io.Writer        { return io.Discard }
