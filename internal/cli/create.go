package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/scaffold"
	"github.com/less-go/less/internal/scan"
)

func newCreate(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Write new code: a route, a topic, subscribers, a cron, a shared module",
		Long: `Write the smallest code that compiles, where it belongs, to go on from. What exists already is
left as it is. In a folder without a project one is made first.

Flags that are missing are asked for on a terminal.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCreateRoute(env), newCreateTopic(env), newCreateSubscribers(env), newCreateCron(env), newCreateSharedModule(env))
	return cmd
}

// A creation is one create command: what its flags say.
type creation struct {
	env      Env
	cmd      *cobra.Command
	language string
}

// command makes the command use, which writes what write does.
func (c *creation) command(use, short, example string, write func(p *scaffold.Project) ([]scaffold.File, error), prepare func() error) *cobra.Command {
	c.cmd = &cobra.Command{
		Use: use, Short: short, Example: example,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(c.checkLanguage(), prepare()); err != nil {
				return usageError{cmd.CommandPath(), err}
			}
			return c.run(write)
		},
	}
	c.cmd.Flags().StringVarP(&c.language, "language", "l", "go", "the language of the handler: go")
	return c.cmd
}

func (c *creation) flags() *pflag.FlagSet { return c.cmd.Flags() }

// external gives the command the flag for the application that a topic is of.
func (c *creation) external(app *string) {
	c.flags().StringVar(app, "external-topic", "", "the `application` that publishes to the topic, where it is not this one; -ex is the same")
}

func (c *creation) checkLanguage() error {
	if c.language != "go" {
		return fmt.Errorf("there are no handlers in %q: --language go is what exists", c.language)
	}
	return nil
}

// run writes into the project around, or into one that is made with it.
func (c *creation) run(write func(p *scaffold.Project) ([]scaffold.File, error)) error {
	p, dir, err := c.project()
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // nothing is held back
	err = written(c.env, dir, p, func() ([]scaffold.File, error) { return write(p) })
	if problems, ok := errors.AsType[scan.Problems](err); ok {
		return fmt.Errorf("nothing is written, because of %s:\n%w", plural.Count(len(problems), "problem"), problems)
	}
	return err
}

// project opens the project around, or begins one in a folder that has none.
func (c *creation) project() (p *scaffold.Project, dir string, err error) {
	dir, err = c.env.findProject(nil)
	if err == nil {
		p, err = scaffold.Open(dir)
		return p, dir, err
	}
	if _, found := errors.AsType[noProjectError](err); !found {
		return nil, "", err
	}
	p, err = newlyMade(c.env.Dir, filepath.Base(c.env.Dir))
	if err != nil {
		return nil, "", fmt.Errorf("there is no project here, and none can be made: %w", err)
	}
	return p, c.env.Dir, nil
}

// generateQuietly brings the generated code up to date, as far as the tree allows:
// what is wrong with it is told by the commands that need it whole.
func generateQuietly(dir string) error {
	_, files, err := project.Scan(dir)
	if err != nil {
		return nil //nolint:nilerr // somebody is at work on the tree
	}
	_, err = gen.Write(dir, files)
	return err
}

func newCreateRoute(env Env) *cobra.Command {
	c := &creation{env: env}
	var name, path, verb string
	cmd := c.command("route", "Write a route",
		"  less-cli create route --name orders --path /orders --verb post --language go\n  less-cli create route -n orders -p '/orders/{order_id}' -v get",
		func(p *scaffold.Project) ([]scaffold.File, error) { return p.Route(name, path, verb) },
		func() error {
			return env.ask(
				question{"name", "the API's name", &name},
				question{"path", "the path, such as /orders/{order_id}", &path},
				question{"verb", "the verb: " + strings.Join(scaffold.Verbs, ", "), &verb},
			)
		})
	c.flags().StringVarP(&name, "name", "n", "", "the API's name")
	c.flags().StringVarP(&path, "path", "p", "", "the path; a parameter is {name}")
	c.flags().StringVarP(&verb, "verb", "v", "", strings.Join(scaffold.Verbs, ", "))
	offer(cmd, "verb", scaffold.Verbs)
	return cmd
}

func newCreateTopic(env Env) *cobra.Command {
	c := &creation{env: env}
	var name, external string
	var subscribers []string
	cmd := c.command("topic", "Write a topic, and subscribers of it",
		"  less-cli create topic --name order_placed\n  less-cli create topic --name restaurant_confirmed_order --subscribers loyalty_service_add_points order_service_update_status --language go\n  less-cli create topic --name message_sent --external-topic chat --subscribers notification_service_notify_user",
		func(p *scaffold.Project) ([]scaffold.File, error) {
			if external != "" {
				return p.ExternalTopic(external, name, subscribers)
			}
			return p.Topic(name, subscribers)
		},
		func() error { return env.ask(question{"name", "the topic's name", &name}) })
	c.flags().StringVarP(&name, "name", "n", "", "the topic's name")
	c.flags().StringArrayVarP(&subscribers, "subscribers", "s", nil, "the `names` of subscribers, with spaces between them")
	c.external(&external)
	return cmd
}

func newCreateSubscribers(env Env) *cobra.Command {
	c := &creation{env: env}
	var topic, external, first string
	var names []string
	cmd := c.command("subscribers", "Write subscribers of a topic",
		"  less-cli create subscribers --topic order_placed --names fraud_service_check_order\n  less-cli create subscribers --topic message_sent --external-topic chat --names fraud_service_check_message",
		func(p *scaffold.Project) ([]scaffold.File, error) {
			if external != "" {
				return p.ExternalSubscribers(external, topic, names)
			}
			return p.Subscribers(topic, names)
		},
		func() error {
			first = strings.Join(names, " ")
			err := env.ask(question{"topic", "the topic's name", &topic}, question{"names", "the subscribers' names", &first})
			names = strings.Fields(first)
			return err
		})
	c.flags().StringVarP(&topic, "topic", "t", "", "the topic's name")
	c.flags().StringArrayVarP(&names, "names", "n", nil, "the `names` of subscribers, with spaces between them")
	c.external(&external)
	return cmd
}

func newCreateCron(env Env) *cobra.Command {
	c := &creation{env: env}
	var name, schedule string
	cmd := c.command("cron", "Write a function that runs by schedule",
		"  less-cli create cron --name send_report --schedule 'cron(0 18 ? * MON-FRI *)'",
		func(p *scaffold.Project) ([]scaffold.File, error) { return p.Cron(name, schedule) },
		func() error { return env.ask(question{"name", "the cron's name", &name}) })
	c.flags().StringVarP(&name, "name", "n", "", "the cron's name")
	c.flags().StringVar(&schedule, "schedule", "rate(1 day)", "when it runs, in UTC, as EventBridge writes it")
	return cmd
}

func newCreateSharedModule(env Env) *cobra.Command {
	c := &creation{env: env}
	var name string
	cmd := c.command("shared-module", "Write a package that handlers share",
		"  less-cli create shared-module --name models",
		func(p *scaffold.Project) ([]scaffold.File, error) { return p.SharedModule(name) },
		func() error { return env.ask(question{"name", "the module's name", &name}) })
	c.flags().StringVarP(&name, "name", "n", "", "the module's name")
	return cmd
}

// lists gives each value of a flag that takes several its flag: "--subscribers a b"
// becomes "--subscribers a --subscribers b". A flag of one dash and two letters, as Less has one,
// becomes the long one.
func lists(args []string) []string {
	if len(args) < 2 || args[0] != "create" {
		return args
	}
	several := []string{"--subscribers", "-s"}
	if args[1] == "subscribers" {
		several = []string{"--names", "-n"}
	}
	var out []string
	flag := ""
	for i, arg := range args {
		switch {
		case arg == several[0] || arg == several[1]:
			flag = several[0]
			if i+1 == len(args) || strings.HasPrefix(args[i+1], "-") {
				return append(out, flag) // which has no value, and is told so
			}
		case arg == "-ex" || strings.HasPrefix(arg, "-ex="):
			flag = ""
			out = append(out, "--external-topic"+strings.TrimPrefix(arg, "-ex"))
		case strings.HasPrefix(arg, "-"):
			flag = ""
			out = append(out, arg)
		case flag != "":
			out = append(out, flag+"="+arg)
		default:
			out = append(out, arg)
		}
	}
	return out
}
