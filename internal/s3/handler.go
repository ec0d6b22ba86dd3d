package s3

import (
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
)

// Options are what a [Handler] may be given.
type Options struct {
	// Principal returns whose access key this is; every other key is the administrator's.
	Principal func(accessKey string) (awsapi.Principal, bool)
	// Authorizer is asked before each action; nil allows everything.
	Authorizer awsapi.Authorizer
	// Failed is told of failures that are the engine's own. It may be nil.
	Failed func(error)
}

// Handler answers the requests that are meant for S3, by their signature or by their
// host, and leaves all others to next.
func (s *Service) Handler(o Options, next http.Handler) http.Handler {
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signature, refusal := awsapi.SignatureOf(r)
		bucketName := bucketOfHost(r.Host)
		if refusal == nil && signature.Service != "s3" && (signature.Service != "" || bucketName == "") {
			next.ServeHTTP(w, r)
			return
		}
		if refusal != nil && bucketName == "" {
			next.ServeHTTP(w, r) // which tells it in its own words
			return
		}
		q := newRequest(s, o, w, r, signature)
		if refusal != nil {
			q.refuse(refusal)
		} else if err := q.do(); err != nil {
			q.refuse(err)
		}
	})
}

// bucketOfHost is the bucket before a host that is S3's: orders.s3.localhost:4566,
// orders.s3.us-east-1.amazonaws.com.
func bucketOfHost(host string) string {
	bucketName, _, found := strings.Cut(strings.ToLower(host), ".s3.")
	if !found {
		return ""
	}
	return bucketName
}

// locate splits the address of an object into bucket and key. SDKs also make one host
// of a bucket and localhost: orders.localhost:4566.
func locate(host, escapedPath string) (bucketName, key string) {
	path := strings.TrimPrefix(escapedPath, "/")
	name := strings.ToLower(host)
	if before, _, err := net.SplitHostPort(name); err == nil {
		name = before
	}
	before, below := strings.CutSuffix(name, ".localhost")
	switch bucketName = bucketOfHost(host); {
	case bucketName != "":
	case below && before != "s3" && !strings.HasPrefix(before, "s3."):
		bucketName = before
	default:
		bucketName, path, _ = strings.Cut(path, "/")
	}
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	return bucketName, path
}

// A request is one of a client, with what its answer needs.
type request struct {
	service     *Service
	options     Options
	w           http.ResponseWriter
	r           *http.Request
	id          string
	signature   awsapi.Signature
	query       url.Values
	bucket, key string
	// answered says that the head of the answer is written.
	answered bool
}

func newRequest(s *Service, o Options, w http.ResponseWriter, r *http.Request, signature awsapi.Signature) *request {
	q := &request{service: s, options: o, w: w, r: r, id: strings.ToUpper(uuid.NewString()[:8] + uuid.NewString()[:8]), signature: signature, query: r.URL.Query()}
	q.bucket, q.key = locate(r.Host, r.URL.EscapedPath())
	w.Header().Set("X-Amz-Request-Id", q.id)
	w.Header().Set("X-Amz-Id-2", q.id)
	return q
}

// Times a client has.
const (
	stall  = 30 * time.Second // between two reads of the body
	answer = 10 * time.Minute // to take the answer
)

// body is what the client sends, as long as it goes on sending.
func (q *request) body() io.Reader {
	return &patientReader{q.r.Body, http.NewResponseController(q.w)}
}

// A patientReader waits for each piece of a body, but not for ever.
type patientReader struct {
	r          io.Reader
	controller *http.ResponseController
}

// Read reads.
func (p *patientReader) Read(b []byte) (int, error) {
	// The recorders of tests have no deadlines.
	_ = p.controller.SetReadDeadline(time.Now().Add(stall))
	_ = p.controller.SetWriteDeadline(time.Now().Add(answer))
	n, err := p.r.Read(b)
	if err != nil {
		_ = p.controller.SetReadDeadline(time.Time{})
	}
	return n, err
}

