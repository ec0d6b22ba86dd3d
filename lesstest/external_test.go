package lesstest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/less-go/less"
	"github.com/less-go/less/lesstest"
)

func TestAnEventOfAnotherApplicationIsHandledAndItsFailuresAreDeadLetters(t *testing.T) {
	var got []less.Message
	app := shop(func(ctx context.Context, _ order) error {
		got = append(got, less.MessageFrom(ctx))
		return nil
	})
	app.Functions = append(app.Functions,
		less.ExternalTopicFunction("external_topics/chat/message_sent/place", "chat", "message_sent",
			func(ctx context.Context, m struct{ Text string }) error {
				got = append(got, less.MessageFrom(ctx))
				return placed.Publish(ctx, order{m.Text})
			}),
		less.ExternalTopicFunction("external_topics/chat/message_sent/refuse", "chat", "message_sent",
			func(context.Context, struct{ Text string }) error { return errors.New("not today") }, less.Subscriber{MaxReceives: 2}),
	)
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		app.PublishExternal("chat", "message_sent", map[string]string{"Text": "hello"})
		app.Settle()
		if len(got) != 2 || got[0].Topic != "chat/message_sent" || got[1].Topic != placed.Name() || got[1].CausationID != got[0].ID {
			t.Errorf("handled %+v, want the event of chat and then the one that it caused", got)
		}
		dead := app.DeadLetters()
		if len(dead) != 1 || dead[0].Function != "external_topics/chat/message_sent/refuse" || dead[0].Attempts != 2 || string(dead[0].Body) != `{"Text":"hello"}` {
			t.Errorf("the dead letters are %+v", dead)
		}
	})
}
