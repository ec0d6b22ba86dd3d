package stacks_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/stacks"
	"github.com/less-go/less/internal/stacks/stackstest"
	"github.com/less-go/less/internal/target"
)

// play serves the answers of a file, and is the place that gives them.
func play(t *testing.T, name string) (*stackstest.Server, *target.Target) {
	t.Helper()
	answers, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	server := stackstest.Serve(answers)
	t.Cleanup(server.Close)
	place, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	return server, place
}

func find(t *testing.T, place *target.Target, name string) stacks.Deployment {
	t.Helper()
	d, err := stacks.Find(t.Context(), place, name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func at(text string) time.Time {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return when
}

func TestDeploymentsAreTheStacksWithOurTagThatAreNotNested(t *testing.T) {
	_, place := play(t, "nested")
	got, err := stacks.List(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	want := []stacks.Deployment{
		{
			Name: "food-blue", Created: at("2026-11-25T08:00:00Z"), Updated: at("2026-11-25T08:00:00Z"),
			Status: "ROLLBACK_IN_PROGRESS", Reason: "The following resource(s) failed to create: [x].",
		},
		{Name: "food-prod", Created: at("2026-11-20T08:00:00Z"), Updated: at("2026-11-24T09:30:00Z"), Status: "UPDATE_COMPLETE"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(stacks.Deployment{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADeploymentOfSeveralStacksIsOneAndSaysTheWorst(t *testing.T) {
	_, place := play(t, "split")
	got, err := stacks.List(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	want := []stacks.Deployment{{
		Name: "big", Created: at("2026-11-20T08:00:00Z"), Updated: at("2026-11-20T08:05:00Z"), Status: "UPDATE_ROLLBACK_COMPLETE",
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(stacks.Deployment{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADeploymentThatIsNotThere(t *testing.T) {
	_, place := play(t, "nested")
	_, err := stacks.Find(t.Context(), place, "food-prd")
	want := place.Name + " has no deployment food-prd. Did you mean food-prod? There is food-blue, food-prod. Name another place with --region, --profile or --endpoint"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestResourcesAreReadFromTheTemplates(t *testing.T) {
	_, place := play(t, "nested")
	got, err := stacks.Read(t.Context(), place, find(t, place, "food-prod"))
	if err != nil {
		t.Fatal(err)
	}
	four := 4
	want := stacks.Resources{
		Name:      "food-prod",
		APIs:      []stacks.API{{Name: "orders", ID: "a1b2c3", URL: "https://a1b2c3.execute-api.eu-west-1.amazonaws.com"}},
		TopicsAPI: "https://t1.execute-api.eu-west-1.amazonaws.com/live",
		Topics: []stacks.Topic{{Name: "order_placed", Resource: "food-prod-order_placed", Subscribers: []stacks.Subscriber{
			{Function: "topics/order_placed/audit", Queue: "other", DeadLetterQueue: "other-dlq"}, // which somebody has deleted
			{Function: "topics/order_placed/charge", Queue: "q", DeadLetterQueue: "q-dlq", DeadLetters: &four},
		}}},
		Functions: []string{"apis/orders/orders/post", "topics/order_placed/audit", "topics/order_placed/charge"},
		Crons:     []stacks.Cron{{Name: "send_report", Schedule: "rate(5 minutes)"}},
		Kept:      []string{"/aws/lambda/f", "q-dlq"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(stacks.Subscriber{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// deleted deletes a deployment, and returns what was told of it.
func deleted(t *testing.T, place *target.Target, name string) (told []string, err error) {
	t.Helper()
	err = stacks.Delete(t.Context(), place, find(t, place, name), stacks.DeleteOptions{
		Gone: func(what string, gone, all int) { told = append(told, fmt.Sprintf("%s %d/%d", what, gone, all)) },
		Poll: time.Nanosecond,
	})
	return told, err
}

func TestStacksAreDeletedBeforeThoseTheyNeed(t *testing.T) {
	server, place := play(t, "split")
	told, err := deleted(t, place, "big")
	if err != nil {
		t.Fatal(err)
	}
	// The gateway before its functions, subscribers before their topic, the root at last.
	var order []string
	for _, call := range server.Called("DeleteStack") {
		order = append(order, strings.TrimPrefix(call, "DeleteStack StackName=id-"))
	}
	if diff := cmp.Diff([]string{"api", "topic-3", "api-1", "topic", "big"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The queue goes while its stack is looked at for the second time.
	want := []string{"less/apis/orders 0/2", " 1/2", "less/topics/paid 1/2", "less/apis/orders 1/2", "less/topics/paid 1/2"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhyAStackIsNotDeletedIsSaidByTheResource(t *testing.T) {
	_, place := play(t, "failing")
	if _, err := stacks.Read(t.Context(), place, find(t, place, "food-dev")); err != nil { // as the command does
		t.Fatal(err)
	}
	told, err := deleted(t, place, "food-dev")
	want := "food-dev could not be deleted, and what has gone is gone. Remove what is named, and try again:\n" +
		"AWS::IAM::Role food-dev-Role-1: Cannot delete entity, must detach all policies first."
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if diff := cmp.Diff([]string{"less/topics/a 1/2"}, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAProtectedDeploymentIsLeftAlone(t *testing.T) {
	server, place := play(t, "nested")
	d := find(t, place, "food-prod")
	_, err := deleted(t, place, "food-prod")
	for _, err := range []error{err, stacks.StartDelete(t.Context(), place, d)} {
		protected, ok := errors.AsType[*stacks.ProtectedError](err)
		if !ok || !strings.HasSuffix(protected.Error(), "\naws cloudformation update-termination-protection --no-enable-termination-protection --stack-name food-prod") {
			t.Errorf("%v", err)
		}
	}
	if calls := server.Called("DeleteStack"); len(calls) > 0 {
		t.Errorf("%q", calls)
	}
}

func TestAWaitThatIsEndedDeletesNoMore(t *testing.T) {
	server, place := play(t, "split")
	d := find(t, place, "big")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	err := stacks.Delete(ctx, place, d, stacks.DeleteOptions{Gone: func(string, int, int) { cancel(stop) }, Poll: time.Hour})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff([]string{"DeleteStack StackName=id-api"}, server.Called("DeleteStack")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