// maxDocument is how long the XML or JSON of a request may be.
const maxDocument = 2 << 20

// document reads the body of a request that describes something.
func (q *request) document() ([]byte, error) {
	d, err := newDigest(q.r)
	if err != nil {
		return nil, err
	}
	content, trailer, err := q.content(d)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(content, maxDocument+1))
	switch {
	case err != nil:
		return nil, unread(err)
	case len(text) > maxDocument:
		return nil, tooLarge()
	}
	return text, d.check(blobOf(text), trailer())
}

// content returns what the body means, while d adds it up, and what followed it.
func (q *request) content(d *digest) (io.Reader, func() http.Header, error) {
	if !isChunked(q.r) {
		return d.reader(q.body()), func() http.Header { return nil }, nil
	}
	length, err := strconv.ParseInt(q.r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return nil, nil, failure(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	d.length = length
	c := newChunkedReader(q.body())
	return d.reader(c), func() http.Header { return c.trailer }, nil
}

// unread is the error of a body that could not be read to its end.
func unread(err error) error {
	if e := awsapi.AsError(err); e.Code != "InternalError" {
		return e
	}
	return incomplete()
}

// caller is who asks.
func (q *request) caller() (awsapi.Principal, error) {
	if q.options.Principal == nil {
		return awsapi.Principal{}, nil
	}
	principal, _ := q.options.Principal(q.signature.AccessKey)
	if principal.Expired() {
		return principal, failure(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
	}
	return principal, nil
}

// allowed says whether the caller has a permission, "GetObject", for the object with a
// key, or the bucket where that is "".
func (q *request) allowed(permission, key string) error {
	principal, err := q.caller()
	if err != nil || q.options.Authorizer == nil {
		return err
	}
	resource := ARN(q.bucket, key)
	if q.bucket == "" {
		resource = "*"
	}
	decision := q.options.Authorizer.Decide(principal, "s3:"+permission, resource)
	if decision.Allowed {
		return nil
	}
	denial := awsapi.Denial{User: principal.ARN(), Action: permission, Resource: resource, Decision: decision}
	return failure(http.StatusForbidden, "AccessDenied", denial.Sentence("s3:"+permission))
}

// answer writes an answer in XML.
func (q *request) answer(status int, v any) {
	text, err := xml.Marshal(v)
	if err != nil {
		q.refuse(fmt.Errorf("encode an answer: %w", err))
		return
	}
	q.raw(status, append([]byte(xml.Header), text...))
}

func (q *request) raw(status int, text []byte) {
	q.answered = true
	if len(text) > 0 {
		q.w.Header().Set("Content-Type", "application/xml")
	}
	if status != http.StatusNoContent {
		q.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	}
	q.w.WriteHeader(status)
	_, _ = q.w.Write(text) // a client that has gone needs no answer
}

type errorResponse struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string
	Message    string
	BucketName string `xml:",omitempty"`
	Key        string `xml:",omitempty"`
	Resource   string
	RequestID  string `xml:"RequestId"`
	HostID     string `xml:"HostId"`
}

// refuse answers with an error.
func (q *request) refuse(err error) {
	e := awsapi.AsError(err)
	status := e.Status
	switch status {
	case http.StatusInternalServerError:
		q.options.Failed(fmt.Errorf("s3 %s, request %s: %w", q.r.Method, q.id, err))
	case 0:
		status = http.StatusBadRequest
	}
	if q.answered {
		return
	}
	if q.r.ContentLength != 0 {
		q.w.Header().Set("Connection", "close") // what remains of the body is unread
	}
	if q.r.Method == http.MethodHead {
		q.raw(status, nil)
		return
	}
	q.answer(status, errorResponse{
		Code: e.Code, Message: e.Message, BucketName: q.bucket, Key: q.key,
		Resource: q.r.URL.Path, RequestID: q.id, HostID: q.id,
	})
}
