package awsapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
)

// Boxes is a service of REST-JSON that exists nowhere.
type (
	boxInput struct {
		box
		Limit   *int     `json:"-" rest:"query=Limit"`
		Deep    bool     `json:"-" rest:"query=deep"`
		Tags    []string `json:"-" rest:"query=tag"`
		LogType string   `json:"-" rest:"header=X-Amz-Log-Type"`
		Text    string
	}
	box struct {
		Name string `json:"-" rest:"path=BoxName"`
	}
	fillInput struct {
		box
		Payload []byte `json:"-" rest:"payload"`
	}
	fillOutput struct {
		Status  int    `json:"-" rest:"status"`
		Error   string `json:"-" rest:"header=X-Amz-Box-Error"`
		Payload []byte `json:"-" rest:"payload"`
	}
	boxOutput struct {
		Version string `json:"-" rest:"header=X-Amz-Version"`
		Name    string
		Rest    string `json:",omitempty"`
	}
	keyInput struct {
		box
		Key string `json:"-" rest:"path=Key"`
	}
)

func (b box) Resource(region string) string { return awsapi.LocalARN("boxes", region, "box:"+b.Name) }

// boxes returns the service. Its action Put calls put with what it was given.
func boxes(put func(context.Context, *boxInput) error) *awsapi.Service {
	s := &awsapi.Service{
		Name:        "boxes",
		Permissions: map[string]string{"Fill": "FillBox", "Look": awsapi.NoPermission},
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "Denied", Status: http.StatusForbidden, Message: d.User + " may not " + d.Action + " " + d.Resource}
		},
		RESTError: func(e *awsapi.Error) any { return map[string]string{"Type": "User", "Message": e.Message} },
		TooLarge: func(action string) *awsapi.Error {
			return &awsapi.Error{Code: "BoxTooLarge", Status: http.StatusRequestEntityTooLarge, Message: "too large for " + action}
		},
	}
	awsapi.RegisterREST(s, "Put", "PUT /2020-02-02/boxes/{BoxName}", func(ctx context.Context, in *boxInput) (*boxOutput, error) {
		if err := put(ctx, in); err != nil {
			return nil, err
		}
		return &boxOutput{Version: "7", Name: in.Name}, nil
	})
	awsapi.RegisterREST(s, "Fill", "POST /2020-02-02/boxes/{BoxName}/content", func(_ context.Context, in *fillInput) (*fillOutput, error) {
		return &fillOutput{Status: http.StatusAccepted, Payload: in.Payload}, nil
	})
	awsapi.RegisterREST(s, "Look", "GET /2020-02-02/boxes/{BoxName}", func(_ context.Context, in *box) (*boxOutput, error) {
		return &boxOutput{Name: in.Name}, nil
	})
	awsapi.RegisterREST(s, "List", "GET /2020-02-02/boxes", func(context.Context, *nothing) (*nothing, error) { return &nothing{}, nil })
	awsapi.RegisterREST(s, "LookAtAll", "GET /2020-02-02/boxes/all", func(context.Context, *nothing) (*boxOutput, error) {
		return &boxOutput{Name: "all of them"}, nil
	})
	return s
}

// buckets is a service whose paths begin with a variable.
func buckets() *awsapi.Service {
	s := &awsapi.Service{Name: "buckets"}
	awsapi.RegisterREST(s, "Get", "GET /{BoxName}/{Key+}", func(_ context.Context, in *keyInput) (*boxOutput, error) {
		return &boxOutput{Name: in.Name, Rest: in.Key}, nil
	})
	return s
}

func restRequest(method, target, body string) *http.Request {
	return httptest.NewRequest(method, "http://localhost:4566"+target, strings.NewReader(body))
}

func signedFor(service string, r *http.Request) *http.Request {
	return signed(r, "test/20260101/eu-west-1/"+service+"/aws4_request")
}

func acceptBox(context.Context, *boxInput) error { return nil }

