// Package stackstest plays AWS with recorded answers: those of CloudFormation, and of
// what else is asked about a deployment.
package stackstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// A Server answers from an archive. A file in it is called like the request that it
// answers: the action, and those of the parameters StackName, NextToken, QueueUrl and
// Name that are given.
//
//	-- DescribeStacks --
//	-- DescribeStacks NextToken=page2 --
//	-- DescribeStacks StackName=food-dev #2 --    the second time, and from then on
//
// It holds what is in the result's element; for GetTemplate the template; and for
// services that speak JSON the whole of it. A first line "! 400 ValidationError" makes it
// an error, of which the rest is the message.
type Server struct {
	*httptest.Server
	answers map[string]string

	mu    sync.Mutex
	calls []string
	times map[string]int
}

// Serve starts a server. Close it.
func Serve(answers *txtar.Archive) *Server {
	s := &Server{answers: map[string]string{}, times: map[string]int{}}
	for _, f := range answers.Files {
		s.answers[f.Name] = strings.TrimSpace(string(f.Data))
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	return s
}

// Calls are the requests so far, in the order in which they came.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Called are the requests so far that begin with a prefix.
func (s *Server) Called(prefix string) []string {
	return slices.DeleteFunc(s.Calls(), func(call string) bool { return !strings.HasPrefix(call, prefix) })
}

// parameters are those that tell requests apart.
var parameters = []string{"StackName", "NextToken", "QueueUrl", "Name"}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var action string
	var get func(string) string
	_, operation, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if isJSON {
		var in map[string]any
		_ = json.Unmarshal(body, &in) // what is not JSON has no parameters
		action, get = operation, func(name string) string { text, _ := in[name].(string); return text }
	} else {
		form, _ := url.ParseQuery(string(body)) // what is no form has no action
		action, get = form.Get("Action"), form.Get
	}
	parts := []string{action}
	for _, name := range parameters {
		if value := get(name); value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	call := strings.Join(parts, " ")
	content, found := s.take(call)
	if !found {
		content = "! 501 NotRecorded\nthere is no answer to " + call
	}
	status, code := http.StatusOK, ""
	if first, rest, _ := strings.Cut(content, "\n"); strings.HasPrefix(first, "! ") {
		fields := strings.Fields(first)
		status, _ = strconv.Atoi(fields[1])
		code, content = fields[2], rest
	}
	if isJSON {
		writeJSON(w, status, code, content)
		return
	}
	writeXML(w, status, action, code, content)
}

// take finds the answer to a call, and counts it.
func (s *Server) take(call string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	s.times[call]++
	for n := s.times[call]; n > 1; n-- {
		if content, found := s.answers[fmt.Sprintf("%s #%d", call, n)]; found {
			return content, true
		}
	}
	content, found := s.answers[call]
	return content, found
}

func writeJSON(w http.ResponseWriter, status int, code, content string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if code != "" {
		w.Header().Set("X-Amzn-Errortype", code)
		message, _ := json.Marshal(map[string]string{"message": content}) // texts always can be
		content = string(message)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, content) // the client is the test
}

func writeXML(w http.ResponseWriter, status int, action, code, content string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(content)) // a Builder takes everything
	const tail = "<ResponseMetadata><RequestId>0a1b2c3d</RequestId></ResponseMetadata>"
	switch {
	case code != "":
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>0a1b2c3d</RequestId></ErrorResponse>", code, text.String())
		return
	case action == "GetTemplate":
		content = "<TemplateBody>" + text.String() + "</TemplateBody>"
	}
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult>%[3]s</%[1]sResponse>", action, content, tail)
}
