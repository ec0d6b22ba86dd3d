package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/contract"
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
			c, err := env.readContract(cmd.Context())
			if err != nil {
				return err
			}
			document, err := export.AsyncAPI(c, opts)
			return writeDocument(env, document, err)
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
			c, err := env.readContract(cmd.Context())
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
			document, err := export.OpenAPI(c, api, opts)
			return writeDocument(env, document, err)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Version, "version", "", "the version of the application that the document names")
	f.StringVar(&opts.Server, "server", "", "the base URL of the API")
	return cmd
}

// readContract reads what the project promises, and says what is missing in it.
func (e Env) readContract(ctx context.Context) (contract.Contract, error) {
	w, err := e.readWorkflow(ctx, nil)
	if err != nil {
		return contract.Contract{}, err
	}
	e.warn(w.flow)
	return w.contract(ctx)
}

// writeDocument writes a document, if there is one.
func writeDocument(env Env, document []byte, err error) error {
	if err == nil {
		_, err = env.Out.Write(document)
	}
	return err
}
