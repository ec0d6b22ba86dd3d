package apievent

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// A Writer is the http.ResponseWriter of one request. It keeps the answer until
// [Writer.Encode]: a Lambda function answers all at once. The zero value is
// ready; it is for one goroutine, like net/http's own.
type Writer struct {
	header http.Header
	sent   http.Header // header as it was when the status was written
	status int
	body   bytes.Buffer
}

// Header returns the headers to be sent with the status.
func (w *Writer) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// WriteHeader fixes status and headers, the first time. An informational status
// is dropped: API Gateway cannot send one.
func (w *Writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %d", status)) // as net/http does
	}
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	w.sent = w.Header().Clone()
}

// Status is what is answered: 200 where nobody has said otherwise.
func (w *Writer) Status() int { return cmp.Or(w.status, http.StatusOK) }

// Write adds to the body.
func (w *Writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(p)
}

type response struct {
	StatusCode        int                 `json:"statusCode"`
	Headers           map[string]string   `json:"headers,omitempty"`           // 2.0
	Cookies           []string            `json:"cookies,omitempty"`           // 2.0
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"` // 1.0
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// Finish fixes status and headers, where nothing has, and returns the headers that are
// sent: what changes in them still counts.
func (w *Writer) Finish() http.Header {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.sent
}

// Encode returns the answer in the given format.
//
// A body travels as text where it is valid UTF-8, whatever its type: a JSON
// string carries exactly that without loss. Everything else is base64.
func (w *Writer) Encode(v Version) ([]byte, error) {
	header := w.Finish()
	if _, set := header["Content-Type"]; !set && w.body.Len() > 0 && header.Get("Content-Encoding") == "" {
		header.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	out := response{StatusCode: w.status}
	if utf8.Valid(w.body.Bytes()) {
		out.Body = w.body.String()
	} else {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(w.body.Bytes()), true
	}
	if v == V1 {
		out.MultiValueHeaders = header
	} else {
		out.Cookies = header["Set-Cookie"]
		out.Headers = make(map[string]string, len(header))
		for name, values := range header {
			if name != "Set-Cookie" && len(values) > 0 {
				out.Headers[name] = strings.Join(values, ", ")
			}
		}
	}
	return json.Marshal(out)
}
