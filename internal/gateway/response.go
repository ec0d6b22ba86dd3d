package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A response is what a client gets.
type response struct {
	status int
	header http.Header
	body   []byte
}

// refusal is API Gateway's own answer, in its words.
func refusal(status int, message string) response {
	return response{
		status: status,
		header: http.Header{"Content-Type": {"application/json"}},
		body:   []byte(`{"message":"` + message + `"}`),
	}
}

// API Gateway's own answers. The last three were not seen on AWS with an HTTP
// API; they follow its documentation, its REST APIs and each other.
func notFound() response      { return refusal(404, "Not Found") }
func internalError() response { return refusal(500, "Internal Server Error") }
func unavailable() response   { return refusal(503, "Service Unavailable") }
func tooMany() response       { return refusal(429, "Too Many Requests") }
func badRequest() response    { return refusal(400, "Bad Request") }
func tooLarge() response      { return refusal(413, "Request Entity Too Large") }
func headersTooLarge() response {
	return refusal(431, "Request Header Fields Too Large")
}

// parseResponse reads what a function answered, by the rules of payload 2.0. An
// object with statusCode is a response, and an error says what is wrong with it.
// Anything else is the body of a 200, of type application/json whatever it
// is: AWS looks no closer.
func parseResponse(payload []byte) (response, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) == nil {
		if _, found := fields["statusCode"]; found {
			return parseFields(fields)
		}
	}
	r := response{status: 200, header: http.Header{"Content-Type": {"application/json"}}, body: payload}
	var text string
	if bytes.HasPrefix(bytes.TrimSpace(payload), []byte(`"`)) && json.Unmarshal(payload, &text) == nil {
		r.body = []byte(text)
	}
	return r, nil
}

func parseFields(fields map[string]json.RawMessage) (response, error) {
	r := response{header: http.Header{}}
	var err error
	// A number, or one in quotes, as some runtimes write it.
	if r.status, err = strconv.Atoi(strings.Trim(string(fields["statusCode"]), `"`)); err != nil || r.status < 200 || r.status > 599 {
		return response{}, fmt.Errorf("statusCode is %s, not a number from 200 to 599", fields["statusCode"])
	}
	var headers map[string]json.RawMessage
	if err := field(fields, "headers", &headers, "an object"); err != nil {
		return response{}, err
	}
	if err := r.setHeaders(headers); err != nil {
		return response{}, err
	}
	var cookies []string
	if err := field(fields, "cookies", &cookies, "a list of strings"); err != nil {
		return response{}, err
	}
	for _, c := range cookies {
		r.header.Add("Set-Cookie", c)
	}
	var body string
	if err := field(fields, "body", &body, "a string"); err != nil {
		return response{}, err
	}
	var encoded bool
	if err := field(fields, "isBase64Encoded", &encoded, "true or false"); err != nil {
		return response{}, err
	}
	r.body = []byte(body)
	if encoded {
		if r.body, err = base64.StdEncoding.DecodeString(body); err != nil {
			return response{}, errors.New("isBase64Encoded is true, but body is not base64")
		}
	}
	if r.header.Get("Content-Type") == "" {
		r.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	return r, nil
}

// field decodes the field name into v, which keeps its zero value where the
// field is missing or null.
func field(fields map[string]json.RawMessage, name string, v any, want string) error {
	raw, found := fields[name]
	if !found {
		return nil
	}
	if json.Unmarshal(raw, v) != nil {
		return fmt.Errorf("%s is not %s", name, want)
	}
	return nil
}

// ownHeaders are the connection's own, which a function has no say in.
var ownHeaders = []string{
	"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// setHeaders takes strings, and numbers and booleans as they are written.
func (r response) setHeaders(headers map[string]json.RawMessage) error {
	// In order, so that of two spellings of one name the same always wins.
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		raw := string(headers[name])
		value := raw
		switch raw[0] {
		case '"':
			_ = json.Unmarshal(headers[name], &value) // it is part of valid JSON
		case '{', '[':
			return fmt.Errorf("the header %s is not a string", name)
		case 'n': // null
			continue
		}
		canonical := http.CanonicalHeaderKey(name)
		// A colon would make net/http take the name for a trailer's.
		if strings.Contains(name, ":") || slices.Contains(ownHeaders, canonical) {
			continue
		}
		r.header[canonical] = []string{value}
	}
	return nil
}

// write sends the response.
func (r response) write(w http.ResponseWriter) {
	header := w.Header()
	maps.Copy(header, r.header)
	if r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		header.Del("Content-Type")
		w.WriteHeader(r.status)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a client that went away misses its answer
}
