package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxResponse is the longest answer, in bytes: 6 MiB and a little for Lambda itself.
const maxResponse = 6<<20 + 100

// maxDrain is how much of an answer that is too long is read, so that the
// process can finish sending it and hear of its mistake.
const maxDrain = 256 << 20

// The headers of the Runtime API.
const (
	headerRequestID    = "Lambda-Runtime-Aws-Request-Id"
	headerInvocationID = "Lambda-Runtime-Invocation-Id"
	headerDeadline     = "Lambda-Runtime-Deadline-Ms"
	headerARN          = "Lambda-Runtime-Invoked-Function-Arn"
	headerTrace        = "Lambda-Runtime-Trace-Id"
	headerClient       = "Lambda-Runtime-Client-Context"
	headerErrorType    = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody    = "Lambda-Runtime-Function-Error-Body"
)

// routes is the API. Its two parts have versions of their own.
func (e *environment) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", e.serveInitError)
	mux.HandleFunc("POST /2020-01-01/extension/register", e.serveRegister)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", e.serveExtensionNext)
	return mux
}

// A refusal is a request that is not granted, as the API words it.
type refusal struct {
	status  int
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

var (
	invalidID      = &refusal{http.StatusBadRequest, "Invalid request ID", "InvalidRequestID"}
	truncated      = &refusal{http.StatusBadRequest, "HTTP request detected as truncated", "TruncatedHTTPRequest"}
	entityTooLarge = &refusal{
		http.StatusRequestEntityTooLarge,
		fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxResponse), "RequestEntityTooLarge",
	}
)

func badTransition(from, to string) *refusal {
	return &refusal{
		http.StatusForbidden,
		fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", from, to),
		"InvalidStateTransition",
	}
}

func reply(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a process that is gone needs no answer
}

func refuse(w http.ResponseWriter, no *refusal) {
	body, _ := json.Marshal(no) // strings always marshal
	reply(w, no.status, body)
}

var statusOK = []byte(`{"status":"OK"}`)

// serveNext is the poll: it blocks until there is an invocation.
func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	inv := e.poll(r.Context())
	if inv == nil {
		return // the process has hung up
	}
	e.output.attribute(inv.id)
	e.host.start(e.function, inv)
	deadline := e.deliver(inv, connOf(r))

	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(inv.payload)))
	h.Set(headerRequestID, inv.id)
	h.Set(headerInvocationID, inv.nonce)
	h.Set(headerDeadline, strconv.FormatInt(deadline.UnixMilli(), 10))
	h.Set(headerARN, e.function.arn(e.host.opts))
	if inv.trace != "" {
		h.Set(headerTrace, inv.trace)
	}
	if inv.clientContext != "" {
		h.Set(headerClient, inv.clientContext)
	}
	_, _ = w.Write(inv.payload) // whether it was read shows in the connection
}

// poll waits for an invocation, or returns the one that runs: the same event is
// given as often as it is asked for. It returns nil when ctx ends.
func (e *environment) poll(ctx context.Context) *invocation {
	e.host.mu.Lock()
	defer e.host.mu.Unlock()
	if !e.initialised {
		e.initialised = true
		if e.state == away {
			e.init = time.Since(e.launched)
		}
	}
	if e.state == away || e.state == settling {
		e.ready()
	}
	for e.state != busy {
		wake := e.wake
		e.polls++
		e.host.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
		}
		e.host.mu.Lock()
		e.polls--
		if ctx.Err() == nil {
			continue
		}
		if e.state == idle && e.polls == 0 {
			// It died, or it will poll again. Nobody should wait for it.
			e.pool.rest(e)
			e.state = away
			e.slow = true
			e.arm(e.host.opts.InitTimeout)
		}
		return nil
	}
	return e.invocation
}

// deliver notes that inv's event is on its way over c, and returns its deadline.
func (e *environment) deliver(inv *invocation, c *conn) time.Time {
	e.host.mu.Lock()
	defer e.host.mu.Unlock()
	inv.delivered = true
	e.conn = c
	c.event.Store(true)
	return inv.deadline
}

