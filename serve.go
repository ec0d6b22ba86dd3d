package less

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/logs"
)

// ServeTopic is the main function of a subscriber: it handles the messages of t
// with process, and never returns.
//
// Nil means that the message is done with and can be deleted. An error or a panic
// is logged and means that it is to be tried again, when the visibility timeout
// of its queue ends, until it has been received MaxReceives times and moves to
// the dead-letter queue; [RetryAfter] chooses another time, [Discard] gives it up
// at once. A body that is not a valid M counts as an error.
//
// The messages of one batch are handled concurrently, each on its own goroutine,
// and fail one by one: only what failed is tried again. Their context ends
// shortly before the function's timeout, by a tenth of it but at most a second.
// What is still running then is reported as failed and tried again, so that what
// has finished is not.
//
// A message may be handled more than once, for all this: process must be
// idempotent. [Message.ID] is what to know one by.
func ServeTopic[M any](t Topic[M], process func(context.Context, M) error) {
	serve(TopicFunction(identity(), t, process))
}

// ServeAPI is the main function of a route: it answers requests with h, and
// never returns.
//
// The request is what net/http's server would make of it, with the route's
// parameters in [http.Request.PathValue] and the route in its Pattern. The answer
// is kept until h returns: a function cannot stream. A panic is logged and
// answered 500. The context ends shortly before the function's timeout, by a
// tenth of it but at most a second, so that h can still answer.
//
// Payloads 1.0 and 2.0 of API Gateway, of REST and HTTP APIs, are all understood.
func ServeAPI(h http.Handler) {
	serve(RouteFunction(identity(), h))
}

func identity() string {
	return cmp.Or(os.Getenv(event.EnvFunction), os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
}

// readableBy is who may read the answers of a route, where that is for the function to say.
func readableBy() *cors.Policy {
	origins := os.Getenv(event.EnvOrigins)
	if origins == "" {
		return nil
	}
	return &cors.Policy{Origins: strings.Split(origins, ",")}
}

func serve(f Function) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		fmt.Fprintln(os.Stderr, "This program is a Lambda function. It is started by AWS, and on this computer by less-cli run.")
		os.Exit(1)
	}
	slog.SetDefault(slog.New(scopeHandler{logs.From(context.Background()), f.id}))
	lambda.StartWithOptions(f)
}
