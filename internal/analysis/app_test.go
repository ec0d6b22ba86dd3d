package analysis_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
)

// The food delivery's workflow is the article's, and its code has no mistakes.
func TestTheFoodDelivery(t *testing.T) {
	a, err := scan.Dir(os.DirFS(projecttest.Checkout()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := analysis.Read(t.Context(), projecttest.Checkout(), a, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, fn := range f.Functions {
		for _, p := range fn.Publishes {
			got = append(got, fmt.Sprintf("%s -> %s, %s", fn.ID, p.Topic, p.Condition))
		}
		for _, r := range fn.Refusals {
			t.Errorf("refused: %v", r)
		}
		for _, l := range fn.Findings {
			t.Errorf("found: %v", l)
		}
	}
	want := []string{
		"apis/orders/orders/post -> order_placed, success",
		"topics/order_placed/payment_service_process_payment -> payment_success, always",
		"topics/payment_success/restaurant_service_confirm_order -> restaurant_confirmed_order, success",
		"topics/payment_success/restaurant_service_confirm_order -> restaurant_order_confirmation_failed, failure",
		"topics/restaurant_confirmed_order/delivery_partner_service_assign_delivery_partner -> delivery_partner_assigned, always",
		"topics/restaurant_order_confirmation_failed/payment_service_initiate_payment_reversal -> payment_reversed, always",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("publishes (-want +got):\n%s", diff)
	}
	if len(f.Functions) != 13 || len(a.Topics) != 6 {
		t.Errorf("%d functions and %d topics, want 13 and 6", len(f.Functions), len(a.Topics))
	}
}
