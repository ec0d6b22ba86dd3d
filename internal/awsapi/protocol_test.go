package awsapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
)

const jsonParcel = `{"ParcelUrl":"http://any.host/1/p","Text":"a <b> \u00e9 \ud83d\ude00","Count":3,"Urgent":true,"Data":"AAE=",
	"Names":["one","two"],"Tags":{"k":"v"},"Pieces":[{"Id":"p1"},{"Id":"p2","Bytes":"/w=="}],"Details":{"d":{"Id":"p3"}},"Unknown":{"x":1}}`

const formParcel = "Action=Send&Version=2020-02-02&Text=a+%3Cb%3E+%C3%A9+%F0%9F%98%80&Count=3&Urgent=true&Data=AAE%3D&ParcelUrl=http%3A%2F%2Fany.host%2F1%2Fp" +
	"&Name.2=two&Name.1=one&Tag.1.Key=k&Tag.1.Value=v&Pieces.member.1.Id=p1&Pieces.member.2.Id=p2&Pieces.member.2.Bytes=%2Fw%3D%3D" +
	"&Details.entry.1.Name=d&Details.entry.1.Value.Id=p3&Unknown.1.X=1"

func TestBothProtocolsGiveTheActionTheSameInput(t *testing.T) {
	count := 3
	want := &parcelInput{
		address: address{"http://any.host/1/p"},
		Text:    "a <b> é 😀",
		Count:   &count,
		Urgent:  true,
		Data:    []byte{0, 1},
		Names:   []string{"one", "two"},
		Tags:    map[string]string{"k": "v"},
		Pieces:  []piece{{ID: "p1"}, {ID: "p2", Bytes: []byte{0xff}}},
		Details: map[string]piece{"d": {ID: "p3"}},
	}
	get := httptest.NewRequest(http.MethodGet, "http://localhost:4566/?"+formParcel, nil)
	for name, r := range map[string]*http.Request{
		"json":                jsonRequest("Send", jsonParcel),
		"json at a queue URL": withPath(jsonRequest("Send", jsonParcel), "/1/other"),
		"form":                formRequest("/", formParcel),
		"query string":        get,
	} {
		t.Run(name, func(t *testing.T) {
			var got *parcelInput
			h := awsapi.NewHandler(awsapi.Options{}, parcels(func(_ context.Context, in *parcelInput) error {
				got = in
				return nil
			}))
			if w := serve(t, h, r); w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(parcelInput{})); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
		})
	}
}

func withPath(r *http.Request, path string) *http.Request {
	r.URL.Path = path
	return r
}

