package eventbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/eventbridge"
)

// A clock notes when functions are invoked.
type clock struct {
	mu      sync.Mutex
	start   time.Time
	fired   []string
	notices []string
	fail    bool
	payload []byte
}

func (c *clock) invoke(_ context.Context, r eventbridge.Rule, payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail {
		return errors.New("the disk is full")
	}
	c.payload = payload
	c.fired = append(c.fired, r.Function+" "+time.Since(c.start).String())
	return nil
}

func (c *clock) take() []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.fired
	c.fired = nil
	slices.Sort(out)
	return out
}

func run(t *testing.T, test func(t *testing.T, c *clock, s *eventbridge.Scheduler)) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{start: time.Now()} // midnight, 2000-01-01, a Saturday
		s := eventbridge.New(c.invoke, func(e activity.Event) { c.notices = append(c.notices, e.Line) })
		defer s.Stop()
		test(t, c, s)
	})
}

func rule(name, schedule string) eventbridge.Rule {
	return eventbridge.Rule{Name: name, ARN: "arn:aws:events:us-east-1:000000000000:rule/" + name, Function: "crons/" + name, Schedule: schedule}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRulesFireOnTheClock(t *testing.T) {
	run(t, func(t *testing.T, c *clock, s *eventbridge.Scheduler) {
		if err := s.Set([]eventbridge.Rule{rule("often", "rate(20 minutes)"), rule("noon", "cron(0 12 * * ? *)")}); err != nil {
			t.Fatal(err)
		}
		want(t, c.take())
		time.Sleep(time.Hour)
		want(t, c.take(), "crons/often 1h0m0s", "crons/often 20m0s", "crons/often 40m0s")
		time.Sleep(11 * time.Hour)
		if got := c.take(); len(got) != 34 || got[0] != "crons/noon 12h0m0s" {
			t.Errorf("%d runs, the first is %s; want 33 of one and noon", len(got), got[0])
		}
		var event struct {
			ID, Source      string
			Account, Region string
			Time            time.Time
			Resources       []string
			DetailType      string `json:"detail-type"`
		}
		if err := json.Unmarshal(c.payload, &event); err != nil {
			t.Fatal(err)
		}
		if event.ID == "" || event.Source != "aws.events" || event.DetailType != "Scheduled Event" || !event.Time.Equal(c.start.Add(12*time.Hour)) || len(event.Resources) != 1 ||
			event.Account != "000000000000" || event.Region != "us-east-1" {
			t.Errorf("the event is %s", c.payload)
		}
	})
}

func TestARuleThatStaysGoesOnAndOneThatGoesEnds(t *testing.T) {
	run(t, func(t *testing.T, c *clock, s *eventbridge.Scheduler) {
		stays := rule("stays", "rate(10 minutes)")
		set := func(rules ...eventbridge.Rule) {
			t.Helper()
			if err := s.Set(rules); err != nil {
				t.Fatal(err)
			}
		}
		set(stays, rule("goes", "rate(10 minutes)"))
		time.Sleep(5 * time.Minute)
		set(stays, rule("comes", "rate(10 minutes)"))
		time.Sleep(10 * time.Minute)
		want(t, c.take(), "crons/comes 15m0s", "crons/stays 10m0s")
		set(rule("stays", "rate(1 hour)")) // another schedule is another rule
		time.Sleep(time.Hour)
		want(t, c.take(), "crons/stays 1h15m0s")
		s.Stop()
		set(stays)
		time.Sleep(time.Hour)
		want(t, c.take())
	})
}

func TestAScheduleThatCannotBeReadChangesNothing(t *testing.T) {
	run(t, func(t *testing.T, c *clock, s *eventbridge.Scheduler) {
		if err := s.Set([]eventbridge.Rule{rule("good", "rate(1 minute)")}); err != nil {
			t.Fatal(err)
		}
		err := s.Set([]eventbridge.Rule{rule("bad", "every day")})
		if err == nil || !strings.Contains(err.Error(), "crons/bad") {
			t.Errorf("the error is %v", err)
		}
		time.Sleep(time.Minute)
		want(t, c.take(), "crons/good 1m0s")
	})
}

func TestARunThatCannotBeStartedIsTold(t *testing.T) {
	run(t, func(t *testing.T, c *clock, s *eventbridge.Scheduler) {
		c.fail = true
		if err := s.Set([]eventbridge.Rule{rule("often", "rate(1 minute)")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(c.notices) != 1 || !strings.Contains(c.notices[0], "2000-01-01T00:01:00Z could not be started: the disk is full") {
			t.Errorf("notices: %q", c.notices)
		}
	})
}
