package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/cost"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/schedule"
)

// costOptions are the flags of cost.
type costOptions struct {
	usage    cost.Usage
	duration int
	from     string
	json     bool
}

func newCost(env Env) *cobra.Command {
	var opts costOptions
	cmd := &cobra.Command{
		Use:   "cost",
		Short: "Estimate what the workflow costs on AWS in a month",
		Long: `Estimate what the workflow costs on AWS in a month, by its fan-out and AWS's list prices:
invocations, requests and storage, what most of it is paid for, and what larger batches
would change. For every route, and every topic that nothing here publishes, each with that
many orders, and for every cron as often as its schedule says. Where handlers choose, each
end is shown, and a mix in which all are as frequent.

Free tiers, discounts, retries and all that handlers call besides topics are left out.`,
		Example: "  less-cli cost --orders 1e6\n  less-cli cost --orders 5e4 --from 'POST /orders' --duration 20 --payload 4000\n  less-cli cost --json | jq '.estimates[].mix.total_usd'",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.check(); err != nil {
				return usageError{cmd.CommandPath(), err}
			}
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			starts := w.graph.Starts()
			if opts.from != "" {
				n, err := w.node(opts.from, "route, cron or topic", graph.Route, graph.Cron, graph.Topic, graph.ExternalTopic)
				if err != nil {
					return err
				}
				starts = []string{n.ID}
			}
			report := costReport{Region: cost.Region, Checked: cost.Checked, Usage: opts.usage, Prices: cost.Prices(), Estimates: []estimate{}}
			for _, start := range starts {
				report.Estimates = append(report.Estimates, w.estimate(start, opts.usage))
			}
			if opts.json {
				return writeJSON(env.Out, report)
			}
			writeCosts(env.Out, report)
			return nil
		},
	}
	f := cmd.Flags()
	f.Float64Var(&opts.usage.Orders, "orders", 1e6, "how many events begin in a month, evenly spread; 1e6 is a million")
	f.StringVar(&opts.from, "from", "", "the route, cron or topic at which they begin")
	f.IntVar(&opts.duration, "duration", 100, "how long a run takes on average, in `milliseconds`")
	f.IntVar(&opts.usage.Payload, "payload", 1000, "size of a message, a request and an answer, in `bytes`")
	f.IntVar(&opts.usage.Batch, "batch", 1, "how many messages an invocation gets on average")
	f.IntVar(&opts.usage.Logs, "logs", 1000, "what a handler logs in a run, in `bytes`")
	f.BoolVar(&opts.json, "json", false, "write JSON")
	return cmd
}

// check refuses what AWS would, and completes the options.
func (o *costOptions) check() error {
	u := &o.usage
	switch {
	case !(u.Orders >= 0 && u.Orders <= 1e12):
		return fmt.Errorf("--orders is %g, and a month has 0 to 1e12", u.Orders)
	case o.duration < 1 || o.duration > 900_000:
		return fmt.Errorf("--duration is %d, and a run takes 1 to 900000 milliseconds", o.duration)
	case u.Payload < 0 || u.Payload > 256<<10:
		return fmt.Errorf("--payload is %d, and a message has at most %d bytes", u.Payload, 256<<10)
	case u.Batch < 1 || u.Batch > 10_000:
		return fmt.Errorf("--batch is %d, and a batch has 1 to 10000 messages", u.Batch)
	case u.Logs < 0 || u.Logs > 1<<30:
		return fmt.Errorf("--logs is %d, and a run logs 0 to %d bytes", u.Logs, 1<<30)
	}
	u.Duration = time.Duration(o.duration) * time.Millisecond
	return nil
}

// A costReport is the stable output of less-cli cost --json.
type costReport struct {
	Region string `json:"region"`
	// Checked is when the prices were.
	Checked   string       `json:"prices_checked"`
	Usage     cost.Usage   `json:"usage"`
	Estimates []estimate   `json:"estimates"`
	Prices    []cost.Price `json:"prices"`
}

// An estimate is what the orders from one start cost.
type estimate struct {
	From  string `json:"from"`
	Label string `json:"label"`
	// Orders is how many begin in a month: those asked for, or those of a schedule.
	Orders float64   `json:"orders"`
	Ends   []endCost `json:"ends"`
	// More says that there are more ends than Ends has, and Endless that there are
	// some that never end. Neither is in Mix.
	More    bool `json:"more,omitempty"`
	Endless bool `json:"endless,omitempty"`
	// Mix is when all of Ends are as frequent.
	Mix     cost.Bill   `json:"mix"`
	Batches []batchCost `json:"batches"`
	// Gap is how many seconds the busiest queue of the mix waits for a message.
	Gap float64 `json:"busiest_queue_gap_s,omitempty"`
}