func TestOutputInJSONAndXML(t *testing.T) {
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept))
	tests := []struct {
		name        string
		request     *http.Request
		contentType string
		body        string
	}{
		{
			"json", jsonRequest("Send", jsonParcel), "application/x-amz-json-1.0",
			`{"Text":"a <b> é 😀","Count":3,"Urgent":true,"Names":["one","two"],"Tags":{"k":"v"},"Pieces":[{"Id":"p1"},{"Id":"p2","Bytes":"/w=="}],"Details":{"d":{"Id":"p3"}}}`,
		},
		{
			"xml", formRequest("/", formParcel), "text/xml",
			`<?xml version="1.0"?>` + "\n" + `<SendResponse xmlns="http://parcels.test/"><SendResult><Text>a &lt;b&gt; é 😀</Text><Count>3</Count><Urgent>true</Urgent>` +
				`<Name>one</Name><Name>two</Name><Tag><Name>k</Name><Value>v</Value></Tag>` +
				`<Pieces><member><Id>p1</Id></member><member><Id>p2</Id><Bytes>/w==</Bytes></member></Pieces>` +
				`<Details><entry><key>d</key><value><Id>p3</Id></value></entry></Details></SendResult>` +
				`<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></SendResponse>`,
		},
		{"empty result in json", jsonRequest("Send", `{}`), "application/x-amz-json-1.0", `{}`},
		{"an empty body is an empty input", jsonRequest("Send", ``), "application/x-amz-json-1.0", `{}`},
		{"no result in json", jsonRequest("SendBatch", `{}`), "", ``},
		{
			"no result in xml", formRequest("/", "Action=SendBatch"), "text/xml",
			`<?xml version="1.0"?>` + "\n" + `<SendBatchResponse xmlns="http://parcels.test/"><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></SendBatchResponse>`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := serve(t, h, tt.request)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != tt.contentType {
				t.Errorf("status %d, content type %q, want 200, %q", w.Code, w.Header().Get("Content-Type"), tt.contentType)
			}
			if diff := cmp.Diff(tt.body, withoutID(w)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// withoutID returns the body with the request's id replaced by ID.
func withoutID(w *httptest.ResponseRecorder) string {
	return strings.ReplaceAll(w.Body.String(), w.Header().Get("X-Amzn-Requestid"), "ID")
}

func TestErrorsInJSONAndXML(t *testing.T) {
	for _, tt := range []struct {
		name       string
		err        error
		status     int
		queryError string
		json, xml  string
	}{
		{
			"an error of the service",
			&awsapi.Error{Code: "NoParcel", QueryCode: "Old.NoParcel", Message: "No <parcel>.", QueryMessage: "No <parcel> here."},
			400, "Old.NoParcel;Sender",
			`{"__type":"com.amazonaws.parcels#NoParcel","message":"No <parcel>."}`,
			`<Type>Sender</Type><Code>Old.NoParcel</Code><Message>No &lt;parcel&gt; here.</Message>`,
		},
		{
			"an error of the engine is not told",
			errors.New("secret path"),
			500, "InternalError;Receiver",
			`{"__type":"com.amazonaws.parcels#InternalError","message":"An internal error occurred; the engine's log says which."}`,
			`<Type>Receiver</Type><Code>InternalError</Code><Message>An internal error occurred; the engine&#39;s log says which.</Message>`,
		},
		{
			"the engine stops during a long poll",
			context.Canceled,
			503, "ServiceUnavailable;Receiver",
			`{"__type":"com.amazonaws.parcels#ServiceUnavailable","message":"The engine is stopping."}`,
			`<Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>The engine is stopping.</Message>`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := awsapi.NewHandler(awsapi.Options{}, parcels(func(context.Context, *parcelInput) error { return tt.err }))
			w := serve(t, h, jsonRequest("Send", "{}"))
			if w.Code != tt.status || w.Body.String() != tt.json {
				t.Errorf("json: status %d, body %s\nwant %d, %s", w.Code, w.Body, tt.status, tt.json)
			}
			if got := w.Header().Get("X-Amzn-Query-Error"); got != tt.queryError {
				t.Errorf("x-amzn-query-error is %q, want %q", got, tt.queryError)
			}
			w = serve(t, h, formRequest("/", "Action=Send"))
			xml := `<?xml version="1.0"?>` + "\n" + `<ErrorResponse xmlns="http://parcels.test/"><Error>` + tt.xml + `</Error><RequestId>ID</RequestId></ErrorResponse>`
			if got := withoutID(w); w.Code != tt.status || got != xml {
				t.Errorf("xml: status %d, body %s\nwant %d, %s", w.Code, got, tt.status, xml)
			}
		})
	}
}

func TestRequestsThatMeanNothingHere(t *testing.T) {
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept))
	dynamo := jsonRequest("", "{}")
	dynamo.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	lambda := httptest.NewRequest(http.MethodPost, "http://localhost/2015-03-31/functions/f/invocations", nil)
	lambda.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0")
	sts := formRequest("/", "Action=Send&Version=2011-06-15")
	iam := formRequest("/", "Action=ListRoles")
	iam.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")

	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		says    string
	}{
		"unknown action, json":            {jsonRequest("Lose", "{}"), 501, "the action Lose of parcels"},
		"unknown action, form":            {formRequest("/", "Action=Lose&Version=2020-02-02"), 501, "the action Lose of parcels"},
		"unknown service, json":           {dynamo, 501, "DynamoDB_20120810.GetItem"},
		"unknown service, signed form":    {iam, 501, "the action ListRoles of iam"},
		"unknown service, version":        {sts, 501, "the action Send of the service with version 2011-06-15"},
		"unknown service, REST":           {lambda, 501, "POST /2015-03-31/functions/f/invocations of the service lambda"},
		"unknown action, no service":      {formRequest("/", "Action=Lose"), 501, "the action Lose of a service that neither a signature nor a Version names"},
		"no action":                       {formRequest("/", "A=1"), 400, "MissingAction"},
		"a person with a browser":         {httptest.NewRequest(http.MethodGet, "http://localhost/", nil), 400, "endpoint for AWS clients"},
		"broken JSON":                     {jsonRequest("Send", `{"Text":`), 400, "SerializationException"},
		"JSON after JSON":                 {jsonRequest("Send", `{}{}`), 400, "SerializationException"},
		"JSON of another type":            {jsonRequest("Send", `{"Count":"3"}`), 400, "SerializationException"},
		"JSON that is not UTF-8":          {jsonRequest("Send", "{\"Text\":\"\xff\"}"), 400, "not valid UTF-8"},
		"half a surrogate pair":           {jsonRequest("Send", `{"Text":"\ud83d"}`), 400, "not valid UTF-8"},
		"the other half":                  {jsonRequest("Send", `{"Text":"\\\ude00"}`), 400, "not valid UTF-8"},
		"two first halves":                {jsonRequest("Send", `{"Text":"\ud83d\ud83d"}`), 400, "not valid UTF-8"},
		"a form that is not UTF-8":        {formRequest("/", "Action=Send&Text=%FF"), 400, "not valid UTF-8"},
		"a broken escape in a form":       {formRequest("/", "Action=Send&Text=%F"), 400, "MalformedQueryString"},
		"a broken escape in the URL":      {httptest.NewRequest(http.MethodGet, "http://localhost/?Action=%F", nil), 400, "MalformedQueryString"},
		"a number that is none":           {formRequest("/", "Action=Send&Count=three"), 400, "Value three for parameter Count is invalid"},
		"a boolean that is none":          {formRequest("/", "Action=Send&Urgent=perhaps"), 400, "Value perhaps for parameter Urgent is invalid"},
		"a number too large":              {formRequest("/", "Action=Send&Count=99999999999"), 400, "Value 99999999999 for parameter Count is invalid"},
		"bytes that are not Base64":       {formRequest("/", "Action=Send&Data=%21"), 400, "parameter Data is invalid"},
		"a map entry without its name":    {formRequest("/", "Action=Send&Tag.1.Value=v"), 400, "MissingParameter"},
		"a field name of a hundred parts": {formRequest("/", "Action=Send&"+strings.Repeat("a.", 100)+"=1"), 400, "too deep"},
		"ten thousand fields":             {formRequest("/", "Action=Send"+strings.Repeat("&Name.1=x", 10_000)), 400, "more than the 2000"},
		"a body of more than 10 MB":       {formRequest("/", strings.Repeat("x", awsapi.MaxBody+1)), 413, "RequestEntityTooLarge"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, h, tt.request)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("status %d: %s\nwant %d with %q", w.Code, w.Body, tt.status, tt.says)
			}
		})
	}
}

