package awsapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Options are what a [Handler] may be given.
type Options struct {
	// Function returns the principal of a function whose access key id this is.
	// All other keys, and requests without a signature, are the administrator's.
	Function func(accessKey string) (Principal, bool)
	// Authorizer is asked before each action; nil allows everything.
	Authorizer Authorizer
	// Failed is told of failures that are the engine's own. Its errors name the
	// request's id, service and action, and nothing else of it. It may be nil.
	Failed func(error)
	// Load is how many bytes requests may take together, those that wait for a message
	// or a function included; 0 is [DefaultLoad].
	Load int64
}

// A Handler answers the requests of AWS clients. Put [Guard] before it, or serve
// it with [NewServer].
type Handler struct {
	options  Options
	services []*Service
	load     *load
}

// NewHandler returns a handler for the actions of services.
func NewHandler(options Options, services ...*Service) *Handler {
	if options.Failed == nil {
		options.Failed = func(error) {}
	}
	return &Handler{options, services, newLoad(options.Load)}
}

// A codec reads the input and writes the answer of one request, in its protocol.
type codec interface {
	decode(input any, p *plan) *Error
	output(output any, p *plan) (contentType string, body []byte)
	failure(e *Error) (contentType string, body []byte)
}

// A call is what a request asks for.
type call struct {
	codec
	scope   scope
	service *Service
	action  string
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := uuid.NewString()
	w.Header().Set("X-Amzn-RequestId", id)
	done, admitted := h.load.admit(r)
	if !admitted {
		h.refuseForLoad(w, r, id)
		return
	}
	defer done()
	c, refusal := h.read(w, r, id)
	if refusal != nil {
		h.refuse(w, c, refusal)
		return
	}
	out, err := h.do(c, r, id)
	// A client waits for a function as long as that runs, and then for its answer.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // the recorders of tests have none
	if err != nil {
		e := AsError(err)
		if e.status() == http.StatusInternalServerError {
			h.options.Failed(fmt.Errorf("%s %s, request %s: %w", c.service.Name, c.action, id, err))
		}
		h.refuse(w, c, e)
		return
	}
	contentType, body := c.output(out, c.service.actions[c.action].out)
	if rest, ok := c.codec.(*restCodec); ok {
		rest.respond(w, contentType, body)
		return
	}
	respond(w, http.StatusOK, contentType, body)
}

// do runs the action that c names.
func (h *Handler) do(c call, r *http.Request, id string) (any, error) {
	action, found := c.service.actions[c.action]
	if !found {
		return nil, NotImplemented("the action %s of %s", c.action, c.service.Name)
	}
	input := action.input()
	if e := c.decode(input, action.in); e != nil {
		return nil, e
	}
	var principal Principal
	if h.options.Function != nil && c.scope.accessKey != "" {
		principal, _ = h.options.Function(c.scope.accessKey)
	}
	if principal.Expired() {
		return nil, &Error{
			Code: "ExpiredTokenException", QueryCode: "ExpiredToken", Status: http.StatusForbidden,
			Message: "The security token included in the request is expired",
		}
	}
	req := newRequest(r, id, c.scope, principal)
	_, req.Query = c.codec.(*queryCodec)
	if e := h.authorize(c, req, input); e != nil {
		return nil, e
	}
	return action.do(WithRequest(r.Context(), req), input)
}

func (h *Handler) authorize(c call, req Request, input any) *Error {
	if h.options.Authorizer == nil {
		return nil
	}
	resource := "*"
	if in, ok := input.(interface{ Resource(region string) string }); ok {
		resource = in.Resource(req.Region)
	}
	permission := c.service.permission(c.action)
	if permission == NoPermission {
		return nil
	}
	decision := h.options.Authorizer.Decide(req.Principal, cmp.Or(c.service.Prefix, c.service.Name)+":"+permission, resource)
	if decision.Allowed {
		return nil
	}
	return c.service.Denied(Denial{User: req.Principal.ARN(), Action: permission, Resource: resource, Decision: decision})
}

// read finds out what r asks for. The call it returns with an error has a codec
// in the protocol of the request, as far as that can be told.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, id string) (call, *Error) {
	c := call{codec: &queryCodec{service: &Service{}, requestID: id}}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return c, Errorf("MalformedQueryString", "The query string is malformed.")
	}
	scope, refusal := scopeOf(r, query)
	c.scope = scope
	if refusal != nil {
		return c, refusal
	}
	c, rest, refusal := h.readREST(c, r, query)
	if refusal != nil {
		return c, refusal
	}
	body, refusal := readBody(w, r, rest.limit())
	switch {
	case refusal != nil && rest != nil:
		return c, rest.tooLarge(refusal)
	case refusal != nil:
		return c, refusal
	case rest != nil:
		rest.body = body
		return c, nil
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return h.readJSON(c, r, target, body)
	}
	if target, action, ok := cborAction(r); ok {
		return h.readCBOR(c, w, target, action, body)
	}
	return h.readQuery(c, r, body, id)
}

