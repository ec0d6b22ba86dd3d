package contract_test

import (
	"strings"
	"testing"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/flow"
)

// What a contract holds is tested through the documents and the comparisons that
// are made of it.

func TestPlacesAreRelativeToTheProjectHoweverItIsNamed(t *testing.T) {
	c, err := contract.Load(t.Context(), "../../", flow.Flow{})
	if err != nil {
		t.Fatal(err)
	}
	message := c.Topics[0].Message.Of()
	places := []app.Pos{c.Topics[0].Pos, c.Topics[0].Message.Ref.Pos, message.Properties[0].Pos, c.APIs[0].Routes[0].Pos}
	for i, file := range []string{
		"less/topics/delivery_partner_assigned/message.go:", "less/shared/order/order.go:",
		"less/shared/order/order.go:", "less/apis/orders/orders/post.go:",
	} {
		if !strings.HasPrefix(string(places[i]), file) {
			t.Errorf("got %s, want a line of %s", places[i], file)
		}
	}
}