func TestEscapedBackslashIsNotASurrogate(t *testing.T) {
	var got string
	h := awsapi.NewHandler(awsapi.Options{}, parcels(func(_ context.Context, in *parcelInput) error {
		got = in.Text
		return nil
	}))
	w := serve(t, h, jsonRequest("Send", `{"Text":"\\ud83d \ud83d\ude00"}`))
	if w.Code != http.StatusOK || got != `\ud83d 😀` {
		t.Errorf("status %d, text %q", w.Code, got)
	}
}

func TestPathStandsForAMissingField(t *testing.T) {
	for _, tt := range []struct{ path, form, want string }{
		{"/1/by-path", "Action=Send", "/1/by-path"},
		{"/1/by-path", "Action=Send&ParcelUrl=by-field", "by-field"},
		{"/", "Action=Send", ""},
	} {
		var got string
		h := awsapi.NewHandler(awsapi.Options{}, parcels(func(_ context.Context, in *parcelInput) error {
			got = in.ParcelURL
			return nil
		}))
		serve(t, h, formRequest(tt.path, tt.form))
		if got != tt.want {
			t.Errorf("POST %s %s: ParcelUrl is %q, want %q", tt.path, tt.form, got, tt.want)
		}
	}
}

// letters has an action that parcels has too, and no paths.
func letters() *awsapi.Service {
	s := &awsapi.Service{Name: "letters", Versions: []string{"2021-01-01"}, Namespace: "http://letters.test/"}
	awsapi.Register(s, "Send", func(context.Context, *nothing) (*nothing, error) { return &nothing{}, nil })
	return s
}

func TestAnActionOfTwoServicesNeedsMoreThanItsName(t *testing.T) {
	const fromLetters, fromParcels = `xmlns="http://letters.test/"`, `xmlns="http://parcels.test/"`
	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		says    string
	}{
		"nothing more":              {formRequest("/", "Action=Send"), 501, "the action Send of a service that neither a signature nor a Version names"},
		"a path, which one has":     {formRequest("/1/p", "Action=Send"), 200, fromParcels},
		"a version":                 {formRequest("/", "Action=Send&Version=2021-01-01"), 200, fromLetters},
		"a version at a path":       {formRequest("/1/p", "Action=Send&Version=2021-01-01"), 200, fromLetters},
		"a signature":               {signedFor("parcels", formRequest("/", "Action=Send")), 200, fromParcels},
		"a signature at a path":     {signedFor("letters", formRequest("/1/p", "Action=Send")), 200, fromLetters},
		"an action of one of them":  {formRequest("/", "Action=SendBatch"), 200, fromParcels},
		"an action of none of them": {formRequest("/1/p", "Action=Lose"), 501, "the action Lose of a service"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, awsapi.NewHandler(awsapi.Options{}, letters(), parcels(accept)), tt.request)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("status %d: %s\nwant %d with %s", w.Code, w.Body, tt.status, tt.says)
			}
		})
	}
}

func TestRegisteringAnActionTwicePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	awsapi.Register(parcels(accept), "Send", func(context.Context, *nothing) (*nothing, error) { return nil, nil })
}
