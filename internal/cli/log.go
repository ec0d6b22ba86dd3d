package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plan"
)

func newLog(env Env) *cobra.Command {
	var names, paths []string
	var since string
	var opts operate.LogOptions
	var follow, verbose, asJSON bool
	cmd := &cobra.Command{
		Use:   "log [function...]",
		Short: "Show what functions have logged",
		Long: `Show what functions have logged, in the order of time: one, several, or all where none is named.

A function is named by its folder, a file in it, "POST /orders", or as much of the end of its
name as is the only one's. The lines of Lambda itself, START, END and REPORT, and those
about the end of what went well, are shown with --verbose, with --json, and where --filter asks.`,
		Example: `  less-cli log --function topics/order_placed/payment_service_process_payment
  less-cli log confirm_order process_payment --follow
  less-cli log --order 0199f3c2-77d5-7a10-8a6b-0e2a5c1f9d44 --since 2d
  less-cli log --filter 'kitchen does not answer' --project shop-eu --aws
  less-cli log --filter '{ $.level = "ERROR" && $.attempt > 3 }' --json | jq .message`,
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var err error
		if opts.Since, err = parseSince(since, time.Now()); err != nil {
			return usageError{cmd.CommandPath(), err}
		}
		d, err := place.open()
		if err != nil {
			return err
		}
		var functions []plan.Function
		for _, name := range slices.Concat(names, paths, args) {
			f, err := operate.Function(d.Plan, name)
			if err != nil {
				return err
			}
			functions = append(functions, f)
		}
		if len(functions) == 0 {
			functions = d.Plan.Functions
		}
		show, done := showLines(env, d.Plan, verbose || opts.Filter != "", asJSON)
		if follow {
			err = d.Follow(cmd.Context(), functions, opts, show)
			return errors.Join(err, done())
		}
		lines, err := d.Log(cmd.Context(), functions, opts)
		for _, l := range lines {
			show(l)
		}
		if err == nil && len(lines) == 0 && !asJSON {
			fmt.Fprintf(env.Err, "%s Nothing was logged since %s. Look further back with --since 1d\n", tag, clock(opts.Since))
		}
		return errors.Join(err, done())
	}
	f := cmd.Flags()
	f.StringArrayVarP(&names, "function", "f", nil, "a `function`; more than once for several")
	f.StringArrayVar(&paths, "path", nil, "the same as --function")
	f.BoolVar(&follow, "follow", false, "go on with what is logged from now on; Ctrl-C ends it")
	f.StringVar(&since, "since", "10m", "how far back: a `time` ago, as 10m, 2h, 3d, or a date")
	f.StringVar(&opts.Filter, "filter", "", "lines with this `text`, or CloudWatch's filter pattern in braces")
	f.StringVar(&opts.Order, "order", "", "only what belongs to the order with this correlation `id`")
	f.BoolVar(&verbose, "verbose", false, "show the START, END and REPORT lines, and the ends of what went well, too")
	f.BoolVar(&asJSON, "json", false, "write JSON, one object a line")
	return cmd
}

// parseSince reads how far to look back from now.
func parseSince(text string, now time.Time) (time.Time, error) {
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n > 0 {
			return now.Add(-time.Duration(n * 24 * float64(time.Hour))), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %q is no time. Write it like 10m, 2h, 3d or 2026-01-31 08:00", text)
}

// showLines returns what shows a line, as run does, and what ends that.
func showLines(env Env, p plan.Plan, platform, asJSON bool) (show func(operate.Line), done func() error) {
	if asJSON {
		e := json.NewEncoder(env.Out)
		e.SetEscapeHTML(false)
		var failed error
		return func(l operate.Line) { failed = errors.Join(failed, e.Encode(l)) }, func() error { return failed }
	}
	screen := console.New(env.Out, console.Options{Terminal: env.OutTerminal, Color: env.color(), Width: env.Width, Verbose: platform})
	screen.Plan(p)
	day := time.Now().Format(time.DateOnly)
	return func(l operate.Line) {
		if l.Platform() && !platform {
			return
		}
		if its := l.Time.Local().Format(time.DateOnly); its != day {
			day = its
			screen.Print(day + "\n")
		}
		screen.Emit(activity.Event{Kind: activity.Log, Time: l.Time, Function: l.Function, Line: l.Text})
	}, screen.Close
}
