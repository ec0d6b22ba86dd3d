package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/less-go/less/internal/near"
)

// A usageError is a command line that makes no sense.
type usageError struct {
	command string
	err     error
}

func (e usageError) Error() string {
	text := e.err.Error()
	if !strings.HasSuffix(text, "?") {
		text += "."
	}
	return fmt.Sprintf("%s Run '%s --help' to see how it is used", text, e.command)
}

func (e usageError) Unwrap() error { return e.err }
func (e usageError) ExitCode() int { return codeUsage }

// usage makes the errors of a check of arguments errors of usage.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		if cmd.HasSubCommands() {
			var names []string
			for _, sub := range cmd.Commands() {
				names = append(names, sub.Name())
			}
			err = guessed(err, near.Name(args[0], names))
		}
		return usageError{cmd.CommandPath(), err}
	}
}

// guessed adds to an error what was meant, where that can be guessed.
func guessed(err error, meant string) error {
	if meant == "" {
		return err
	}
	return fmt.Errorf("%w. Did you mean %s?", err, meant)
}

// takes says what a flag of a type takes.
var takes = map[string]string{
	"int": "a whole number", "float64": "a number", "bool": "true or false",
	"duration": "a time such as 500ms, 30s or 2h", "stringToString": "name=value",
}

// flagError is what is wrong with a flag, without the words of the parser.
func flagError(cmd *cobra.Command, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if what := takes[invalid.GetFlag().Value.Type()]; what != "" {
			err = fmt.Errorf("--%s is %q, and takes %s", invalid.GetFlag().Name, invalid.GetValue(), what)
		}
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		err = guessed(err, near.Name("--"+unknown.GetSpecifiedName(), names))
	}
	return usageError{cmd.CommandPath(), err}
}

// refuseUnknown makes the commands that cobra brings refuse what they do not know,
// instead of showing help as if they had been asked for it.
func refuseUnknown(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args = usage(cobra.NoArgs)
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err == nil && found != nil && len(rest) == 0 {
					return nil
				}
				return usageError{root.Name(), fmt.Errorf("there is no command %q", strings.Join(args, " "))}
			}
		}
	}
}
