// Command handler is a subscriber that tells the test of every attempt, and fails
// where the message says so.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/less-go/less"
)

// A message is what the test publishes.
type message struct {
	Name string `json:"name"`
	// Report is where to tell of attempts.
	Report string `json:"report"`
	// Fail is how many attempts fail.
	Fail int `json:"fail"`
}

func main() {
	less.ServeTopic(less.NewTopic[message]("events"), process)
}

func process(ctx context.Context, m message) error {
	attempt := less.MessageFrom(ctx).Attempt
	if err := tell(ctx, m, "started", attempt); err != nil {
		return err
	}
	if attempt <= m.Fail {
		return errors.New("as it was told to")
	}
	return tell(ctx, m, "handled", attempt)
}

func tell(ctx context.Context, m message, what string, attempt int) error {
	query := url.Values{"name": {m.Name}, "attempt": {fmt.Sprint(attempt)}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Report+"/"+what+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return errors.Join(err, answer.Body.Close())
}
