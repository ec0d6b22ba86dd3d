// Package cost estimates what a workflow costs on AWS in a month: from the
// resources of its plan, what one event makes of them, and AWS's list prices.
//
// It counts what the application itself causes when all goes well: no retries, no
// dead letters, and nothing that handlers call besides topics. Free tiers and
// discounts are left out, so small applications often cost less.
package cost

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/less-go/less/internal/plan"
)

// Month is that of AWS's examples.
const Month = 730 * time.Hour

// What AWS does, and what nobody can know.
const (
	// pollers is how many long polls an event source mapping keeps open. It goes
	// down to two for an idle queue, but not with a maximum concurrency, which every
	// mapping of ours has. Measured by others: 15 empty receives a minute.
	pollers = 5
	// longPoll is how long one waits.
	longPoll = 20 * time.Second
	// perReceive is how many messages SQS hands out, or deletes, at once.
	perReceive = 10
	// chunk is what SQS and SNS count as one request, httpChunk what an HTTP API does.
	chunk     = 64 << 10
	httpChunk = 512 << 10
	// attributes are the event's own, in bytes: ids, time, source, trace.
	attributes = 500
	// eventOverhead is what CloudWatch Logs adds to each line.
	eventOverhead = 26
	// platformLogs is what Lambda writes of an invocation, in bytes: when it began and
	// ended and what it took. An estimate.
	platformLogs = 700 + 3*eventOverhead
	// compressed is what is left of logs when they are kept. AWS's examples take 0.15.
	compressed = 0.15
	// logsKept is the retention of log groups, in months.
	logsKept = 30 * 24 * time.Hour
	gb       = 1e9
)

// Usage is what an estimate is for.
type Usage struct {
	// Orders is how many events of one kind begin in a month, evenly spread.
	Orders float64 `json:"orders"`
	// Duration is how long one run of a handler takes, on average. The messages of a
	// batch run at the same time, so that a batch takes as long as one: true of
	// handlers that wait, not of those that compute.
	Duration time.Duration `json:"duration_ns"`
	// Payload is the size of a message, a request and an answer, in bytes.
	Payload int `json:"payload"`
	// Batch is how many messages an invocation gets, on average.
	Batch int `json:"batch"`
	// Logs is what a handler writes in a run, in bytes.
	Logs int `json:"logs"`
}

// An Order is what one event leads to.
type Order struct {
	// Function is the identity of the route or cron that it begins with, "" for none;
	// HTTP says that it is a request.
	Function string
	HTTP     bool
	// Subscribers are those that run, and Published how often a topic is published to.
	Subscribers []string
	Published   int
}

// A Bill is what a month costs.
type Bill struct {
	// Lines are what is paid for, the most expensive first.
	Lines []Line `json:"lines"`
	// Total is their sum, and Standing the part of it without any order, in dollars.
	Total    float64 `json:"total_usd"`
	Standing float64 `json:"standing_usd"`
	// Invocations are Lambda's, and Requests those of SQS.
	Invocations float64 `json:"invocations"`
	Requests    float64 `json:"sqs_requests"`
}

// A Line is one thing that is paid for.
type Line struct {
	// Name says what, which for SQS is more than the price's name.
	Name     string  `json:"name"`
	Quantity float64 `json:"quantity"`
	Unit     string  `json:"unit"`
	USD      float64 `json:"usd"`
}

// Estimate is what a month costs in which each of orders is one equal part of
// u.Orders.
func Estimate(p plan.Plan, u Usage, orders []Order) Bill {
	var b Bill
	for _, line := range b.count(p, u, orders) {
		b.Lines = append(b.Lines, line)
		b.Total += line.USD
	}
	for _, line := range new(Bill).count(p, Usage{Batch: 1}, nil) {
		b.Standing += line.USD
	}
	slices.SortStableFunc(b.Lines, func(x, y Line) int { return cmp.Compare(y.USD, x.USD) })
	return b
}

// count fills in the quantities and returns the lines.
func (b *Bill) count(p plan.Plan, u Usage, orders []Order) []Line {
	each := u.Orders / float64(max(1, len(orders)))
	messages := map[string]float64{} // by subscriber
	direct := map[string]float64{}   // by route or cron
	var published, requests float64
	for _, o := range orders {
		published += each * float64(o.Published)
		if o.Function != "" {
			direct[o.Function] += each
		}
		if o.HTTP {
			requests += each
		}
		for _, s := range o.Subscribers {
			messages[s] += each
		}
	}

	var sent, received, deleted, empty, compute, runs float64
	seconds := u.Duration.Seconds()
	for _, f := range p.Functions {
		invocations := direct[f.ID] + messages[f.ID]/float64(u.Batch)
		runs += direct[f.ID] + messages[f.ID]
		b.Invocations += invocations
		compute += invocations * seconds * float64(f.Memory) / 1024
	}
	size := u.Payload + attributes
	at := float64(min(u.Batch, perReceive))
	for _, s := range p.Subscriptions() {
		n := messages[s.Function]
		sent += n * chunks(size, chunk)
		received += n / at * chunks(size*min(u.Batch, perReceive), chunk)
		deleted += n / at
		empty += emptyReceives(n / at)
	}
	b.Requests = sent + received + deleted + empty
	written := (runs*float64(u.Logs+eventOverhead) + b.Invocations*platformLogs) / gb
	if runs == 0 {
		written = 0
	}

	return slices.DeleteFunc([]Line{
		lambdaRequest.line("", b.Invocations),
		lambdaCompute.line("", compute),
		httpRequest.line("", requests*chunks(u.Payload, httpChunk)),
		snsPublish.line("", published*chunks(size, chunk)),
		sqsRequest.line("SQS sends, by SNS", sent),
		sqsRequest.line("SQS receives", received),
		sqsRequest.line("SQS deletes", deleted),
		sqsRequest.line("SQS receives of nothing", empty),
		logsIngested.line("", written),
		logsStored.line("", written*compressed*float64(logsKept)/float64(Month)),
		dataOut.line("", requests*float64(u.Payload)/gb),
		alarm.line("", float64(len(p.Subscriptions())+len(p.APIs))),
	}, func(l Line) bool { return l.Quantity == 0 })
}

// line is a quantity at a price.
func (p Price) line(name string, quantity float64) Line {
	return Line{Name: cmp.Or(name, p.Name), Quantity: quantity, Unit: p.Unit, USD: quantity * p.USD / p.Per}
}

func chunks(size, of int) float64 { return float64(max(1, (size+of-1)/of)) }

// emptyReceives is how many of a month's long polls of one queue end without a
// message, when its pollers receive something that many times, at random moments:
// an idle queue's all do, and a busy one's almost never.
func emptyReceives(received float64) float64 {
	wait := longPoll.Seconds()
	seconds := Month.Seconds()
	rate := received / pollers / seconds
	if rate*wait < 1e-9 {
		return pollers * seconds / wait
	}
	// A poll ends empty with the probability e^-x, and lasts (1-e^-x)/rate on average.
	x := rate * wait
	return pollers * seconds * rate / math.Expm1(x)
}
