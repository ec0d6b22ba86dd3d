package gateway

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/plan"
)

// timeFormat is the access log's, in which AWS tells the time of a request.
const timeFormat = "02/Jan/2006:15:04:05 -0700"

// An event is a request as a function gets it: API Gateway's payload 2.0, its
// fields in AWS's order. What a request does not have is left out.
type event struct {
	Version         string            `json:"version"`
	RouteKey        string            `json:"routeKey"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies,omitempty"`
	Headers         map[string]string `json:"headers"`
	Query           map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext  requestContext    `json:"requestContext"`
	Body            string            `json:"body,omitempty"`
	PathParameters  map[string]string `json:"pathParameters,omitempty"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

type requestContext struct {
	AccountID    string      `json:"accountId"`
	APIID        string      `json:"apiId"`
	DomainName   string      `json:"domainName"`
	DomainPrefix string      `json:"domainPrefix"`
	HTTP         httpContext `json:"http"`
	RequestID    string      `json:"requestId"`
	RouteKey     string      `json:"routeKey"`
	Stage        string      `json:"stage"`
	Time         string      `json:"time"`
	TimeEpoch    int64       `json:"timeEpoch"`
}

type httpContext struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// A request is what an event is made from.
type request struct {
	*http.Request
	id         string
	trace      string
	time       time.Time
	api        string
	path       string // without the stage
	stage      Stage
	route      route
	parameters map[string]string
	body       []byte
}

// Event is what the gateway of api makes of r, which has body, and the function
// that it calls with that; found is false where no route is for r.
func Event(api plan.API, r *http.Request, body []byte) (payload []byte, function string, found bool) {
	req := request{Request: r, id: newRequestID(), time: time.Now(), api: api.Name, path: rawPath(r), body: body}
	if req.route, req.parameters, found = newRoutes(api).match(r.Method, req.path); !found {
		return nil, "", false
	}
	req.trace = cmp.Or(r.Header.Get("X-Amzn-Trace-Id"), newTrace(req.time))
	return req.event(), req.route.Function, true
}

// rawPath is the request's path as an HTTP API sees it: decoded, unlike that of
// a REST API, and cut at a question mark that was hidden by an escape.
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return path
}

// event encodes the request.
func (r request) event() []byte {
	domain := hostname(r.Host)
	prefix, _, _ := strings.Cut(domain, ".")
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	e := event{
		Version:        "2.0",
		RouteKey:       r.route.key,
		RawPath:        r.stage.prefix() + r.path,
		RawQueryString: r.URL.RawQuery,
		Cookies:        cookies(r.Header["Cookie"]),
		Headers:        r.headers(source),
		Query:          query(r.URL.RawQuery),
		PathParameters: r.parameters,
		RequestContext: requestContext{
			AccountID:    awsapi.Account,
			APIID:        r.api,
			DomainName:   domain,
			DomainPrefix: prefix,
			HTTP: httpContext{
				Method:    r.Method,
				Path:      r.stage.prefix() + r.path,
				Protocol:  r.Proto,
				SourceIP:  source,
				UserAgent: r.UserAgent(),
			},
			RequestID: r.id,
			RouteKey:  r.route.key,
			Stage:     r.stage.name(),
			Time:      r.time.UTC().Format(timeFormat),
			TimeEpoch: r.time.UnixMilli(),
		},
	}
	if len(r.body) > 0 {
		if e.IsBase64Encoded = !isText(r.Header.Get("Content-Type")); e.IsBase64Encoded {
			e.Body = base64.StdEncoding.EncodeToString(r.body)
		} else {
			e.Body = string(r.body)
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the event is not a web page, and has a limit
	_ = encoder.Encode(e)        // strings and numbers always encode
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// headers returns the request's headers as API Gateway passes them on: names in
// lower case, values of one name joined, cookies apart, and its own added.
func (r request) headers(source string) map[string]string {
	out := make(map[string]string, len(r.Header)+6)
	for name, values := range r.Header {
		out[strings.ToLower(name)] = strings.Join(values, ",")
	}
	delete(out, "cookie")
	_, port, _ := net.SplitHostPort(r.Host)
	if port == "" {
		port = "80"
	}
	out["host"] = r.Host
	out["content-length"] = strconv.Itoa(len(r.body))
	out["x-amzn-trace-id"] = r.trace
	out["x-forwarded-port"] = port
	out["x-forwarded-proto"] = "http"
	if before := out["x-forwarded-for"]; before != "" {
		source = before + ", " + source
	}
	out["x-forwarded-for"] = source
	return out
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// cookies returns the cookies of all Cookie headers, as they were sent.
func cookies(headers []string) []string {
	var out []string
	for _, h := range headers {
		for c := range strings.SplitSeq(h, ";") {
			if c = strings.TrimSpace(c); c != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

// query returns the decoded parameters, the values of one name joined. Unlike
// net/url it drops nothing: what cannot be decoded is passed on as it is.
func query(raw string) map[string]string {
	var out map[string]string
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		if out == nil {
			out = map[string]string{}
		}
		if before, again := out[name]; again {
			value = before + "," + value
		}
		out[name] = value
	}
	return out
}

func unescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// textTypes are the media types, besides text/*, that AWS was seen to pass on as
// text. All others go as base64, forms and a missing type included. Types such
// as application/problem+json were not tried; they are taken as the others.
var textTypes = []string{"application/json", "application/xml", "application/javascript"}

func isText(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	return strings.HasPrefix(mediaType, "text/") || slices.Contains(textTypes, mediaType)
}
