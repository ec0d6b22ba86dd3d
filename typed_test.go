package less_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/logs"
)

type postRequest struct {
	OrderID string   `path:"order_id"`
	Limit   int      `query:"limit"`
	Agent   string   `header:"User-Agent"`
	Items   []string `json:"items"`
	Count   int      `json:"count"`
}

// do sends a request to h, and returns the answer and what was logged.
func do(t *testing.T, h http.Handler, method, target, body string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	r := httptest.NewRequestWithContext(logs.With(t.Context(), logs.NewHandler(&log, slog.LevelInfo)), method, target, strings.NewReader(body))
	r.Header.Set("User-Agent", "test")
	r.SetPathValue("order_id", "17")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, log.String()
}

func TestTypedFillsTheRequest(t *testing.T) {
	var got postRequest
	h := less.Typed(func(_ context.Context, req postRequest) (string, error) {
		got = req
		return "done", nil
	})
	w, _ := do(t, h, "POST", "/orders/17?limit=3", `{"items":["a"],"OrderID":"forged","Agent":5}`)
	if w.Code != 200 || w.Body.String() != `"done"` || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff(postRequest{OrderID: "17", Limit: 3, Agent: "test", Items: []string{"a"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTypedRefusesWhatDoesNotFit(t *testing.T) {
	h := less.Typed(func(context.Context, postRequest) (string, error) {
		t.Error("the handler was called")
		return "", nil
	})
	for name, test := range map[string]struct{ target, body, want string }{
		"a wrong type": {
			"/", `{"items":"a"}`,
			`{"message":"items: expected a list of strings, got a string","field":"items"}`,
		},
		"broken JSON": {
			"/", "{\n  \"items\": [,\n}",
			`{"message":"the body is not valid JSON at line 2, column 13: invalid character ',' looking for beginning of value"}`,
		},
		"trailing data": {
			"/", `{"items":[]} {}`,
			`{"message":"the body is not valid JSON at line 1, column 14: invalid character '{' after top-level value"}`,
		},
		"no body": {
			"/", "  \n",
			`{"message":"the body is empty, expected a JSON object"}`,
		},
		"null": {
			"/", "null",
			`{"message":"the body is null, expected a JSON object"}`,
		},
		"no object": {
			"/", `["a"]`,
			`{"message":"the body: expected a JSON object, got a list"}`,
		},
		"a parameter": {
			"/?limit=many", `{}`,
			`{"message":"limit: expected a whole number in the query, got \"many\"","field":"limit"}`,
		},
		"everything": {
			"/?limit=many", `{"items":[1],"count":1.5}`,
			`{"message":"count: expected a whole number, got 1.5; items: expected a string, got a number; limit: expected a whole number in the query, got \"many\"",` +
				`"field":"count","problems":[{"field":"count","message":"expected a whole number, got 1.5"},` +
				`{"field":"items","message":"expected a string, got a number"},` +
				`{"field":"limit","message":"expected a whole number in the query, got \"many\""}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, log := do(t, h, "POST", test.target, test.body)
			if w.Code != 400 {
				t.Errorf("answered %d", w.Code)
			}
			if diff := cmp.Diff(test.want, w.Body.String()); diff != "" {
				t.Error(diff)
			}
			if log != "" {
				t.Errorf("logged the client's mistake: %s", log)
			}
		})
	}
}

func TestTypedNeedsNoBodyWhereNoneIsUsual(t *testing.T) {
	h := less.Typed(func(context.Context, postRequest) (less.NoContent, error) { return less.NoContent{}, nil })
	for _, method := range []string{"GET", "HEAD", "DELETE"} {
		if w, _ := do(t, h, method, "/", ""); w.Code != 204 {
			t.Errorf("%s: answered %d %s", method, w.Code, w.Body)
		}
	}
	type onlyParameters struct {
		OrderID string `path:"order_id"`
	}
	h = less.Typed(func(context.Context, onlyParameters) (less.NoContent, error) { return less.NoContent{}, nil })
	if w, _ := do(t, h, "POST", "/", "this is not read"); w.Code != 204 {
		t.Errorf("POST: answered %d %s", w.Code, w.Body)
	}
}

func TestTypedTakesOtherRequestsAsTheWholeBody(t *testing.T) {
	h := less.Typed(func(_ context.Context, req []int) (int, error) { return len(req), nil })
	if w, _ := do(t, h, "POST", "/", `[1,2,3]`); w.Body.String() != "3" {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if w, _ := do(t, h, "POST", "/", `[1,"2"]`); w.Body.String() != `{"message":"the body: expected a whole number, got a string"}` {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	pointer := less.Typed(func(_ context.Context, req *postRequest) (string, error) { return req.OrderID, nil })
	if w, _ := do(t, pointer, "POST", "/", `{}`); w.Body.String() != `"17"` {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

type tooMany struct{ error }

func (tooMany) Respond(h http.Header) (int, any) {
	h.Set("Retry-After", "60")
	return 429, map[string]int{"wait": 60}
}

type download struct{}

func (download) Respond(h http.Header) (int, any) {
	h.Set("Content-Type", "application/problem+json")
	return 203, nil
}

func TestTypedAnswersWithWhatTheHandlerReturns(t *testing.T) {
	ok := func(context.Context, struct{}) (any, error) { return nil, nil }
	type fn = func(context.Context, struct{}) (any, error)
	result := func(v any) fn { return func(context.Context, struct{}) (any, error) { return v, nil } }
	failure := func(err error) fn { return func(context.Context, struct{}) (any, error) { return "ignored", err } }
	secret := errors.New("password=hunter2")
	for name, test := range map[string]struct {
		fn     fn
		status int
		body   string
		log    string // a part of it
	}{
		"a value":               {result(order{ID: "<17>"}), 200, `{"id":"<17>"}`, ""},
		"nil":                   {ok, 200, `null`, ""},
		"Created":               {result(less.Created[order]{order{ID: "17"}}), 201, `{"id":"17"}`, ""},
		"Accepted":              {result(less.Accepted[order]{order{ID: "17"}}), 202, `{"id":"17"}`, ""},
		"NoContent":             {result(less.NoContent{}), 204, ``, ""},
		"a Responder":           {result(download{}), 203, ``, ""},
		"NotFound":              {failure(less.NotFound("order %d is not known", 17)), 404, `{"message":"order 17 is not known"}`, ""},
		"BadRequest":            {failure(less.BadRequest("no")), 400, `{"message":"no"}`, ""},
		"Unauthorized":          {failure(less.Unauthorized("no")), 401, `{"message":"no"}`, ""},
		"Forbidden":             {failure(less.Forbidden("no")), 403, `{"message":"no"}`, ""},
		"Conflict":              {failure(less.Conflict("no")), 409, `{"message":"no"}`, ""},
		"NotFound, wrapped":     {failure(fmt.Errorf("load: %w", less.NotFound("gone"))), 404, `{"message":"gone"}`, ""},
		"an Error with a field": {failure(&less.Error{Status: 422, Message: "no", Problems: []less.Problem{{Field: "items", Message: "too many"}}}), 422, `{"message":"no","field":"items"}`, ""},
		"an Error without text": {failure(&less.Error{Status: 410}), 410, `{"message":"Gone"}`, ""},
		"an Error with cause":   {failure(&less.Error{Status: 503, Message: "try later", Err: secret}), 503, `{"message":"try later"}`, `"cause":"password=hunter2"`},
		"an Error, no status":   {failure(&less.Error{Message: "odd"}), 500, `{"message":"odd"}`, `"err":"odd"`},
		"a Responder as error":  {failure(fmt.Errorf("x: %w", tooMany{secret})), 429, `{"wait":60}`, ""},
		"another error":         {failure(secret), 500, `{"message":"Internal Server Error"}`, `"err":"password=hunter2"`},
		"what is not JSON":      {result(func() {}), 500, `{"message":"Internal Server Error"}`, `encode the answer: json: unsupported type`},
	} {
		t.Run(name, func(t *testing.T) {
			w, log := do(t, less.Typed(test.fn), "POST", "/", "")
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("answered %d %s, want %d %s", w.Code, w.Body, test.status, test.body)
			}
			if !strings.Contains(log, test.log) || test.log == "" && log != "" {
				t.Errorf("logged %q, want %q", log, test.log)
			}
		})
	}
}

func TestARespondersHeadersAreSent(t *testing.T) {
	w, _ := do(t, less.Typed(func(context.Context, struct{}) (any, error) { return nil, tooMany{} }), "GET", "/", "")
	if w.Header().Get("Retry-After") != "60" {
		t.Errorf("headers are %v", w.Header())
	}
	w, _ = do(t, less.Typed(func(context.Context, struct{}) (any, error) { return download{}, nil }), "GET", "/", "")
	if w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("headers are %v", w.Header())
	}
}

func TestAnErrorKeepsItsCause(t *testing.T) {
	err := less.NotFound("load: %w", io.EOF)
	if e := (*less.Error)(nil); !errors.Is(err, io.EOF) || !errors.As(err, &e) || e.Status != 404 || err.Error() != "load: EOF" {
		t.Errorf("got %#v", err)
	}
}

// Behind net/http's own server a body can be cut off while it is read.
func TestTypedAnswersWhereTheBodyCannotBeRead(t *testing.T) {
	h := less.Typed(func(context.Context, postRequest) (string, error) { return "", nil })
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 3)
		h.ServeHTTP(w, r)
	})
	if w, _ := do(t, limited, "POST", "/", `{"items":[]}`); w.Code != 413 || w.Body.String() != `{"message":"the body is larger than 3 bytes"}` {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	torn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), failingReader{}))
		h.ServeHTTP(w, r)
	})
	if w, _ := do(t, torn, "POST", "/", ""); w.Code != 400 || w.Body.String() != `{"message":"the body could not be read"}` {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTypedPanicsOnTagsThatCannotWork(t *testing.T) {
	type badRequest struct {
		Filter map[string]string `query:"filter"`
	}
	defer func() {
		got := fmt.Sprint(recover())
		if !strings.HasPrefix(got, "less.Typed: less_test.badRequest: field Filter: map[string]string cannot be a query parameter") {
			t.Errorf("panicked with %q", got)
		}
	}()
	less.Typed(func(context.Context, badRequest) (string, error) { return "", nil })
}
