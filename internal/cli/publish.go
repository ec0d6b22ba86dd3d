package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plural"
)

func newPublish(env Env) *cobra.Command {
	var data string
	var e operate.Event
	asJSON := false
	cmd := &cobra.Command{
		Use:   "publish <topic>",
		Short: "Publish an event to a topic",
		Long: `Publish an event to a topic, as the project's own code would: with an id, and with the
correlation id of the order that it belongs to, or of a new one.`,
		Example: `  less-cli publish order_placed --data '{"id":"17","customer":"Cesaria","items":["cachupa"]}'
  less-cli publish order_placed --data @order.json --correlation-id order-17
  less-cli publish external_topics/chat/message_sent --data '{"text":"hello"}'   # as another application would
  jq .order backup.json | less-cli publish order_placed --data - --project shop-eu --aws`,
		Args: usage(cobra.ExactArgs(1)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if data == "" {
			return usageError{cmd.CommandPath(), errors.New("--data is missing: give JSON, @file, or - for the standard input")}
		}
		d, err := place.open()
		if err != nil {
			return err
		}
		topic, err := operate.Topic(d.Plan, args[0])
		if err != nil {
			return err
		}
		if e.Data, err = place.json(data); err != nil {
			return err
		}
		published, err := d.Publish(cmd.Context(), topic, e)
		if err != nil {
			return err
		}
		if asJSON {
			return writeJSON(env.Out, published)
		}
		fmt.Fprintf(env.Out, "published to %s, for %s\nmessage id:     %s\ncorrelation id: %s\n", published.Topic,
			plural.Count(published.Subscribers, "subscriber"), published.MessageID, published.CorrelationID)
		return nil
	}
	f := cmd.Flags()
	f.StringVarP(&data, "data", "d", "", "the event: `JSON`, @file, or - for the standard input")
	f.StringVar(&e.CorrelationID, "correlation-id", "", "the `id` of the order it belongs to; a new one where it is not given")
	f.StringToStringVar(&e.Attributes, "attribute", nil, "an attribute, `name=value`, as less.WithAttribute adds it")
	f.BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}