func TestRESTFillsTheInputFromAllPartsOfTheRequest(t *testing.T) {
	var got *boxInput
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept), boxes(func(_ context.Context, in *boxInput) error {
		got = in
		return nil
	}))
	r := restRequest("PUT", "/2020-02-02/boxes/a%2Fb%3Ac?Limit=3&deep=true&tag=x&tag=y", `{"Text":"t","Name":"other","Limit":9}`)
	r.Header.Set("X-Amz-Log-Type", "Tail")
	w := serve(t, h, r)
	if w.Code != http.StatusOK || w.Header().Get("X-Amz-Version") != "7" || w.Body.String() != `{"Name":"a/b:c"}` || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, header %v, body %s", w.Code, w.Header(), w.Body)
	}
	want := &boxInput{box: box{"a/b:c"}, Limit: new(3), Deep: true, Tags: []string{"x", "y"}, LogType: "Tail", Text: "t"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(boxInput{})); diff != "" {
		t.Errorf("input (-want +got):\n%s", diff)
	}
}

func TestRESTFindsTheActionByMethodAndPath(t *testing.T) {
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept), boxes(acceptBox), buckets())
	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		body    string
	}{
		"unsigned":                         {restRequest("GET", "/2020-02-02/boxes/b", ""), 200, `{"Name":"b"}`},
		"signed":                           {signedFor("boxes", restRequest("GET", "/2020-02-02/boxes/b", "")), 200, `{"Name":"b"}`},
		"a slash at the end":               {restRequest("GET", "/2020-02-02/boxes/b/", ""), 200, `{"Name":"b"}`},
		"literals go before variables":     {restRequest("GET", "/2020-02-02/boxes/all", ""), 200, `{"Name":"all of them"}`},
		"an output without fields":         {restRequest("GET", "/2020-02-02/boxes", ""), 200, ``},
		"the body as payload":              {restRequest("POST", "/2020-02-02/boxes/b/content", "\x00not JSON"), 202, "\x00not JSON"},
		"an empty payload":                 {restRequest("POST", "/2020-02-02/boxes/b/content", ""), 202, ""},
		"all that is left":                 {signedFor("buckets", restRequest("GET", "/bucket/a/b%20c//d", "")), 200, `{"Name":"bucket","Rest":"a/b c//d"}`},
		"a path of another service":        {signedFor("buckets", restRequest("GET", "/2020-02-02/boxes/b", "")), 200, `{"Name":"2020-02-02","Rest":"boxes/b"}`},
		"a path that starts anywhere":      {restRequest("GET", "/bucket/a", ""), 501, "GET /bucket/a of any service"},
		"nothing left":                     {signedFor("buckets", restRequest("GET", "/bucket/", "")), 501, "GET /bucket/ of the service buckets"},
		"unknown method":                   {signedFor("boxes", restRequest("DELETE", "/2020-02-02/boxes/b", "")), 501, "DELETE /2020-02-02/boxes/b of the service boxes"},
		"unknown path":                     {signedFor("boxes", restRequest("GET", "/2020-02-02/lids/b", "")), 501, "GET /2020-02-02/lids/b of the service boxes"},
		"unknown path, unsigned":           {restRequest("GET", "/2020-02-02/lids/b", ""), 501, "GET /2020-02-02/lids/b of any service"},
		"unknown service":                  {signedFor("apigateway", restRequest("GET", "/v2/apis", "")), 501, `{"message":"Less does not implement GET /v2/apis of the service apigateway."}`},
		"unknown service that speaks XML":  {signedFor("s3", restRequest("GET", "/bucket", "")), 501, "<Message>Less does not implement GET /bucket of the service s3.</Message>"},
		"a number that is none":            {restRequest("PUT", "/2020-02-02/boxes/b?Limit=three", ""), 400, `"three\" of Limit`},
		"a boolean that is none":           {restRequest("PUT", "/2020-02-02/boxes/b?deep=perhaps", ""), 400, `"perhaps\" of deep`},
		"a name that is not UTF-8":         {restRequest("PUT", "/2020-02-02/boxes/%FF", ""), 400, "not valid UTF-8"},
		"broken JSON":                      {restRequest("PUT", "/2020-02-02/boxes/b", `{"Text":`), 400, "cannot be read"},
		"an empty variable":                {restRequest("POST", "/2020-02-02/boxes//content", ""), 501, "POST /2020-02-02/boxes//content"},
		"a body of more than 10 MB":        {restRequest("POST", "/2020-02-02/boxes/b/content", strings.Repeat("x", awsapi.MaxBody+1)), 413, `"too large for Fill"`},
		"JSON's header means another one":  {jsonAt("/2020-02-02/boxes/b"), 200, `{"Text":"t"}`},
		"a form at a path goes by its own": {formRequest("/2020-02-02/parcels", "Action=Send&Version=2020-02-02&Text=t"), 200, "<Text>t</Text>"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, h, tt.request)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || tt.body == "" && w.Body.Len() > 0 {
				t.Errorf("status %d: %q\nwant %d with %q", w.Code, w.Body, tt.status, tt.body)
			}
		})
	}
}

