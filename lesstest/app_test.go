package lesstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
	"github.com/less-go/less/lesstest"
)

const charge = "topics/order_placed/charge_card"

// shop is an application with one subscriber of order_placed, and a topic,
// payment_success, that has none.
func shop(process func(context.Context, order) error, settings ...less.Subscriber) less.App {
	return less.App{
		Module:    "example.com/shop",
		Topics:    []string{"order_placed", "payment_success"},
		Functions: []less.Function{less.TopicFunction(charge, placed, process, settings...)},
	}
}

// wantRuns publishes an order, lets the application settle, and compares when
// its runs ended and how.
func wantRuns(t *testing.T, app *lesstest.App, want ...string) {
	t.Helper()
	begin := time.Now()
	lesstest.Publish(app, placed, order{"1"})
	app.Settle()
	var got []string
	for _, run := range app.Runs() {
		result := "done"
		if run.Failed {
			result = "failed"
		}
		got = append(got, fmt.Sprintf("attempt %d %s after %v", run.Attempt, result, run.Time.Sub(begin)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func TestAFailedMessageComesBackWhenItsVisibilityEnds(t *testing.T) {
	app := shop(func(ctx context.Context, _ order) error {
		if less.MessageFrom(ctx).Attempt < 3 {
			return errors.New("not yet")
		}
		return nil
	}, less.Subscriber{Timeout: 10 * time.Second})
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		wantRuns(t, app, "attempt 1 failed after 0s", "attempt 2 failed after 1m0s", "attempt 3 done after 2m0s")
		if dead := app.DeadLetters(); len(dead) != 0 {
			t.Errorf("dead letters: %+v", dead)
		}
	})
}

func TestTheLastFailureLeadsToTheDeadLetterQueue(t *testing.T) {
	app := shop(func(context.Context, order) error { panic("never") }, less.Subscriber{MaxReceives: 2})
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		lesstest.Publish(app, placed, order{"1"})
		app.Settle()
		dead := app.DeadLetters()
		if len(dead) != 1 || dead[0].Function != charge || dead[0].Attempts != 2 {
			t.Fatalf("dead letters = %+v, want one after 2 attempts", dead)
		}
		var letter order
		dead[0].Decode(t, &letter)
		if letter.ID != "1" {
			t.Errorf("the dead letter is %s", dead[0].Body)
		}
		if runs := app.Runs(); len(runs) != 2 || runs[0].MessageID != dead[0].MessageID {
			t.Errorf("runs %+v are not of the message %s", runs, dead[0].MessageID)
		}
	})
}

func TestRetryAfterChoosesWhenTheMessageComesBack(t *testing.T) {
	app := shop(func(ctx context.Context, _ order) error {
		if less.MessageFrom(ctx).Attempt == 1 {
			return less.RetryAfter(7*time.Second, errors.New("busy"))
		}
		return nil
	})
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		wantRuns(t, app, "attempt 1 failed after 0s", "attempt 2 done after 7s")
	})
}

func TestAHandlerThatOverrunsHasFailed(t *testing.T) {
	app := shop(func(ctx context.Context, _ order) error {
		if less.MessageFrom(ctx).Attempt == 1 {
			time.Sleep(time.Minute)
		}
		return nil
	}, less.Subscriber{Timeout: 10 * time.Second})
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		wantRuns(t, app, "attempt 1 failed after 9s", "attempt 2 done after 1m0s")
	})
}

func TestATopicNeedsNoSubscriber(t *testing.T) {
	lesstest.RunApp(t, shop(func(ctx context.Context, o order) error { return paid.Publish(ctx, o) }), func(t *testing.T, app *lesstest.App) {
		lesstest.Publish(app, placed, order{"1"})
		app.Settle()
		if runs := app.Runs(); len(runs) != 1 || runs[0].Failed {
			t.Errorf("runs = %+v, want one that published to payment_success", runs)
		}
	})
}

func TestEachAPIIsCalledByItsName(t *testing.T) {
	say := func(what string) http.Handler {
		return less.Typed(func(context.Context, struct {
			ID string `path:"id"`
		},
		) (string, error) {
			return what, nil
		})
	}
	app := less.App{Module: "example.com/shop", Functions: []less.Function{
		less.RouteFunction("apis/admin/orders/by_id/get", say("admin")),
		less.RouteFunction("apis/public/orders/by_id/get", say("public")),
	}}
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		for _, api := range []string{"admin", "public"} {
			resp := app.CallAPI(api, "GET", "/orders/17", nil)
			var got string
			resp.Decode(t, &got)
			if resp.Status != http.StatusOK || got != api {
				t.Errorf("%s answered %d %s", api, resp.Status, resp.Body)
			}
		}
		if resp := app.CallAPI("admin", "GET", "/nowhere", nil); resp.Status != http.StatusNotFound {
			t.Errorf("an unknown route is answered %d, want 404", resp.Status)
		}
	})
}
