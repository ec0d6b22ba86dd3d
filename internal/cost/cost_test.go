package cost_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/less-go/less/internal/cost"
	"github.com/less-go/less/internal/plan"
)

// shop has a route with 1 GB and two subscribers with 512 MB, of one topic.
func shop() plan.Plan {
	return plan.Plan{
		APIs: []plan.API{{ID: "apis/shop"}},
		Functions: []plan.Function{
			{ID: "apis/shop/orders/post", Memory: 1024},
			{ID: "topics/placed/charge", Memory: 512},
			{ID: "topics/placed/note", Memory: 512},
		},
		Topics: []plan.Topic{{ID: "topics/placed", Subscriptions: []plan.Subscription{
			{Function: "topics/placed/charge"}, {Function: "topics/placed/note"},
		}}},
	}
}

// order runs both subscribers.
var order = cost.Order{
	Function: "apis/shop/orders/post", HTTP: true, Published: 1,
	Subscribers: []string{"topics/placed/charge", "topics/placed/note"},
}

func usage() cost.Usage {
	return cost.Usage{Orders: 1e6, Duration: 100 * time.Millisecond, Payload: 1000, Batch: 1, Logs: 1000}
}

// idle is what a queue's five long polls of 20 s are in a month of 730 hours.
const idle = 5 * 730 * 3600 / 20

func TestEstimate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*cost.Usage)
		orders []cost.Order
		line   string
		want   float64 // its quantity
		usd    float64
	}{
		{"one invocation for the route and each message", nil, nil, "Lambda requests", 3e6, 0.60},
		{"ten messages an invocation", func(u *cost.Usage) { u.Batch = 10 }, nil, "Lambda requests", 1.2e6, 0.24},
		{"a hundred", func(u *cost.Usage) { u.Batch = 100 }, nil, "Lambda requests", 1.02e6, 0.204},
		{"by memory", nil, nil, "Lambda compute, arm64", 1e5 + 2*0.5e5, 2e5 * 0.0000133334},
		{"a batch takes as long as a message", func(u *cost.Usage) { u.Batch = 10 }, nil, "Lambda compute, arm64", 1e5 + 2*0.5e4, 1.1e5 * 0.0000133334},
		{"by duration", func(u *cost.Usage) { u.Duration = time.Second }, nil, "Lambda compute, arm64", 2e6, 2e6 * 0.0000133334},
		{"requests", nil, nil, "HTTP API requests", 1e6, 1},
		{"large requests", func(u *cost.Usage) { u.Payload = 512<<10 + 1 }, nil, "HTTP API requests", 2e6, 2},
		{"publishes", nil, nil, "SNS publishes", 1e6, 0.50},
		{"publishes of more than 64 KiB, attributes included", func(u *cost.Usage) { u.Payload = 64 << 10 }, nil, "SNS publishes", 2e6, 1},
		{"a send for each subscriber", nil, nil, "SQS sends, by SNS", 2e6, 0.80},
		{"a receive for each message", nil, nil, "SQS receives", 2e6, 0.80},
		{"a receive for ten", func(u *cost.Usage) { u.Batch = 10 }, nil, "SQS receives", 2e5, 0.08},
		{"SQS hands out at most ten", func(u *cost.Usage) { u.Batch = 100 }, nil, "SQS receives", 2e5, 0.08},
		{"ten of 20 kB are four chunks", func(u *cost.Usage) { u.Batch, u.Payload = 10, 20_000 }, nil, "SQS receives", 8e5, 0.32},
		{"a delete for ten, of any size", func(u *cost.Usage) { u.Batch, u.Payload = 10, 20_000 }, nil, "SQS deletes", 2e5, 0.08},
		{"logs by run and by invocation", nil, nil, "CloudWatch Logs, written", (3*1026 + 3*778) / 1e3, (3*1026 + 3*778) / 1e3 * 0.5},
		{"logs in batches", func(u *cost.Usage) { u.Batch = 10 }, nil, "CloudWatch Logs, written", (3*1026 + 1.2*778) / 1e3, (3*1026 + 1.2*778) / 1e3 * 0.5},
		{"logs are kept 30 days, compressed", nil, nil, "CloudWatch Logs, kept", 5.412 * 0.15 * 720 / 730, 5.412 * 0.15 * 720 / 730 * 0.03},
		{"answers", nil, nil, "data to the internet", 1, 0.09},
		{"an alarm for each subscriber and API", nil, nil, "CloudWatch alarms", 3, 0.30},
		{"idle queues are polled", func(u *cost.Usage) { u.Orders = 0 }, nil, "SQS receives of nothing", 2 * idle, 2 * idle * 0.4 / 1e6},
		{"a queue that is not reached is too", nil, []cost.Order{{Function: order.Function, HTTP: true}}, "SQS receives of nothing", 2 * idle, 2 * idle * 0.4 / 1e6},
		{"a busy queue is not", func(u *cost.Usage) { u.Orders = 1e9 }, nil, "SQS receives of nothing", 0, 0},
		{"an even mix", nil, []cost.Order{order, {Function: order.Function, HTTP: true}}, "SQS sends, by SNS", 1e6, 0.40},
		{"what begins at a topic", nil, []cost.Order{{Published: 1, Subscribers: order.Subscribers}}, "HTTP API requests", 0, 0},
		{"what begins at a cron", nil, []cost.Order{{Function: order.Function}}, "Lambda requests", 1e6, 0.20},
		{"a cron is no request", nil, []cost.Order{{Function: order.Function}}, "HTTP API requests", 0, 0},
		{"a subscriber that runs twice", nil, []cost.Order{{Subscribers: []string{"topics/placed/note", "topics/placed/note"}}}, "SQS sends, by SNS", 2e6, 0.80},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := usage()
			if tt.change != nil {
				tt.change(&u)
			}
			orders := tt.orders
			if orders == nil {
				orders = []cost.Order{order}
			}
			bill := cost.Estimate(shop(), u, orders)
			var got cost.Line
			for _, l := range bill.Lines {
				if l.Name == tt.line {
					got = l
				}
			}
			if !near(got.Quantity, tt.want) || !near(got.USD, tt.usd) {
				t.Errorf("%s: got %g for $%g, want %g for $%g", tt.line, got.Quantity, got.USD, tt.want, tt.usd)
			}
		})
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(1, math.Abs(b)) }

