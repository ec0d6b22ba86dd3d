package cli

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/operate"
)

func newInvoke(env Env) *cobra.Command {
	var data string
	var headers []string
	var call operate.Call
	var withLog, asJSON bool
	cmd := &cobra.Command{
		Use:   "invoke <function>",
		Short: "Run one function once, and wait for it",
		Long: `Run one function once, with an event as API Gateway makes it for a route, its queue for a
subscriber, and its schedule for a cron. What it publishes is published. A message that fails is not tried again. The exit code
is 1 where the function fails, or a route answers 500 or more.

A function is named by its folder, a file in it, "POST /orders", or as much of the end of its
name as is the only one's.`,
		Example: `  less-cli invoke apis/orders/orders/post --data '{"customer":"Cesaria","items":["cachupa"]}' --log
  less-cli invoke confirm_order --data @order.json
  less-cli invoke 'GET /orders/{order_id}' --path '/orders/17?verbose=true'
  less-cli invoke crons/send_report`,
		Args: usage(cobra.ExactArgs(1)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := place.open()
		if err != nil {
			return err
		}
		f, err := operate.Function(d.Plan, args[0])
		if err != nil {
			return err
		}
		_, route := operate.Route(d.Plan, f)
		_, isCron := operate.Cron(d.Plan, f)
		isRoute := route.Function != ""
		switch {
		case data == "" && !isRoute && !isCron:
			return place.wrong("--data is missing: %s handles messages. Give JSON, @file, or - for the standard input", f.ID)
		case isCron && (data != "" || call.CorrelationID != ""):
			return place.wrong("--data and --correlation-id are for routes and subscribers, and %s runs by schedule", f.ID)
		case !isRoute && (call.Method != "" || call.Path != "" || len(headers) > 0):
			return place.wrong("--method, --path and --header are for routes, and %s is none", f.ID)
		}
		if data != "" {
			if call.Data, err = place.json(data); err != nil {
				return err
			}
		}
		if call.Header, err = parseHeaders(headers); err != nil {
			return usageError{cmd.CommandPath(), err}
		}
		result, err := d.Invoke(cmd.Context(), f, call)
		if err != nil {
			return err
		}
		return showInvocation(env, result, withLog, asJSON)
	}
	f := cmd.Flags()
	f.StringVarP(&data, "data", "d", "", "the message or the body: `JSON`, @file, or - for the standard input")
	f.StringVar(&call.Method, "method", "", "the request's `verb`, where it is not the route's")
	f.StringVar(&call.Path, "path", "", "the request's `path`, with parameters and query")
	f.StringArrayVar(&headers, "header", nil, "a header of the request, `'Name: value'`")
	f.StringVar(&call.CorrelationID, "correlation-id", "", "the `id` of the order it belongs to; a new one where it is not given")
	f.BoolVar(&withLog, "log", false, "show what it logged, the last 4 KB")
	f.BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func parseHeaders(headers []string) (http.Header, error) {
	out := http.Header{}
	for _, h := range headers {
		name, value, found := strings.Cut(h, ":")
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, fmt.Errorf("--header %q has no name. Write it like 'Accept: text/plain'", h)
		}
		out.Add(name, strings.TrimSpace(value))
	}
	return out, nil
}

// showInvocation shows what came of an invocation. The error is the function's.
func showInvocation(env Env, r operate.Invocation, withLog, asJSON bool) error {
	if asJSON {
		if err := writeJSON(env.Out, r); err != nil {
			return err
		}
	} else {
		if withLog {
			writeTail(env, r)
		}
		writeInvocation(env, r)
	}
	if r.Error != "" {
		return fmt.Errorf("%s failed: %s", r.Function, console.Clean(r.Error))
	}
	return nil
}

// writeInvocation shows the result, and on standard error what is to be said about it.
func writeInvocation(env Env, r operate.Invocation) {
	what := "done"
	switch {
	case r.Status > 0:
		what = fmt.Sprintf("answered %d %s", r.Status, http.StatusText(r.Status))
	case r.Error != "":
		what = "failed"
	}
	fmt.Fprintf(env.Err, "%s %s %s in %s\n", tag, r.Function, what, console.Duration(r.Duration))
	if r.CorrelationID != "" {
		fmt.Fprintf(env.Err, "%s correlation id: %s\n", tag, console.Clean(r.CorrelationID))
	}
	fmt.Fprintln(env.Out, pretty(r.Result))
}

// writeTail shows on standard error what the function logged, as run shows it.
func writeTail(env Env, r operate.Invocation) {
	for _, line := range r.Log {
		fmt.Fprintln(env.Err, console.LogText(line))
	}
}