func (e *environment) serveResponse(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, "RuntimeInvocationResponse", func(body []byte) outcome {
		// A stream that broke off half-way tells so in its trailers, which
		// the Go client declares on every answer.
		if errorType := r.Trailer.Get(headerErrorType); errorType != "" {
			if decoded, err := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody)); err == nil {
				body = decoded
			}
			return posted(body, errorType)
		}
		return outcome{payload: body}
	})
}

func (e *environment) serveError(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, "RuntimeInvocationErrorResponse", func(body []byte) outcome {
		return posted(body, r.Header.Get(headerErrorType))
	})
}

// answer takes the answer to the invocation.
func (e *environment) answer(w http.ResponseWriter, r *http.Request, to string, read func(body []byte) outcome) {
	inv, no := e.claim(r, to)
	if no != nil {
		refuse(w, no)
		return
	}
	body, no := readBody(r)
	var o outcome
	switch no {
	case nil:
		o = read(body)
	case entityTooLarge:
		o = tooLarge()
	default:
		e.unclaim(inv)
		refuse(w, no)
		return
	}
	if !e.settle(inv, o) {
		no = invalidID
	}
	if no != nil {
		refuse(w, no)
		return
	}
	reply(w, http.StatusAccepted, statusOK)
}

// readBody reads an answer of at most maxResponse bytes.
func readBody(r *http.Request) ([]byte, *refusal) {
	var body bytes.Buffer
	if r.ContentLength <= maxResponse {
		body.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead) // so that it never grows
	}
	if _, err := body.ReadFrom(io.LimitReader(r.Body, maxResponse+1)); err != nil {
		return nil, truncated
	}
	if body.Len() > maxResponse {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
		return nil, entityTooLarge
	}
	return body.Bytes(), nil
}

// claim returns the invocation that r may answer. Only one answer is read.
func (e *environment) claim(r *http.Request, to string) (*invocation, *refusal) {
	e.host.mu.Lock()
	defer e.host.mu.Unlock()
	if !e.initialised {
		return nil, badTransition("RuntimeStarted", to)
	}
	inv := e.invocation
	if inv == nil || e.state != busy || inv.claimed || inv.id != r.PathValue("id") {
		return nil, invalidID
	}
	if nonce := r.Header.Get(headerInvocationID); nonce != "" && nonce != inv.nonce {
		return nil, invalidID
	}
	inv.claimed = true
	return inv, nil
}

// unclaim lets another answer be tried.
func (e *environment) unclaim(inv *invocation) {
	e.host.mu.Lock()
	inv.claimed = false
	e.host.mu.Unlock()
}

// settle ends the invocation, unless that came too late, once the output before
// its answer has been emitted.
func (e *environment) settle(inv *invocation, o outcome) bool {
	duration := time.Since(inv.began)
	e.output.sync()
	e.host.mu.Lock()
	if e.state != busy || e.invocation != inv {
		e.host.mu.Unlock()
		return false
	}
	inv.answered = true
	init := e.init
	e.init = 0
	e.state = settling
	e.arm(min(settleTime, time.Until(inv.deadline)))
	e.host.mu.Unlock()
	e.host.end(e.function, inv, o, duration, init)
	return true
}

// serveInitError takes a process's own word for a failed initialisation.
func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, no := readBody(r)
	if no != nil {
		refuse(w, no)
		return
	}
	o := posted(body, r.Header.Get(headerErrorType))
	e.host.mu.Lock()
	early := !e.initialised && e.initError == nil
	if early {
		e.initError = &o
		e.arm(initErrorTime)
	}
	e.host.mu.Unlock()
	if !early {
		refuse(w, badTransition("RuntimeReady", "RuntimeInitError"))
		return
	}
	reply(w, http.StatusAccepted, statusOK)
}
