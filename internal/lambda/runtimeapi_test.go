package lambda_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/lambda"
)

// A puppet is a process for which the test speaks to its Runtime API.
type puppet struct {
	address string
	client  *http.Client
	pid     int
}

func newPuppet(t *testing.T, a *actor) *puppet {
	t.Helper()
	address, found := strings.CutPrefix(a.Name, "puppet ")
	if !found {
		t.Fatalf("%s is no puppet", a.Name)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &puppet{address, &http.Client{Transport: transport}, a.PID}
}

// A response is an HTTP response that has been read.
type response struct {
	status int
	header http.Header
	body   string
}

// do sends a request; header holds pairs.
func (p *puppet) do(t *testing.T, method, path string, body io.Reader, header ...string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	got, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	all, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{got.StatusCode, got.Header, string(all)}
}

// want checks a response.
func (r response) want(t *testing.T, status int, body string) {
	t.Helper()
	if r.status != status || r.body != body {
		t.Errorf("got %d %s, want %d %s", r.status, r.body, status, body)
	}
}

const (
	invalidID = `{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}`
	accepted  = `{"status":"OK"}`
)

// An event is an invocation as a process gets it.
type event struct {
	response
	puppet *puppet
	id     string
}

func (p *puppet) next(t *testing.T) event {
	t.Helper()
	r := p.do(t, "GET", "/2018-06-01/runtime/invocation/next", nil)
	if r.status != http.StatusOK {
		t.Fatalf("next: %d %s", r.status, r.body)
	}
	return event{r, p, r.header.Get("Lambda-Runtime-Aws-Request-Id")}
}

func (e event) path(verb string) string { return "/2018-06-01/runtime/invocation/" + e.id + "/" + verb }

func (e event) post(t *testing.T, verb, body string, header ...string) response {
	t.Helper()
	return e.puppet.do(t, "POST", e.path(verb), strings.NewReader(body), header...)
}

func (e event) respond(t *testing.T, body string) {
	t.Helper()
	e.post(t, "response", body).want(t, http.StatusAccepted, accepted)
}

// invoked is a puppet whose function is invoked.
func invoked(t *testing.T, body string) (*fixture, *puppet, *call) {
	t.Helper()
	f := newFixture(t, lambda.Options{})
	id := f.set("puppet", nil)
	c := f.call(t.Context(), id, []byte(body))
	return f, newPuppet(t, f.next(t)), c
}

func TestNext(t *testing.T) {
	_, p, c := invoked(t, `{"a":1}`)
	earliest := time.Now().UnixMilli()
	e := p.next(t)
	if e.body != `{"a":1}` || e.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s of type %s", e.body, e.header.Get("Content-Type"))
	}
	if got := e.header.Get("Lambda-Runtime-Invoked-Function-Arn"); got != "arn:aws:lambda:us-east-1:000000000000:function:test-function" {
		t.Errorf("ARN %s", got)
	}
	deadline, err := strconv.ParseInt(e.header.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
	if err != nil || deadline < earliest {
		t.Errorf("deadline %d (%v), it is %d", deadline, err, earliest)
	}
	for _, empty := range []string{"Lambda-Runtime-Trace-Id", "Lambda-Runtime-Client-Context", "Lambda-Runtime-Cognito-Identity", "Lambda-Runtime-Aws-Tenant-Id"} {
		if _, there := e.header[empty]; there {
			t.Errorf("%s is there, with nothing to say", empty)
		}
	}
	again := p.next(t)
	if again.id != e.id || again.body != e.body {
		t.Errorf("next during an invocation: %s of %s, want the same event", again.body, again.id)
	}
	e.respond(t, "done")
	c.want(t, "done")
	if c.result.RequestID != e.id {
		t.Errorf("request id %s, want %s", c.result.RequestID, e.id)
	}
}

func TestAnswersThatAreNotTaken(t *testing.T) {
	f, p, c := invoked(t, "1")
	for _, early := range []string{"response", "error"} {
		r := event{puppet: p, id: "any"}.post(t, early, "early")
		if r.status != http.StatusForbidden || !strings.Contains(r.body, `"errorType":"InvalidStateTransition"`) {
			t.Errorf("%s before the first next: %d %s", early, r.status, r.body)
		}
	}
	e := p.next(t)

	// Another process of the same function has an invocation of its own.
	c2 := f.call(t.Context(), f.function("").ID, []byte("2"))
	e2 := newPuppet(t, f.next(t)).next(t)
	event{puppet: p, id: e2.id}.post(t, "response", "stolen").want(t, 400, invalidID)
	event{puppet: p, id: e2.id}.post(t, "error", "stolen").want(t, 400, invalidID)
	event{puppet: p, id: "no-such-id"}.post(t, "response", "wrong").want(t, 400, invalidID)
	e.post(t, "response", "old", "Lambda-Runtime-Invocation-Id", "of another").want(t, 400, invalidID)
	r := p.do(t, "POST", "/2018-06-01/runtime/init/error", strings.NewReader("{}"))
	if r.status != http.StatusForbidden || !strings.Contains(r.body, `"errorType":"InvalidStateTransition"`) {
		t.Errorf("init error after the first next: %d %s", r.status, r.body)
	}

	e.post(t, "response", "mine", "Lambda-Runtime-Invocation-Id", e.header.Get("Lambda-Runtime-Invocation-Id")).want(t, 202, accepted)
	c.want(t, "mine")
	e.post(t, "response", "second").want(t, 400, invalidID)
	e.post(t, "error", "second").want(t, 400, invalidID)
	e2.respond(t, "two")
	c2.want(t, "two")
}

func TestALateAnswerIsNotTakenForAnotherInvocation(t *testing.T) {
	f, p, c := invoked(t, "1")
	e := p.next(t)
	e.respond(t, "one")
	c.want(t, "one")
	c2 := f.call(t.Context(), f.function("").ID, []byte("2"))
	e2 := p.next(t)
	e.post(t, "response", "late").want(t, 400, invalidID)
	e2.respond(t, "two")
	c2.want(t, "two")
}

func TestTheLongestAnswer(t *testing.T) {
	const limit = 6<<20 + 100
	_, p, c := invoked(t, "1")
	longest := strings.Repeat("x", limit)
	p.next(t).respond(t, longest)
	c.want(t, longest)
}

func TestAnAnswerThatIsTooLong(t *testing.T) {
	const limit = 6<<20 + 100
	for _, chunked := range []bool{false, true} {
		_, p, c := invoked(t, "1")
		e := p.next(t)
		var body io.Reader = strings.NewReader(strings.Repeat("x", limit+1))
		if chunked {
			body = io.MultiReader(body)
		}
		p.do(t, "POST", e.path("response"), body).want(t, http.StatusRequestEntityTooLarge,
			`{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}`)
		<-c.done
		want := `{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}`
		if string(c.result.Payload) != want || c.result.FunctionError != "Unhandled" || c.err != nil {
			t.Errorf("the caller got %s (%q), %v", c.result.Payload, c.result.FunctionError, c.err)
		}
	}
}

func TestATruncatedAnswerIsRefusedAndMayBeRepeated(t *testing.T) {
	for name, body := range map[string]string{
		"length":  "Content-Length: 10\r\n\r\nhalf",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, p, c := invoked(t, "1")
			e := p.next(t)
			conn, err := net.Dial("tcp4", p.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, "POST "+e.path("response")+" HTTP/1.1\r\nHost: "+p.address+"\r\n"+body)
			conn.(*net.TCPConn).CloseWrite()
			got, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			all, _ := io.ReadAll(got.Body)
			response{got.StatusCode, nil, string(all)}.want(t, 400,
				`{"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}`)
			e.respond(t, "whole")
			c.want(t, "whole")
		})
	}
}

