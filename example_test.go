package less_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/less-go/less"
)

// A route with a path parameter, a query parameter and a JSON body.
func ExampleTyped() {
	type PutRequest struct {
		OrderID string   `path:"order_id"`
		Urgent  bool     `query:"urgent"`
		Items   []string `json:"items"`
	}
	put := func(_ context.Context, req PutRequest) (string, error) {
		if req.OrderID != "17" {
			return "", less.NotFound("order %s is not known", req.OrderID)
		}
		return fmt.Sprintf("%d items, urgent: %v", len(req.Items), req.Urgent), nil
	}

	// On Lambda, ServeAPI does what the mux does here.
	mux := http.NewServeMux()
	mux.Handle("PUT /orders/{order_id}", less.Typed(put))
	request := func(target, body string) {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("PUT", target, strings.NewReader(body)))
		fmt.Println(w.Code, w.Body)
	}
	request("/orders/17?urgent=true", `{"items": ["cachupa", "pastel"]}`)
	request("/orders/18", `{"items": []}`)
	request("/orders/17?urgent=very", `{"items": "cachupa"}`)
	// Output:
	// 200 "2 items, urgent: true"
	// 404 {"message":"order 18 is not known"}
	// 400 {"message":"items: expected a list of strings, got a string; urgent: expected true or false in the query, got \"very\"","field":"items","problems":[{"field":"items","message":"expected a list of strings, got a string"},{"field":"urgent","message":"expected true or false in the query, got \"very\""}]}
}

// Middleware sees the request before the handler, and can answer in its place.
func ExampleChain() {
	authorize := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	get := func(context.Context, struct{}) (string, error) { return "secret", nil }
	h := less.Chain(less.Typed(get), authorize)

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 401 who are you?
}

// What a subscriber returns decides what becomes of its message.
func ExampleRetryAfter() {
	errBusy, errUnknown := errors.New("the bank is busy"), errors.New("no such card")
	process := func(_ context.Context, card string) error {
		switch card {
		case "busy":
			return less.RetryAfter(time.Minute, errBusy) // again in a minute
		case "unknown":
			return less.Discard(errUnknown) // never again
		}
		return nil // done
	}
	fmt.Println(process(context.Background(), "busy"))
	fmt.Println(process(context.Background(), "unknown"))
	// Output:
	// the bank is busy (retry after 1m0s)
	// no such card
}

// A Responder sets its own status and headers.
func ExampleResponder() {
	get := func(context.Context, struct{}) (Moved, error) { return Moved{To: "/orders/17"}, nil }
	w := httptest.NewRecorder()
	less.Typed(get).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 308 /orders/17
}

// Moved answers that something is elsewhere now.
type Moved struct{ To string }

// Respond implements less.Responder.
func (m Moved) Respond(h http.Header) (status int, body any) {
	h.Set("Location", m.To)
	return http.StatusPermanentRedirect, nil
}

// A handler asks its context for what it wants to know besides the body.
func ExampleMessageFrom() {
	process := func(ctx context.Context, _ struct{}) error {
		m := less.MessageFrom(ctx)
		fmt.Printf("attempt %d of event %s\n", m.Attempt, m.ID)
		return nil
	}
	ctx := less.WithMessage(context.Background(), less.Message{ID: "0193b2f0", Attempt: 2})
	_ = process(ctx, struct{}{})
	// Output: attempt 2 of event 0193b2f0
}
