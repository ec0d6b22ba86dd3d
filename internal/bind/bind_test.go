package bind_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/bind"
)

func binder[T any](t testing.TB) *bind.Binder {
	t.Helper()
	b, err := bind.New(reflect.TypeFor[T]())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// values binds a request to a T.
func values[T any](t *testing.T, r *http.Request) (T, []bind.Problem) {
	t.Helper()
	var v T
	problems, err := binder[T](t).Bind(r, &v)
	if err != nil {
		t.Fatal(err)
	}
	return v, problems
}

type paging struct {
	Limit int    `query:"limit"`
	Sort  string `json:"sort"`
}

type all struct {
	paging
	ID      string        `path:"id"`
	Int8    int8          `query:"int8"`
	Uint    uint          `query:"uint"`
	Float   float32       `query:"float"`
	Bool    bool          `query:"bool"`
	Wait    time.Duration `query:"wait"`
	Addr    netip.Addr    `query:"addr"`
	Tags    []string      `query:"tag"`
	Numbers []int         `query:"n"`
	Page    *int          `query:"page"`
	Since   *time.Time    `header:"Since"`
	Accept  []string      `header:"accept"`
	Body    string        `json:"body"`
	Ignored string        `json:"-"`
}

var opts = cmp.AllowUnexported(all{}, paging{})

var addr = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func TestFieldsComeFromWhereTheirTagSays(t *testing.T) {
	r := httptest.NewRequest("POST", "/?limit=3&int8=-128&uint=7&float=1.5&bool=true&wait=1m30s&addr=192.0.2.1"+
		"&tag=a&tag=b,c&n=1&n=2&page=4", strings.NewReader(`{"body":"b","sort":"up","limit":9,"ID":"forged","Tags":1}`))
	r.SetPathValue("id", "a b")
	r.Header.Set("Since", "2026-01-02T03:04:05Z")
	r.Header.Add("Accept", "text/html, text/plain")
	r.Header.Add("Accept", "*/*")
	got, problems := values[all](t, r)
	page, since := 4, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := all{
		paging: paging{Limit: 3, Sort: "up"}, ID: "a b", Int8: -128, Uint: 7, Float: 1.5, Bool: true, Wait: 90 * time.Second,
		Addr: netip.MustParseAddr("192.0.2.1"), Tags: []string{"a", "b,c"}, Numbers: []int{1, 2}, Page: &page, Since: &since,
		Accept: []string{"text/html", "text/plain", "*/*"}, Body: "b",
	}
	if diff := cmp.Diff(want, got, opts, addr); diff != "" {
		t.Error(diff)
	}
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestWhatIsAbsentIsZero(t *testing.T) {
	got, problems := values[all](t, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff(all{}, got, opts, addr); diff != "" || len(problems) > 0 {
		t.Errorf("%s%v", diff, problems)
	}
}

func TestEveryProblemIsReported(t *testing.T) {
	long := strings.Repeat("9", 70)
	r := httptest.NewRequest("POST", "/?limit=x&int8=300&uint=-1&float=x&bool=x&wait=90&addr=x&n=1&n=x&page="+long,
		strings.NewReader(`{"body":1,"sort":[]}`))
	r.Header.Set("Since", "yesterday")
	_, got := values[all](t, r)
	want := []bind.Problem{
		{Field: "body", Message: "expected a string, got a number"},
		{Field: "sort", Message: "expected a string, got a list"},
		{Field: "limit", Message: `expected a whole number in the query, got "x"`},
		{Field: "int8", Message: `expected a whole number from -128 to 127 in the query, got "300"`},
		{Field: "uint", Message: `expected a whole number from 0 up in the query, got "-1"`},
		{Field: "float", Message: `expected a number in the query, got "x"`},
		{Field: "bool", Message: `expected true or false in the query, got "x"`},
		{Field: "wait", Message: `expected a duration such as "1m30s" in the query, got "90"`},
		{Field: "addr", Message: `expected a valid netip.Addr in the query, got "x"`},
		{Field: "n", Message: `expected a whole number in the query, got "x"`},
		{Field: "page", Message: `expected a whole number in the query, got "` + long[:64] + `"...`},
		{Field: "Since", Message: `expected a time such as 2006-01-02T15:04:05Z in the header, got "yesterday"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBodyProblemsSayWhereAndWhat(t *testing.T) {
	type item struct {
		Price uint8 `json:"price"`
	}
	type request struct {
		paging
		Items []item         `json:"items"`
		Count map[string]int `json:"count"`
		Time  time.Time      `json:"time"`
		Data  []byte         `json:"data"`
		Flag  bool           `json:"flag"`
		Deep  struct{ Deeper struct{ N float64 } }
	}
	for body, want := range map[string]bind.Problem{
		`{"items":[{"price":1},{"price":300}]}`: {Field: "items.price", Message: "expected a whole number from 0 to 255, got 300"},
		`{"items":[5]}`:                         {Field: "items", Message: "expected a JSON object, got a number"},
		`{"items":true}`:                        {Field: "items", Message: "expected a list of objects, got true or false"},
		`{"count":{"a":"b"}}`:                   {Field: "count", Message: "expected a whole number, got a string"},
		`{"data":5}`:                            {Field: "data", Message: "expected base64 text, got a number"},
		`{"flag":"yes"}`:                        {Field: "flag", Message: "expected true or false, got a string"},
		`{"sort":{}}`:                           {Field: "sort", Message: "expected a string, got an object"},
		`{"SORT":{}}`:                           {Field: "SORT", Message: "expected a string, got an object"},
		`{"Deep":{"Deeper":{"N":""}}}`:          {Field: "Deep.Deeper.N", Message: "expected a number, got a string"},
		`{"time":"noon"}`:                       {Field: "time", Message: `parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"`},
		`5`:                                     {Message: "the body: expected a JSON object, got a number"},
		"{\"sort\":\n  \"\x01\"}":               {Message: `the body is not valid JSON at line 2, column 4: invalid character '\x01' in string literal`},
		`{`:                                     {Message: "the body is not valid JSON at line 1, column 1: unexpected end of JSON input"},
	} {
		_, got := values[request](t, httptest.NewRequest("POST", "/", strings.NewReader(body)))
		if diff := cmp.Diff([]bind.Problem{want}, got); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestTheAnswerToNonsenseIsShort(t *testing.T) {
	type wide struct{ A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z string }
	members := map[string]int{}
	for c := 'A'; c <= 'Z'; c++ {
		members[string(c)] = 1
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := values[wide](t, httptest.NewRequest("POST", "/", strings.NewReader(string(body)))); len(got) != 20 {
		t.Errorf("%d problems, want 20", len(got))
	}
}

type picky struct{ Name string }

func (p *picky) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &p.Name)
}

func TestATypeMayDecodeItself(t *testing.T) {
	got, problems := values[picky](t, httptest.NewRequest("POST", "/", strings.NewReader(`"ana"`)))
	if got.Name != "ana" || len(problems) > 0 {
		t.Errorf("got %+v, %v", got, problems)
	}
	_, problems = values[picky](t, httptest.NewRequest("POST", "/", strings.NewReader(`{"Name":5}`)))
	want := []bind.Problem{{Message: "the body: expected a string, got an object"}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Error(diff)
	}
}

func TestTagsThatCannotWorkAreRefused(t *testing.T) {
	type embedded struct {
		Limit int `query:"limit"`
	}
	for want, typ := range map[string]reflect.Type{
		"keep one": reflect.TypeFor[struct {
			A string `path:"a" query:"a"`
		}](),
		"begin its name with a capital letter": reflect.TypeFor[struct {
			a string `path:"a"`
		}](),
		"name the parameter": reflect.TypeFor[struct {
			A string `path:""`
		}](),
		"[]string cannot be a path parameter": reflect.TypeFor[struct {
			A []string `path:"a"`
		}](),
		"[][]int cannot be a query parameter": reflect.TypeFor[struct {
			A [][]int `query:"a"`
		}](),
		"**int cannot be a header parameter": reflect.TypeFor[struct {
			A **int `header:"a"`
		}](),
		"interface {} cannot be a query parameter": reflect.TypeFor[struct {
			A any `query:"a"`
		}](),
		"embed it by value": reflect.TypeFor[struct{ *embedded }](),
	} {
		if _, err := bind.New(typ); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", typ, err, want)
		}
	}
}

// Whatever a client sends, it is bound or it is told why not.
func FuzzBind(f *testing.F) {
	f.Add("limit=3&n=1&page=2", "17", "2026-01-02T03:04:05Z", `{"body":"b","sort":"s"}`)
	f.Add("limit=%zz&&=", "", ",,", `{"body":1,"body":"x","ID":[]}`)
	f.Add("", "\xff", "\x00", "[")
	b := binder[all](f)
	f.Fuzz(func(t *testing.T, query, path, header, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.URL.RawQuery = query
		r.SetPathValue("id", path)
		r.Header["Since"] = []string{header}
		r.Header["Accept"] = []string{header}
		var v all
		problems, err := b.Bind(r, &v)
		if err != nil {
			t.Fatal(err)
		}
		if v.ID != path {
			t.Errorf("the path value is %q, want %q", v.ID, path)
		}
		if len(problems) == 0 && !json.Valid([]byte(body)) {
			t.Errorf("the body %q is not JSON, and passes", body)
		}
		for _, p := range problems {
			if p.Message == "" {
				t.Errorf("a problem says nothing: %+v", problems)
			}
		}
	})
}
