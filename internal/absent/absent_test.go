package absent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/absent"
	"github.com/less-go/less/internal/projecttest"
)

const project = `
-- go.mod --
module example.com/food
-- less/topics/payment_success/message.go --
package paymentsuccess
-- less/apis/orders/orders/post.go --
package orders

import (
	"example.com/food/less/topics"
	orderplaced "example.com/food/less/topics/order_placed"
)

var (
	_ = topics.OrderPlaced
	_ = topics.OrderPlaced.Publish
	_ = topics.HTTPRefusedByV2
	_ orderplaced.Message
)
-- less/apis/orders/orders/get.go --
package orders

import known "example.com/food/less/topics"

var topics struct{}

var _, _ = known.PaymentSucces, topics.Other
`

func TestExplain(t *testing.T) {
	dir := projecttest.Write(t, txtar.Parse([]byte(project)).Files)
	const (
		post        = "less/apis/orders/orders/post.go"
		get         = "less/apis/orders/orders/get.go"
		orderPlaced = post + ":9: topic order_placed does not exist: less-cli create topic --name order_placed"
		refused     = post + ":11: topic http_refused_by_v2 does not exist: less-cli create topic --name http_refused_by_v2, which is topics.HttpRefusedByV2"
		misspelt    = get + ":7: topic payment_succes does not exist: there is payment_success, which is topics.PaymentSuccess. To make one: less-cli create topic --name payment_succes"
	)
	for _, test := range []struct {
		name        string
		lines, want []string
	}{
		{"a name", []string{post + ":9:13: undefined: topics.OrderPlaced"}, []string{orderPlaced}},
		{"a name without a column", []string{post + ":9: undefined: topics.OrderPlaced"}, []string{orderPlaced}},
		{"a name that is misspelt", []string{get + ":7:18: undefined: known.PaymentSucces"}, []string{misspelt}},
		{
			"a name in another case",
			[]string{post + ":9: undefined: topics.paymentSuccess"},
			[]string{post + ":9: there is no topics.paymentSuccess: the topic payment_success is topics.PaymentSuccess"},
		},
		{"a package of topics", []string{
			post + ":4:2: no required module provides package example.com/food/less/topics; to add it:\n\tgo get example.com/food/less/topics",
			post + ":4:2: could not import example.com/food/less/topics (invalid package name: \"\")",
		}, []string{orderPlaced, refused}},
		{"a package of topics on two lines", []string{
			post + ":4:2: no required module provides package example.com/food/less/topics; to add it:", "\tgo get example.com/food/less/topics",
		}, []string{orderPlaced, refused}},
		{"a package in a module with a short name", []string{
			get + ":3:14: package example.com/food/less/topics is not in std (/go/src/example.com/food/less/topics)",
		}, []string{misspelt}},
		{"a package of a topic", []string{
			post + ":5:14: could not import example.com/food/less/topics/order_placed (invalid package name: \"\")",
			post + ":5:2: no required module provides package example.com/food/less/topics/order_placed; to add it:", "\tgo get example.com/food/less/topics/order_placed",
		}, []string{orderPlaced}},

		{"the framework", []string{
			post + ":3:2: could not import github.com/less-go/less (invalid package name: \"\")",
			post + ":3:2: no required module provides package github.com/less-go/less; to add it:\n\tgo get github.com/less-go/less",
		}, []string{"go.mod: it does not require github.com/less-go/less, and 'less-cli init .' says how it gets to"}},

		// What is another's is left as it is.
		{"another variable", []string{get + ":7:45: undefined: topics.Other"}, []string{get + ":7:45: undefined: topics.Other"}},
		{"a topic that exists", []string{post + ":9:13: undefined: topics.PaymentSuccess"}, []string{post + ":9:13: undefined: topics.PaymentSuccess"}},
		{"the package of a topic that exists", []string{
			post + ":5:2: could not import example.com/food/less/topics/payment_success (it is broken)",
		}, []string{post + ":5:2: could not import example.com/food/less/topics/payment_success (it is broken)"}},
		{"another package", []string{
			post + ":5:2: no required module provides package example.org/less/topics; to add it:\n\tgo get example.org/less/topics",
		}, []string{post + ":5:2: no required module provides package example.org/less/topics; to add it:", "\tgo get example.org/less/topics"}},
		{"a subscriber", []string{
			post + ":5:2: package example.com/food/less/topics/payment_success/ship is not in std",
		}, []string{post + ":5:2: package example.com/food/less/topics/payment_success/ship is not in std"}},
		{"a file that is not there", []string{"less/x.go:1:1: undefined: topics.X"}, []string{"less/x.go:1:1: undefined: topics.X"}},
		{"nothing", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, absent.Explain(dir, test.lines)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzExplain(f *testing.F) {
	dir := projecttest.Write(f, txtar.Parse([]byte(project)).Files)
	f.Add("less/apis/orders/orders/post.go:9:13: undefined: topics.OrderPlaced")
	f.Add("less/apis/orders/orders/post.go:5: package example.com/food/less/topics/x is not in std\n\tgo get example.com/food/less/topics/x")
	f.Fuzz(func(t *testing.T, line string) {
		if told := absent.Explain(dir, []string{line}); len(told) == 0 {
			t.Errorf("nothing is told of %q", line)
		}
	})
}