// An endCost is what it costs when all orders end that way.
type endCost struct {
	Name      string  `json:"name"`
	Failure   bool    `json:"failure,omitempty"`
	Runs      int     `json:"runs"`
	Publishes int     `json:"publishes"`
	USD       float64 `json:"usd"`
}

// A batchCost is what the mix costs with batches of another size.
type batchCost struct {
	Batch       int     `json:"batch"`
	Invocations float64 `json:"invocations"`
	Requests    float64 `json:"sqs_requests"`
	USD         float64 `json:"usd"`
}

func (w workflow) estimate(start string, u cost.Usage) estimate {
	paths := w.graph.PathsFrom(start, w.flow)
	first := cost.Order{}
	switch n, _ := w.graph.Node(start); n.Kind {
	case graph.Route:
		first = cost.Order{Function: start, HTTP: true}
	case graph.Cron:
		first = cost.Order{Function: start}
		u.Orders = w.perMonth(start)
	}
	out := estimate{From: start, Label: paths.Label, Orders: u.Orders, More: paths.More, Ends: []endCost{}}
	var orders []cost.Order
	messages := map[string]float64{}
	for _, e := range paths.Ends {
		if e.Kind == graph.Endless {
			out.Endless = true
		}
		if e.Kind != graph.Delivered {
			continue
		}
		order := first
		order.Subscribers, order.Published = e.Subscribers, len(e.Published)
		orders = append(orders, order)
		for _, s := range e.Subscribers {
			messages[s]++
		}
		out.Ends = append(out.Ends, endCost{
			Name: e.Name, Failure: e.Failure, Runs: e.Runs, Publishes: order.Published,
			USD: cost.Estimate(w.plan, u, []cost.Order{order}).Total,
		})
	}
	out.Mix = cost.Estimate(w.plan, u, orders)
	for _, n := range messages {
		if each := u.Orders * n / float64(len(orders)); each > 0 {
			if gap := cost.Month.Seconds() / each; out.Gap == 0 || gap < out.Gap {
				out.Gap = gap
			}
		}
	}
	sizes := []int{1, 10, 100, u.Batch}
	slices.Sort(sizes)
	for _, size := range slices.Compact(sizes) {
		v := u
		v.Batch = size
		b := cost.Estimate(w.plan, v, orders)
		out.Batches = append(out.Batches, batchCost{size, b.Invocations, b.Requests, b.Total})
	}
	return out
}

// perMonth is how often a cron runs: a twelfth of a year's times, or where these
// are many, those of a month.
func (w workflow) perMonth(id string) float64 {
	i := slices.IndexFunc(w.plan.Crons, func(c plan.Cron) bool { return c.Function == id })
	s, err := schedule.Parse(w.plan.Crons[i].Schedule)
	if err != nil {
		return 0 // the scan has refused it
	}
	const many = 1000
	begin := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	month, year := 0, 0
	for at, due := s.Next(begin, begin); due; at, due = s.Next(begin, at) {
		if at.Sub(begin) <= cost.Month {
			month++
		} else if month >= many || at.Sub(begin) > 12*cost.Month {
			break
		}
		year++
	}
	if month >= many {
		return float64(month)
	}
	return float64(year) / 12
}

func writeCosts(out io.Writer, r costReport) {
	for _, e := range r.Estimates {
		writeCost(out, r.Usage, e)
		fmt.Fprintln(out)
	}
	if len(r.Estimates) > 1 {
		fmt.Fprint(out, "Each has the alarms and the polling of the whole application: count these once.\n")
	}
	fmt.Fprintf(out, `List prices of %s, as others quote AWS's pages (compared on %s; --json has the
source and date of each). Free tiers, retries, dashboards and what handlers call are not counted.
Not verified: that SNS's sends count as SQS requests, five pollers a queue, and that Lambda logs
0.7 kB of each invocation.
`, r.Region, r.Checked)
}

