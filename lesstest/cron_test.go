package lesstest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/less-go/less"
	"github.com/less-go/less/lesstest"
)

func TestACronRunsWhenTheTestSaysAndPublishes(t *testing.T) {
	handled := 0
	app := shop(func(context.Context, order) error {
		handled++
		return nil
	})
	failed := false
	app.Functions = append(app.Functions, less.CronFunction("crons/remind", func(ctx context.Context) error {
		if failed {
			return errors.New("nobody to remind")
		}
		return placed.Publish(ctx, order{"1"})
	}))
	lesstest.RunApp(t, app, func(t *testing.T, app *lesstest.App) {
		if err := app.RunCron("remind"); err != nil {
			t.Error(err)
		}
		app.Settle()
		if handled != 1 {
			t.Errorf("what the cron published was handled %d times", handled)
		}
		failed = true
		if err := app.RunCron("remind"); err == nil || err.Error() != "nobody to remind" {
			t.Errorf("the error is %v", err)
		}
	})
}
