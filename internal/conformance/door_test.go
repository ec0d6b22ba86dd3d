package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
)

// endpoint is the address by which clients know the cloud where there is no socket.
const endpoint = "http://localhost:4566"

// A door is a way into the cloud.
type door struct {
	endpoint string
	// query says that SQS is spoken to in the query protocol.
	query bool
	send  func(*http.Request) (*http.Response, error)
}

// An answer is what a call came to.
type answer struct {
	status  int
	body    any    // of a success, decoded
	code    string // of an error: its code in the query protocol,
	name    string // its name in JSON, "" in the query protocol,
	message string
}

// directDoor calls the handler.
func directDoor(c *cloud, query bool) *door {
	return &door{endpoint: endpoint, query: query, send: func(req *http.Request) (*http.Response, error) {
		recorder := httptest.NewRecorder()
		c.handler.ServeHTTP(recorder, req)
		return recorder.Result(), nil
	}}
}

// socketDoor serves on a socket of the loopback interface.
func socketDoor(t *testing.T, c *cloud) *door {
	server := awsapitest.Serve(t, c.handler)
	return &door{endpoint: server.URL, send: server.Client().Do}
}

// pipeDoor serves on connections in memory, in which virtual time can pass.
func pipeDoor(t *testing.T, c *cloud) *door {
	network := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
	server := awsapi.NewServer(context.Background(), c.handler)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(network) }) // ends with ErrServerClosed
	transport := &http.Transport{DialContext: network.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		serving.Wait()
	})
	return &door{endpoint: endpoint, send: (&http.Client{Transport: transport}).Do}
}

// pipes are a network in memory.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.accept <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements [net.Listener].
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// inQuery says whether a service is spoken to in the query protocol.
func (d *door) inQuery(service string) bool { return d.query || service == "sns" }

// call asks a service for an action.
func (d *door) call(ctx context.Context, service, action string, input map[string]any) (answer, error) {
	req, err := d.request(ctx, service, action, input)
	if err != nil {
		return answer{}, err
	}
	resp, err := d.send(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	if d.inQuery(service) {
		return xmlAnswer(service, action, resp, body)
	}
	return jsonAnswer(resp, body)
}

// request makes a request and signs it, as far as anybody looks at signatures.
func (d *door) request(ctx context.Context, service, action string, input map[string]any) (*http.Request, error) {
	req, err := d.unsigned(ctx, service, action, input)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=feed",
		awsapi.DefaultRegion, service))
	return req, nil
}

func (d *door) unsigned(ctx context.Context, service, action string, input map[string]any) (*http.Request, error) {
	if !d.inQuery(service) {
		body, err := json.Marshal(input)
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.endpoint+"/", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Target", "AmazonSQS."+action)
		return req, nil
	}
	form, err := formOf(service, action, input)
	if err != nil {
		return nil, err
	}
	// SDKs post to the queue's URL, which then need not be a field.
	to := d.endpoint + "/"
	if u, err := url.Parse(form.Get("QueueUrl")); err == nil && u.Host != "" && len(u.Path) > 1 {
		to = d.endpoint + u.Path
		form.Del("QueueUrl")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return req, nil
}

func jsonAnswer(resp *http.Response, body []byte) (answer, error) {
	a := answer{status: resp.StatusCode, body: map[string]any{}}
	if len(body) > 0 {
		if got := resp.Header.Get("Content-Type"); got != "application/x-amz-json-1.0" {
			return a, fmt.Errorf("the content type is %q: %s", got, body)
		}
		var err error
		if a.body, err = decodeJSON(body); err != nil {
			return a, fmt.Errorf("the answer %s: %w", body, err)
		}
	}
	if a.status == http.StatusOK {
		return a, nil
	}
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return a, fmt.Errorf("the error %s: %w", body, err)
	}
	a.message = e.Message
	_, a.name, _ = strings.Cut(e.Type, "#")
	var fault string
	a.code, fault, _ = strings.Cut(resp.Header.Get("X-Amzn-Query-Error"), ";")
	if want := map[bool]string{true: "Sender", false: "Receiver"}[a.status < 500]; fault != want && a.status != http.StatusNotImplemented {
		return a, fmt.Errorf("the header x-amzn-query-error is %q, want the fault %s", resp.Header.Get("X-Amzn-Query-Error"), want)
	}
	return a, nil
}

func xmlAnswer(service, action string, resp *http.Response, body []byte) (answer, error) {
	a := answer{status: resp.StatusCode}
	var root element
	if err := xml.Unmarshal(body, &root); err != nil {
		return a, fmt.Errorf("the answer %s: %w", body, err)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/xml" {
		return a, fmt.Errorf("the content type is %q: %s", got, body)
	}
	if a.status != http.StatusOK {
		e := root.child("Error")
		if e == nil || e.child("Code") == nil || e.child("Message") == nil || root.child("RequestId") == nil {
			return a, fmt.Errorf("the error is not in AWS's form: %s", body)
		}
		a.code, a.message = e.child("Code").Text, e.child("Message").Text
		// The one message that is not the same in both protocols.
		if service == "sqs" && a.code == "AWS.SimpleQueueService.NonExistentQueue" {
			short, found := strings.CutSuffix(a.message, " for this wsdl version.")
			if !found {
				return a, fmt.Errorf("the message in the query protocol is %q", a.message)
			}
			a.message = short + "."
		}
		return a, nil
	}
	if root.XMLName.Local != action+"Response" || root.child("ResponseMetadata") == nil {
		return a, fmt.Errorf("the answer is not in AWS's form: %s", body)
	}
	a.body = map[string]any{}
	if result := root.child(action + "Result"); result != nil {
		a.body = result.decode(service, action)
	}
	return a, nil
}
