package less

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/less-go/less/internal/apievent"
	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/logs"
)

// A Middleware wraps a handler in another, the way all of net/http's ecosystem does.
type Middleware = func(http.Handler) http.Handler

// Chain wraps h in middleware. The first is outermost: it sees the request first
// and the answer last.
func Chain(h http.Handler, middleware ...Middleware) http.Handler {
	for _, m := range slices.Backward(middleware) {
		h = m(h)
	}
	return h
}

// A route is the function behind one verb of an API.
type route struct {
	function string
	handler  http.Handler
	// cors is who may read the answers, nil where the gateway says it.
	cors *cors.Policy
}

func (f *route) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e, err := apievent.Decode(payload)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	ctx, cancel := beforeDeadline(ctx)
	defer cancel()

	request := Request{
		ID:            e.ID,
		Method:        e.Method,
		Path:          e.Path,
		Route:         e.Route,
		Header:        e.Header,
		SourceIP:      e.SourceIP,
		CorrelationID: correlationOf(e.Header),
	}
	ctx = withScope(ctx, &scope{function: f.function, requestID: invocationID(ctx), request: request})

	w := newWriter(request)
	if !f.serve(w, e.Request(ctx)) {
		w = newWriter(request) // without what the handler had written before it panicked
		writeInternalServerError(w)
	}
	if f.cors != nil {
		f.cors.Apply(w.Finish(), e.Header.Get("Origin"))
	}
	o := done
	if w.Status() >= http.StatusInternalServerError {
		o = failed
	}
	logEnd(ctx, slog.LevelInfo, logs.Answered, o, began, "status", w.Status())
	return w.Encode(e.Version)
}

func newWriter(r Request) *apievent.Writer {
	w := new(apievent.Writer)
	w.Header().Set(correlationHeader, r.CorrelationID)
	return w
}

// serve reports whether the handler returned.
func (f *route) serve(w http.ResponseWriter, r *http.Request) (returned bool) {
	defer func() {
		if p := recover(); p != nil {
			Logger(r.Context()).Error("request failed: the handler panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	f.handler.ServeHTTP(w, r)
	return true
}