func TestTheTotalIsTheSumOfItsLines(t *testing.T) {
	bill := cost.Estimate(shop(), usage(), []cost.Order{order})
	sum, requests := 0.0, 0.0
	for i, l := range bill.Lines {
		sum += l.USD
		if strings.HasPrefix(l.Name, "SQS") {
			requests += l.Quantity
		}
		if i > 0 && l.USD > bill.Lines[i-1].USD {
			t.Errorf("%s comes after what is cheaper", l.Name)
		}
	}
	if !near(sum, bill.Total) || !near(requests, bill.Requests) || bill.Invocations != 3e6 {
		t.Errorf("total %g of lines %g, %g SQS requests of %g, %g invocations", bill.Total, sum, bill.Requests, requests, bill.Invocations)
	}
	if want := 0.30 + 2*idle*0.4/1e6; !near(bill.Standing, want) {
		t.Errorf("standing cost %g, want %g", bill.Standing, want)
	}
}

func TestFewerReceivesAreEmptyTheMoreMessagesThereAre(t *testing.T) {
	before := math.Inf(1)
	for _, orders := range []float64{0, 1, 1e3, 1e5, 1e6, 1e7, 1e8} {
		u := usage()
		u.Orders = orders
		empty := 0.0
		for _, l := range cost.Estimate(shop(), u, []cost.Order{order}).Lines {
			if l.Name == "SQS receives of nothing" {
				empty = l.Quantity
			}
		}
		if empty > before || empty < 0 || empty > 2*idle*1.000001 {
			t.Errorf("%g orders: %g empty receives, after %g", orders, empty, before)
		}
		before = empty
	}
}

func TestEveryPriceHasASourceAndADate(t *testing.T) {
	for _, p := range cost.Prices() {
		if p.Name == "" || p.Unit == "" || p.USD <= 0 || p.Per <= 0 || p.Dated == "" ||
			!strings.HasPrefix(p.Page, "https://aws.amazon.com/") || !strings.HasPrefix(p.Read, "https://") {
			t.Errorf("incomplete: %+v", p)
		}
	}
	if _, err := time.Parse(time.DateOnly, cost.Checked); err != nil {
		t.Error(err)
	}
}
