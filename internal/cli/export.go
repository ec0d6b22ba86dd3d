package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/export"
)

func newExport(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what the project promises, for other tools",
		Long: `Write the documents that other tools read: AsyncAPI for the topics, OpenAPI for the
routes. They are made from the code: schemas from the Go types with their comments,
operations from who publishes and subscribes.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newExportAsyncAPI(env), newExportOpenAPI(env))
	return cmd
}

func newExportAsyncAPI(env Env) *cobra.Command {
	var opts export.Options
	cmd := &cobra.Command{
		Use:     "asyncapi",
		Short:   "Write the topics as an AsyncAPI 3.0 document",
		Example: "  less-cli export asyncapi > asyncapi.json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			c, err := readContract(cmd.Context(), w)
			if err != nil {
				return err
			}
			return write(env, func() ([]byte, error) { return export.AsyncAPI(c, opts) })
		},
	}
	cmd.Flags().StringVar(&opts.Version, "version", "", "the version of the application that the document names")
	return cmd
}

func newExportOpenAPI(env Env) *cobra.Command {
	var opts export.Options
	cmd := &cobra.Command{
		Use:               "openapi [api]",
		Short:             "Write the routes of an API as an OpenAPI 3.1 document",
		Long:              "Write the routes of an API as an OpenAPI 3.1 document. Where there is one API, its name\ncan be left out.",
		Example:           "  less-cli export openapi > openapi.json\n  less-cli export openapi orders --server https://api.example.com",
		Args:              usage(cobra.MaximumNArgs(1)),
		ValidArgsFunction: env.completing(apis),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			c, err := readContract(cmd.Context(), w)
			if err != nil {
				return err
			}
			api := ""
			switch {
			case len(args) > 0:
				api = args[0]
			case len(c.APIs) == 1:
				api = c.APIs[0].Name
			case len(c.APIs) > 1:
				return usageError{cmd.CommandPath(), errors.New("there are several APIs: name one")}
			}
			return write(env, func() ([]byte, error) { return export.OpenAPI(c, api, opts) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Version, "version", "", "the version of the application that the document names")
	f.StringVar(&opts.Server, "server", "", "the base URL of the API")
	return cmd
}

func write(env Env, document func() ([]byte, error)) error {
	content, err := document()
	if err != nil {
		return err
	}
	_, err = env.Out.Write(content)
	return err
}