func jsonAt(path string) *http.Request { return withPath(jsonRequest("Send", `{"Text":"t"}`), path) }

func TestRESTErrorsAreTheServices(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status int
		code   string
		body   string
	}{
		"an error of the service":      {&awsapi.Error{Code: "NoBox", Status: 404, Message: "No <box>."}, 404, "NoBox", `{"Message":"No <box>.","Type":"User"}`},
		"an error of the engine":       {errors.New("secret path"), 500, "InternalError", `{"Message":"An internal error occurred; the engine's log says which.","Type":"User"}`},
		"an action that is not there":  {awsapi.NotImplemented("lids"), 501, "NotImplemented", `{"Message":"Less does not implement lids.","Type":"User"}`},
		"the engine stops meanwhile":   {context.Canceled, 503, "ServiceUnavailable", `{"Message":"The engine is stopping.","Type":"User"}`},
		"a status that is not said":    {awsapi.Errorf("Bad", "bad"), 400, "Bad", `{"Message":"bad","Type":"User"}`},
		"an error within another one":  {errors.Join(errors.New("x"), awsapi.Errorf("Bad", "bad")), 400, "Bad", `{"Message":"bad","Type":"User"}`},
		"an error without explanation": {awsapi.Errorf("Bad", ""), 400, "Bad", `{"Message":"","Type":"User"}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := awsapi.NewHandler(awsapi.Options{}, boxes(func(context.Context, *boxInput) error { return tt.err }))
			w := serve(t, h, restRequest("PUT", "/2020-02-02/boxes/b", "{}"))
			if w.Code != tt.status || w.Header().Get("X-Amzn-Errortype") != tt.code || w.Body.String() != tt.body || w.Header().Get("X-Amzn-Query-Error") != "" {
				t.Errorf("status %d, header %v, body %s\nwant %d, %s, %s", w.Code, w.Header(), w.Body, tt.status, tt.code, tt.body)
			}
		})
	}
}

func TestPermissionsMayHaveOtherNamesThanActions(t *testing.T) {
	authorizer := &recordingAuthorizer{}
	h := awsapi.NewHandler(awsapi.Options{Authorizer: authorizer}, boxes(acceptBox))
	if w := serve(t, h, restRequest("POST", "/2020-02-02/boxes/b/content", "")); w.Code != http.StatusForbidden {
		t.Errorf("Fill: status %d", w.Code)
	}
	if w := serve(t, h, restRequest("GET", "/2020-02-02/boxes/b", "")); w.Code != http.StatusOK {
		t.Errorf("Look, which is everybody's: status %d", w.Code)
	}
	want := []string{"arn:aws:iam::000000000000:root boxes:FillBox arn:aws:boxes:us-east-1:000000000000:box:b"}
	if diff := cmp.Diff(want, authorizer.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// slowly returns an action that ends with result after a quarter of an hour.
func slowly(result error) func(context.Context, *boxInput) error {
	return func(ctx context.Context, _ *boxInput) error {
		select {
		case <-time.After(15 * time.Minute):
			return result
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

const putBox = "PUT /2020-02-02/boxes/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"

func TestAnActionMayTakeLongerThanAnAnswer(t *testing.T) {
	for want, result := range map[int]error{http.StatusOK: nil, http.StatusBadRequest: awsapi.Errorf("Bad", "bad")} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := connectTo(t, boxes(slowly(result)))
			write(t, client, putBox)
			if resp := answer(t, client); resp.StatusCode != want {
				t.Errorf("status %s, want %d", resp.Status, want)
			}
		})
	}
}

func TestAnAnswerThatNobodyReadsIsGivenUp(t *testing.T) {
	for _, result := range []error{nil, awsapi.Errorf("Bad", "bad")} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := connectTo(t, boxes(slowly(result)))
			write(t, client, putBox)
			<-time.After(20 * time.Minute)
			if rest, err := io.ReadAll(client); err != nil || len(rest) > 0 {
				t.Errorf("five minutes after the action there is an answer: %q, %v", rest, err)
			}
		})
	}
}

func TestRoutesThatMakeNoSensePanic(t *testing.T) {
	type (
		noJSON struct {
			A string `rest:"query=a"`
		}
		noName struct {
			A string `json:"-" rest:"query"`
		}
		noPlace struct {
			A string `json:"-" rest:"body=a"`
		}
		noBytes struct {
			A string `json:"-" rest:"payload"`
		}
		noInt struct {
			A string `json:"-" rest:"status"`
		}
		status struct {
			A int `json:"-" rest:"status"`
		}
		noKind struct {
			A float64 `json:"-" rest:"query=a"`
		}
		noPointer struct {
			A **string `json:"-" rest:"query=a"`
		}
		noStrings struct {
			A []int `json:"-" rest:"query=a"`
		}
		listInHeader struct {
			A []string `json:"-" rest:"header=a"`
		}
		numberInHeader struct {
			A int `json:"-" rest:"header=a"`
		}
		inQuery struct {
			A string `json:"-" rest:"query=a"`
		}
		notInPath struct {
			A string `json:"-" rest:"path=a"`
		}
		wellFormed struct {
			A string `json:"-" rest:"path=A"`
		}
	)
	register := func(pattern string) func() {
		return func() {
			awsapi.RegisterREST(&awsapi.Service{}, "X", pattern, func(context.Context, *wellFormed) (*nothing, error) { return nil, nil })
		}
	}
	for name, f := range map[string]func(){
		"no method":       register("/x/{A}"),
		"no path":         register("GET x/{A}"),
		"rest not at end": register("GET /{A+}/x"),
		"in the body":     func() { registerInput[noJSON]() },
		"no name":         func() { registerInput[noName]() },
		"no such place":   func() { registerInput[noPlace]() },
		"no bytes":        func() { registerInput[noBytes]() },
		"not in the path": func() { registerInput[notInPath]() },

		"a status to read":     func() { registerInput[status]() },
		"no such kind":         func() { registerInput[noKind]() },
		"no such pointer":      func() { registerInput[noPointer]() },
		"no such list":         func() { registerInput[noStrings]() },
		"a list in a header":   func() { registerInput[listInHeader]() },
		"no int to answer":     func() { registerOutput[noInt]() },
		"no bytes to answer":   func() { registerOutput[noBytes]() },
		"no string to answer":  func() { registerOutput[numberInHeader]() },
		"a query to answer":    func() { registerOutput[inQuery]() },
		"a variable to answer": func() { registerOutput[wellFormed]() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
	registerInput[nothing]() // these do
	registerInput[numberInHeader]()
	registerOutput[status]()
}

func registerInput[In any]() {
	awsapi.RegisterREST(&awsapi.Service{}, "X", "GET /x", func(context.Context, *In) (*nothing, error) { return nil, nil })
}

func registerOutput[Out any]() {
	awsapi.RegisterREST(&awsapi.Service{}, "X", "GET /x", func(context.Context, *nothing) (*Out, error) { return nil, nil })
}

// FuzzREST checks that any path and body gets an answer, and never one that
// blames the engine; what an action has been given is what was said.
func FuzzREST(f *testing.F) {
	f.Add("PUT", "/2020-02-02/boxes/a%2Fb", "Limit=1", `{"Text":"x"}`)
	f.Add("GET", "//..//%2e%2E/?", "%", "")
	f.Add("POST", "/2020-02-02/boxes/b/content/", "", "\x00")
	h := awsapi.NewHandler(awsapi.Options{}, boxes(acceptBox), buckets())
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
		r.Method = method
		u, err := r.URL.Parse("http://localhost/" + path)
		if err != nil {
			return
		}
		u.RawQuery = query
		r.URL = u
		w := serve(t, h, r)
		switch w.Code {
		case http.StatusOK, http.StatusAccepted:
			if w.Code == http.StatusOK && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
				t.Errorf("the answer is not JSON: %s", w.Body)
			}
		case http.StatusBadRequest, http.StatusNotImplemented, http.StatusForbidden:
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}