func TestTrailersTellOfAStreamThatBrokeOff(t *testing.T) {
	_, p, c := invoked(t, "1")
	e := p.next(t)
	body := `{"errorMessage":"broken off","errorType":"E"}`
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+p.address+e.path("response"), io.MultiReader(strings.NewReader("half")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Lambda-Runtime-Function-Response-Mode", "streaming")
	r.Trailer = http.Header{
		"Lambda-Runtime-Function-Error-Type": {"E"},
		"Lambda-Runtime-Function-Error-Body": {base64.StdEncoding.EncodeToString([]byte(body))},
	}
	got, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	<-c.done
	if got.StatusCode != 202 || string(c.result.Payload) != body || c.result.FunctionError != "Unhandled" {
		t.Errorf("%d, and the caller got %s (%q)", got.StatusCode, c.result.Payload, c.result.FunctionError)
	}
}

func TestErrorTypesOfAHeader(t *testing.T) {
	for header, want := range map[string]string{
		"":                    "Runtime.Unknown",
		"Function.NoOven":     "Function.NoOven",
		"Runtime.Unheard":     "Runtime.Unheard",
		"Extension.Crash":     "Runtime.Unknown",
		"Function.lower":      "Runtime.Unknown",
		"Function.NoOven\tx":  "Runtime.Unknown",
		"My Function.NoOvens": "Runtime.Unknown",
	} {
		f, p, c := invoked(t, "1")
		p.next(t).post(t, "error", "oh", "Lambda-Runtime-Function-Error-Type", header).want(t, 202, accepted)
		<-c.done
		if string(c.result.Payload) != "oh" || c.result.FunctionError != "Unhandled" {
			t.Errorf("the caller got %s (%q)", c.result.Payload, c.result.FunctionError)
		}
		if end := f.journal.Of(activity.End); len(end) != 1 || end[0].Err != want {
			t.Errorf("%q: got %+v, want %s", header, end, want)
		}
	}
}

func TestOnlyTheProcessMayCall(t *testing.T) {
	_, p, c := invoked(t, "1")
	e := p.next(t)
	_, port, _ := net.SplitHostPort(p.address)
	for _, hostile := range []string{"evil.com", "evil.com:" + port, "127.0.0.1.nip.io:" + port, "localhost.evil.com", "127.0.0.1.:" + port, "127.0.0.1", "user@127.0.0.1:" + port} {
		if r := p.do(t, "GET", "/2018-06-01/runtime/invocation/next", nil, "Host", hostile); r.status != http.StatusForbidden {
			t.Errorf("Host %s: %d %s", hostile, r.status, r.body)
		}
	}
	if r := e.post(t, "response", "forged", "Origin", "http://evil.com"); r.status != http.StatusForbidden {
		t.Errorf("Origin: %d %s", r.status, r.body)
	}
	for path, status := range map[string]int{"/": 404, "/2018-06-01/runtime/invocation/": 404, "/2018-06-01/runtime/init/error": 405} {
		if r := p.do(t, "GET", path, nil); r.status != status {
			t.Errorf("GET %s: %d, want %d", path, r.status, status)
		}
	}
	e.respond(t, "mine")
	c.want(t, "mine")
}

func TestExtensions(t *testing.T) {
	const register, next = "/2020-01-01/extension/register", "/2020-01-01/extension/event/next"
	_, p, c := invoked(t, "1")
	r := p.do(t, "POST", register, strings.NewReader(`{"events":[]}`))
	r.want(t, 403, `{"errorMessage":"Empty extension name","errorType":"Extension.InvalidExtensionName"}`)
	r = p.do(t, "POST", register, strings.NewReader(`{"events":["INVOKE"]}`), "Lambda-Extension-Name", "x")
	if r.status != 403 || !strings.Contains(r.body, "Extension.InvalidEventType") {
		t.Errorf("with events: %d %s", r.status, r.body)
	}
	r = p.do(t, "POST", register, strings.NewReader(`?`), "Lambda-Extension-Name", "x")
	if r.status != 403 || !strings.Contains(r.body, "InvalidRequestFormat") {
		t.Errorf("no JSON: %d %s", r.status, r.body)
	}
	r = p.do(t, "POST", register, strings.NewReader(`{"events":null}`), "Lambda-Extension-Name", "x")
	r.want(t, 200, `{"functionName":"test-function","functionVersion":"$LATEST","handler":"bootstrap"}`)
	if r.header.Get("Lambda-Extension-Identifier") == "" {
		t.Error("no identifier")
	}
	r = p.do(t, "GET", next, nil, "Lambda-Extension-Identifier", "other")
	r.want(t, 403, `{"errorMessage":"Unknown extension other","errorType":"Extension.UnknownExtensionIdentifier"}`)

	e := p.next(t)
	r = p.do(t, "POST", register, strings.NewReader(`{}`), "Lambda-Extension-Name", "y")
	if r.status != 403 || !strings.Contains(r.body, "Extension.RegistrationClosed") {
		t.Errorf("after the first next: %d %s", r.status, r.body)
	}
	e.respond(t, "done")
	c.want(t, "done")
}

func TestAPollThatBreaksOffLosesNothing(t *testing.T) {
	f, p, c := invoked(t, "1")
	p.next(t).respond(t, "one")
	c.want(t, "one")
	id := f.function("").ID

	conn, err := net.Dial("tcp4", p.address)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: "+p.address+"\r\n\r\n")
	until(func() bool { return f.Stats(id).Busy == 0 }) // the poll has arrived
	conn.Close()
	c2 := f.call(t.Context(), id, []byte("2"))

	// Either the host knows that nobody polls, and starts another process, or
	// it has chosen this one, which gets the event when it polls again. The
	// first to do so answers.
	events := make(chan event, 1)
	go func() {
		if r, err := p.client.Get("http://" + p.address + "/2018-06-01/runtime/invocation/next"); err == nil {
			defer r.Body.Close()
			body := &bytes.Buffer{}
			body.ReadFrom(r.Body)
			events <- event{response{r.StatusCode, r.Header, body.String()}, p, r.Header.Get("Lambda-Runtime-Aws-Request-Id")}
		}
		close(events)
	}()
	e, ok := <-events
	if !ok || e.body != "2" {
		t.Fatalf("got %+v", e)
	}
	e.respond(t, "two")
	c2.want(t, "two")
}

func unmarshal(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
}