func (h *Handler) readJSON(c call, r *http.Request, target string, body []byte) (call, *Error) {
	prefix, action, _ := strings.Cut(target, ".")
	codec := &jsonCodec{service: &Service{}, contentType: r.Header.Get("Content-Type"), body: body}
	c.codec, c.action = codec, action
	for _, s := range h.services {
		if s.Target != "" && s.Target == prefix {
			c.service, codec.service = s, s
			return c, nil
		}
	}
	return c, NotImplemented("the service of X-Amz-Target %s", target)
}

func (h *Handler) readCBOR(c call, w http.ResponseWriter, target, action string, body []byte) (call, *Error) {
	w.Header().Set("Smithy-Protocol", cborProtocol)
	codec := &cborCodec{service: &Service{}, body: body}
	c.codec, c.action = codec, action
	for _, s := range h.services {
		if s.Target != "" && s.Target == target {
			c.service, codec.service = s, s
			return c, nil
		}
	}
	return c, NotImplemented("the service %s", target)
}

func (h *Handler) readQuery(c call, r *http.Request, body []byte, id string) (call, *Error) {
	fields, refusal := readForm(r, body)
	if refusal != nil {
		return c, refusal
	}
	c.action = fields.get("Action")
	c.service = h.queryService(c.scope, r.URL.Path, fields)
	switch {
	case c.service != nil:
	case c.action != "":
		return c, NotImplemented("the action %s of %s", c.action, unknownService(c.scope, fields))
	case c.scope.service != "", r.URL.Path != "/":
		return unknownPath(c, r)
	}
	if c.action == "" {
		return c, Errorf("MissingAction", "This is the endpoint for AWS clients. A request names its action in X-Amz-Target or in the field Action.")
	}
	if s := c.service; s.PathField != "" && r.URL.Path != "/" {
		fields = append(fields, pair{name: s.PathField, value: r.URL.Path}) // counts where there is no such field
	}
	c.codec = &queryCodec{service: c.service, action: c.action, requestID: id, form: fields}
	return c, nil
}

// queryService finds the service that a form is meant for: the signature says it,
// else the version, else the action. It returns nil where none is, or several are.
func (h *Handler) queryService(s scope, path string, fields form) *Service {
	version := fields.get("Version")
	if s.service == "" && version == "" {
		return h.serviceWith(fields.get("Action"), path)
	}
	for _, service := range h.services {
		switch {
		case len(service.Versions) == 0:
		case s.service != "" && s.service == service.Name,
			s.service == "" && service.hasVersion(version):
			return service
		}
	}
	return nil
}

// serviceWith returns the one service that has the action in the query protocol.
// SNS and SQS share some: where several have it, a path means the one whose
// requests have paths.
func (h *Handler) serviceWith(action, path string) *Service {
	var all, withPath []*Service
	for _, service := range h.services {
		if _, has := service.actions[action]; !has || len(service.Versions) == 0 {
			continue
		}
		all = append(all, service)
		if service.PathField != "" && path != "/" {
			withPath = append(withPath, service)
		}
	}
	for _, found := range [][]*Service{withPath, all} {
		if len(found) == 1 {
			return found[0]
		}
	}
	return nil
}

// unknownService is what an error calls a service that queryService did not find.
func unknownService(s scope, fields form) string {
	switch version := fields.get("Version"); {
	case s.service != "":
		return s.service
	case version != "":
		return "the service with version " + version
	}
	return "a service that neither a signature nor a Version names"
}

// firstRead is as much memory as a body gets because its length says so.
const firstRead = 64 << 10

// readBody reads the body of r, of at most limit bytes, and within a limit of time.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *Error) {
	// The deadlines are not supported by the recorders that tests use, and need not be.
	deadline := http.NewResponseController(w)
	_ = deadline.SetReadDeadline(time.Now().Add(bodyTimeout))
	// A client that announces much has to send it before it gets the memory.
	body := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), firstRead)+bytes.MinRead))
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		_ = deadline.SetReadDeadline(time.Time{})
		return body.Bytes(), nil
	}
	// What remains of the body is unread: the connection is of no more use.
	w.Header().Set("Connection", "close")
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &Error{Code: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("A request may have at most %d bytes.", limit)}
	}
	return nil, &Error{Code: "RequestTimeout", Status: http.StatusRequestTimeout, Message: "The body of the request did not arrive in time."}
}

// refuse answers with e in the protocol of c.
func (h *Handler) refuse(w http.ResponseWriter, c call, e *Error) {
	switch codec := c.codec.(type) {
	case *jsonCodec:
		if codec.service.Name != "" && len(codec.service.Versions) == 0 {
			break // it never had a query protocol
		}
		w.Header().Set("X-Amzn-Query-Error", e.InQuery()+";"+e.fault())
	case *cborCodec:
		if len(codec.service.Versions) > 0 {
			w.Header().Set("X-Amzn-Query-Error", e.InQuery()+";"+e.fault())
		}
	case *restCodec:
		w.Header().Set("X-Amzn-Errortype", e.Code)
	}
	contentType, body := c.failure(e)
	respond(w, e.status(), contentType, body)
}

func respond(w http.ResponseWriter, status int, contentType string, body []byte) {
	if len(body) > 0 {
		w.Header().Set("Content-Type", contentType)
	}
	// Without its length a body of more than 2 kB would go in chunks.
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}
