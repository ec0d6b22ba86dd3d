package lesstest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/logs"
	"github.com/less-go/less/internal/sns"
)

// invoker runs the functions of an App where the engine has processes.
type invoker struct{ app *App }

// Invoke runs a function once, within its timeout. Lambda would kill one that
// overruns; here it goes on, and is no longer waited for.
func (i invoker) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	f, found := i.app.functions[function]
	if !found {
		return lambda.Result{}, fmt.Errorf("%s: %w", function, lambda.ErrNoFunction)
	}
	settings, _ := i.app.plan.Function(function)
	ctx, cancel := context.WithTimeout(i.app.context(ctx, function), settings.Timeout)
	defer cancel()

	began := time.Now()
	done := make(chan lambda.Result, 1)
	go func() { done <- run(ctx, f, payload) }()
	select {
	case r := <-done:
		r.Duration = time.Since(began)
		return r, nil
	case <-ctx.Done():
		message := fmt.Sprintf("Task timed out after %.2f seconds", settings.Timeout.Seconds())
		return failure("Sandbox.Timedout", message), nil
	}
}

// run turns what a function returns into what Lambda answers.
func run(ctx context.Context, f interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}, payload []byte,
) lambda.Result {
	answer, err := f.Invoke(ctx, payload)
	if err != nil {
		return failure("errorString", err.Error())
	}
	return lambda.Result{Payload: answer, RequestID: uuid.NewString()}
}

func failure(kind, message string) lambda.Result {
	payload, err := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	if err != nil {
		panic("lesstest: two strings cannot be encoded: " + err.Error())
	}
	return lambda.Result{Payload: payload, FunctionError: "Unhandled", RequestID: uuid.NewString()}
}

// context returns ctx for code that belongs to the application: it publishes to
// the App's topics, and what it logs goes to the test.
func (app *App) context(ctx context.Context, function string) context.Context {
	ctx = logs.With(ctx, logs.NewHandler(app.t.Output(), slog.LevelDebug))
	return event.WithCloud(ctx, localCloud{app, function})
}

// localCloud keeps the methods of event.Cloud out of App's.
type localCloud struct {
	app      *App
	function string
}

func (c localCloud) Publish(ctx context.Context, e event.Outgoing) error {
	return c.publish(ctx, c.app.plan.TopicPrefix+e.Topic, e)
}

func (c localCloud) publish(ctx context.Context, topic string, e event.Outgoing) error {
	attributes := make(map[string]sns.MessageAttribute, len(e.Attributes))
	for name, value := range e.Attributes {
		attributes[name] = sns.MessageAttribute{DataType: "String", StringValue: value}
	}
	_, err := c.app.sns.Publish(ctx, &sns.PublishInput{
		TopicARN: awsapi.LocalARN("sns", awsapi.DefaultRegion, topic),
		Outgoing: sns.Outgoing{Message: string(e.Body), MessageAttributes: attributes},
	})
	return err
}

// foreignCloud is another application's, which publishes to a topic of its own.
type foreignCloud struct {
	localCloud
	topic string
}

func (c foreignCloud) Publish(ctx context.Context, e event.Outgoing) error {
	return c.publish(ctx, c.topic, e)
}

func (c localCloud) ChangeVisibility(ctx context.Context, queueARN, receipt string, d time.Duration) error {
	arn, err := awsapi.ParseARN(queueARN)
	if err != nil {
		return err
	}
	return c.app.store.ChangeVisibility(ctx, arn.Resource, receipt, d)
}
