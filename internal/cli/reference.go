package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Reference is the documentation of all commands as Markdown, from the same text
// as their help.
func Reference() string {
	root := newRoot(Env{Getenv: func(string) string { return "" }})
	var out strings.Builder
	out.WriteString("# less-cli\n\nMade from the commands' own help, `less-cli <command> --help`: change it there.\n\n" +
		"Results are on standard output, all else on standard error. The exit code is 0 when a command is done, 1 when it failed, 2 when it was\n" +
		"used in a wrong way, 3 when a check found something.\n\n" +
		"`source <(less-cli completion bash)` lets the shell complete commands, flags, functions and topics; zsh and fish can too.\n")
	describe(&out, root)
	return out.String()
}

func describe(out *strings.Builder, cmd *cobra.Command) {
	if cmd.HasParent() {
		fmt.Fprintf(out, "\n## %s\n\n", cmd.CommandPath())
		text := cmd.Long
		if text == "" {
			text = cmd.Short + "."
		}
		fmt.Fprintf(out, "%s\n", strings.TrimSpace(text))
		if cmd.Runnable() && !cmd.HasSubCommands() {
			fmt.Fprintf(out, "\n```\n%s\n```\n", cmd.UseLine())
		}
		if flags := cmd.NonInheritedFlags().FlagUsages(); flags != "" {
			fmt.Fprintf(out, "\n```\n%s```\n", flags)
		}
		if cmd.Example != "" {
			fmt.Fprintf(out, "\nExamples:\n\n```\n%s\n```\n", unindent(cmd.Example))
		}
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" && sub.Name() != "completion" {
			describe(out, sub)
		}
	}
}

func unindent(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return strings.Join(lines, "\n")
}
