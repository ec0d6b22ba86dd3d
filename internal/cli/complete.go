package cli

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/scan"
)

// A complete lists what a shell may offer for one argument.
type complete func(a app.App) []string

// completing offers what each of arguments lists, in their order, for the project
// in the working directory. It reads the tree and no code, so it is quick.
func (e Env) completing(arguments ...complete) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(arguments) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		dir, err := e.findProject(nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		a, err := scan.Dir(os.DirFS(dir))
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []string
		for _, word := range arguments[len(args)](a) {
			if strings.HasPrefix(word, prefix) {
				out = append(out, word)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

func functions(a app.App) []string {
	var out []string
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			out = append(out, r.ID())
		}
	}
	for _, c := range a.Crons {
		out = append(out, c.ID())
	}
	for _, s := range a.Subscribers() {
		out = append(out, s.ID())
	}
	return out
}

func crons(a app.App) []string {
	var out []string
	for _, c := range a.Crons {
		out = append(out, c.Name)
	}
	return out
}

func routes(a app.App) []string {
	var out []string
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	return out
}

func topics(a app.App) []string {
	var out []string
	for _, t := range a.Topics {
		out = append(out, t.Name)
	}
	return out
}

func apis(a app.App) []string {
	var out []string
	for _, api := range a.APIs {
		out = append(out, api.Name)
	}
	return out
}

func externalTopics(a app.App) []string {
	var out []string
	for _, t := range a.External {
		out = append(out, t.ID())
	}
	return out
}

func routesAndTopics(a app.App) []string {
	return slices.Concat(routes(a), topics(a), externalTopics(a))
}

// offer makes shells offer the values of a flag.
func offer(cmd *cobra.Command, flag string, values []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		var out []string
		for _, v := range values {
			if strings.HasPrefix(v, prefix) {
				out = append(out, v)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // there is no such flag
	}
}