func writeCost(out io.Writer, u cost.Usage, e estimate) {
	fmt.Fprintf(out, "%s, %s a month: %s\n", clip(e.Label, 60), amount(e.Orders), dollars(e.Mix.Total))
	if len(e.Ends) == 0 {
		fmt.Fprintln(out, "  no order comes to an end, so this is a month without any")
	} else {
		fmt.Fprintf(out, "\n  %-54s %6s %9s %12s %11s\n", "if all end with", "runs", "publishes", "a month", "an order")
	}
	runs, publishes := 0, 0
	for _, end := range e.Ends {
		name := "✓ " + end.Name
		if end.Failure {
			name += ", after a failure"
		}
		fmt.Fprintf(out, "  %-54s %6d %9d %12s %11s\n", clip(name, 54), end.Runs, end.Publishes, dollars(end.USD), perOrder(end.USD, e.Orders))
		runs, publishes = runs+end.Runs, publishes+end.Publishes
	}
	if n := float64(len(e.Ends)); n > 1 {
		fmt.Fprintf(out, "  %-54s %6.1f %9.1f %12s %11s\n", fmt.Sprintf("each of these %d as often as the others", len(e.Ends)),
			float64(runs)/n, float64(publishes)/n, dollars(e.Mix.Total), perOrder(e.Mix.Total, e.Orders))
	}
	if e.More {
		fmt.Fprintf(out, "  … there are more than %d ends; the mix is of these\n", graph.MaxEnds)
	}
	if e.Endless {
		fmt.Fprintln(out, "  ∞ some orders never end, and cost without end; they are not in the mix")
	}

	fmt.Fprintf(out, "\n  %-32s %20s %-10s %16s\n", "paid for", "", "", "a month")
	for _, l := range e.Mix.Lines {
		fmt.Fprintf(out, "  %-32s %20s %-10s %16s %5.0f %%\n", l.Name, amount(l.Quantity), l.Unit, dollars(l.USD), 100*l.USD/e.Mix.Total)
	}
	fmt.Fprintf(out, "  A month without any order costs %s: alarms, and polling.\n", dollars(e.Mix.Standing))

	fmt.Fprintf(out, "\n  %s\n", dominates(e.Mix))
	if e.Gap == 0 {
		return
	}
	fmt.Fprintf(out, "\n  %-32s %20s %16s %10s\n", "messages in a batch, on average", "invocations", "SQS requests", "a month")
	for _, b := range e.Batches {
		mark := ""
		if b.Batch == u.Batch {
			mark = " ← above"
		}
		fmt.Fprintf(out, "  %-32d %20s %16s %10s%s\n", b.Batch, amount(b.Invocations), amount(b.Requests), dollars(b.USD), mark)
	}
	fmt.Fprintf(out, "  Here the busiest queue gets a message every %s. A batch is what waits when a poller\n", seconds(e.Gap))
	fmt.Fprintln(out, "  looks: one message, unless they come in bursts, or a batching window makes them wait.")
}

// A part is what lines belong to, by the beginning of their names, and what one
// can say of it.
type part struct{ line, name, reason string }

var parts = []part{
	{"SQS receives of nothing", "SQS receives of nothing", "queues are polled all month, empty or not"},
	{"SQS", "SQS requests for messages", "every message is sent, received and deleted"},
	{"CloudWatch Logs", "CloudWatch Logs", "fewer or shorter lines cost less"},
	{"CloudWatch alarms", "CloudWatch alarms", "there is one for each subscriber and API"},
	{"Lambda", "Lambda", "shorter runs, less memory and larger batches cost less"},
	{"HTTP API", "HTTP API requests", "there is one for each request"},
	{"SNS", "SNS publishes", "there is one for each event"},
	{"data", "data to the internet", "it is what the routes answer"},
}

// dominates says what most is paid for, and why.
func dominates(b cost.Bill) string {
	sums := make([]float64, len(parts))
	best := 0
	for _, l := range b.Lines {
		i := slices.IndexFunc(parts, func(p part) bool { return strings.HasPrefix(l.Name, p.line) })
		sums[i] += l.USD
		if sums[i] > sums[best] {
			best = i
		}
	}
	return fmt.Sprintf("The largest part is %s, %.0f %%: %s.", parts[best].name, 100*sums[best]/b.Total, parts[best].reason)
}

// dollars writes an amount of money, to the cent or to the first two digits.
func dollars(usd float64) string {
	if usd >= 0.1 || usd == 0 {
		whole, cents, _ := strings.Cut(strconv.FormatFloat(usd, 'f', 2, 64), ".")
		return "$" + grouped(whole) + "." + cents
	}
	return "$" + strconv.FormatFloat(usd, 'f', max(2, 1-int(math.Floor(math.Log10(usd)))), 64)
}

func perOrder(usd, orders float64) string {
	if orders == 0 {
		return ""
	}
	return dollars(usd / orders)
}

// amount writes a quantity: whole, or small with its first digits.
func amount(n float64) string {
	if n < 100 && n != math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', max(2, 1-int(math.Floor(math.Log10(n)))), 64)
	}
	return grouped(strconv.FormatFloat(n, 'f', 0, 64))
}

// grouped separates the thousands of a whole number.
func grouped(digits string) string {
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// seconds writes a time for people.
func seconds(s float64) string {
	switch {
	case s < 1:
		return strconv.FormatFloat(1000*s, 'f', 1, 64) + " ms"
	case s < 120:
		return fmt.Sprintf("%.1f s", s)
	case s < 7200:
		return fmt.Sprintf("%.0f minutes", s/60)
	}
	return fmt.Sprintf("%.0f hours", s/3600)
}

func clip(s string, width int) string {
	if r := []rune(s); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}
