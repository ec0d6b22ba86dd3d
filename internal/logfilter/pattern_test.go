package logfilter_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/less-go/less/internal/logfilter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPatterns(t *testing.T) {
	const (
		badRequest   = "[ERROR 400] BAD REQUEST"
		unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST"
		code         = "Exiting with ERRORCODE: -1"
		warning      = `[WARN] "quoted" back\slash`
		order        = `{"level":"ERROR","msg":"no money: \"Cesaria\"","latency":1500.5,"count":3,"done":false,"ok":true,"none":null,` +
			`"version":"1.5","detail-type":"Order Placed","user":{"id":1,"email":"c@example.com"},"items":[{"id":"a"},{"id":"b"}],` +
			`"grid":[[0,1],[2,3]],"ip":"123.123.4.5","empty":""}`
	)
	messages := []string{badRequest, unauthorized, code, warning, order}
	for pattern, want := range map[string][]string{
		"":                       messages,
		"  ":                     messages,
		"ERROR":                  {badRequest, unauthorized, code, order},
		"error":                  nil,
		"ERROR REQUEST":          {badRequest, unauthorized},
		" REQUEST   ERROR ":      {badRequest, unauthorized},
		`"ERROR 401"`:            {unauthorized},
		`"400]" REQUEST`:         {badRequest},
		"ERROR -REQUEST":         {code, order},
		`ERROR - "Exiting"`:      {badRequest, unauthorized, order},
		"-ERROR":                 {warning},
		`-ERROR -"[WARN]"`:       nil,
		"?WARN ?ERRORCODE":       {code, warning},
		`?"[WARN]" ?"ERROR 400"`: {badRequest, warning},
		"?WARN ?ERROR -REQUEST":  {code, warning, order},
		"ERROR ?WARN":            {badRequest, unauthorized, code, order},
		`"\"quoted\""`:           {warning},
		`"back\\slash"`:          {warning},
		"%AUTHORIZED%":           {unauthorized},
		`%^\[ERROR\s4[0-9]{2}\]%`: {
			badRequest, unauthorized,
		},
		"%BAD|WARN%":     {badRequest, warning},
		"-%REQUEST$%":    {code, warning, order},
		"?%BAD% ?%WARN%": {badRequest, warning},

		`{ $.level = "ERROR" }`:                                  {order},
		`{$.level=ERROR}`:                                        {order},
		`{ $.level = "INFO" }`:                                   nil,
		`{ $.level != "INFO" }`:                                  {order},
		`{ $.level != "ERROR" }`:                                 nil,
		`{ $.level = "ERR*" }`:                                   {order},
		`{ $.level = *ROR }`:                                     {order},
		`{ $.level = *RR* }`:                                     {order},
		`{ $.level = "E*R" }`:                                    nil,
		`{ $.level = * }`:                                        {order},
		`{ $.empty = * }`:                                        {order},
		`{ $.missing = * }`:                                      nil,
		`{ $.missing != "x" }`:                                   nil,
		`{ $.level = %^ERR% }`:                                   {order},
		`{ $.level != %^ERR% }`:                                  nil,
		`{ $.msg = "*\"Cesaria\"" }`:                             {order},
		`{ $.detail-type = "Order Placed" }`:                     {order},
		`{ $.ip = 123.123.* }`:                                   {order},
		`{ $.ip != 10.* }`:                                       {order},
		`{ $.latency > 1500 }`:                                   {order},
		`{ $.latency >= 1500.5 && $.latency <= 1.5005e3 }`:       {order},
		`{ $.latency < +1500 }`:                                  nil,
		`{ $.latency < 15e2 || $.latency > 15.0e2 }`:             {order},
		`{ $.count = 3 }`:                                        {order},
		`{ $.count = 3.0 }`:                                      {order},
		`{ $.count = "3" }`:                                      {order},
		`{ $.count != 3 }`:                                       nil,
		`{ $.count != 4 }`:                                       {order},
		`{ $.count > -1 }`:                                       {order},
		`{ $.version = 1.5 }`:                                    {order},
		`{ $.version > 1 }`:                                      nil,
		`{ $.level > 1 }`:                                        nil,
		`{ $.none IS NULL }`:                                     {order},
		`{ $.level IS NULL }`:                                    nil,
		`{ $.missing IS NULL }`:                                  nil,
		`{ $.none = "x" || $.none != "x" }`:                      nil,
		`{ $.ok IS TRUE && $.done IS FALSE }`:                    {order},
		`{ $.ok is true }`:                                       {order},
		`{ $.ok IS FALSE }`:                                      nil,
		`{ $.level IS TRUE }`:                                    nil,
		`{ $.missing NOT EXISTS }`:                               {order},
		`{ $.none NOT EXISTS }`:                                  nil,
		`{ $.none EXISTS }`:                                      {order},
		`{ $.user.id = 1 && $.items[0].id = a }`:                 {order},
		`{ $.items[1].id = "b" }`:                                {order},
		`{ $.items[2].id = "b" }`:                                nil,
		`{ $.items[2] NOT EXISTS }`:                              {order},
		`{ $.items[*].id = "b" }`:                                {order},
		`{ $.*.email = "c@example.com" }`:                        {order},
		`{ $.grid[1][0] = 2 }`:                                   {order},
		`{ $.level[0] = "E" }`:                                   nil,
		`{ $.items = 1 || $.items != 1 || $.user != "x" }`:       nil,
		`{ ($.user.id = 1) && ($.level = "ERROR") }`:             {order},
		`{ ($.user.id = 2 && $.count = 3) || $.grid[0][0] = 1 }`: nil,
		`{ $.user.id = 1 || $.grid[0][1] = x && $.count = 9 }`:   {order},
		`{ ($.user.id = 1 || $.grid[0][1] = x) && $.count = 9 }`: nil,
		`{((($.count = 3)))}`:                                    {order},
	} {
		p, err := logfilter.Parse(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		wanted := map[string]bool{}
		for _, m := range want {
			wanted[m] = true
		}
		for _, m := range messages {
			if p.Match(m) != wanted[m] {
				t.Errorf("%s matches %s: %t", pattern, m, !wanted[m])
			}
		}
	}
}

func TestAMessageHasToBeOneObjectForAJSONPattern(t *testing.T) {
	p, err := logfilter.Parse(`{ $.a NOT EXISTS }`)
	if err != nil {
		t.Fatal(err)
	}
	for message, want := range map[string]bool{`{}`: true, " {\"b\":1}\n": true, `[]`: false, `{"b":`: false, `{} {}`: false, "text": false, "": false} {
		if p.Match(message) != want {
			t.Errorf("%q matches: %t", message, !want)
		}
	}
}

func TestPatternsThatAreRefused(t *testing.T) {
	const invalid = "Invalid filter pattern"
	for pattern, want := range map[string]string{
		"a:b":                       "Invalid character(s) in term ':'",
		"?Status: timeout":          "Invalid character(s) in term ':'",
		"order-id":                  "Invalid character(s) in term '-'",
		"a*":                        "Invalid character(s) in term '*'",
		"(a)":                       "Invalid character(s) in term '('",
		"`":                         "Invalid character(s) in term '`'",
		"ü.":                        "Invalid character(s) in term '.'",
		`"open`:                     invalid,
		`"open\"`:                   invalid,
		"-":                         invalid,
		"?":                         invalid,
		"%open":                     invalid,
		"%%":                        invalid,
		"%[%":                       invalid,
		"%(a)%":                     "Invalid character(s) in term '('",
		"%a b%":                     "Invalid character(s) in term ' '",
		"%é%":                       "Invalid character(s) in term 'é'",
		"%a% %b% %c%":               invalid,
		"{":                         invalid,
		"{}":                        "Invalid character(s) in term '}'",
		"{ $.a = 1":                 invalid,
		"{ $.a = 1 } x":             invalid,
		"{ $.a = }":                 "Invalid character(s) in term '}'",
		"{ $.a }":                   "Invalid character(s) in term '}'",
		"{ $ = 1 }":                 invalid,
		"{ a = 1 }":                 "Invalid character(s) in term 'a'",
		`{ $."a" = 1 }`:             "Invalid character(s) in term '$.'",
		"{ $.a[x] = 1 }":            invalid,
		"{ $.a[-1] = 1 }":           invalid,
		"{ $.a[1 = 1 }":             invalid,
		"{ $.a > x }":               invalid,
		`{ $.a > "1" }`:             `Invalid character(s) in term '"'`,
		"{ $.a IS MAYBE }":          invalid,
		"{ $.a NOT THERE }":         invalid,
		"{ $.a LIKE x }":            invalid,
		"{ ($.a = 1 }":              invalid,
		"{ $.a = 1 && }":            "Invalid character(s) in term '}'",
		"{ $.a = 1 & $.b = 2 }":     invalid,
		"{ $.a = x/y }":             "Invalid character(s) in term '/'",
		"{ $.a = 1 || || $.b = 1 }": "Invalid character(s) in term '|'",
	} {
		_, err := logfilter.Parse(pattern)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", pattern, err, want)
		}
	}
	if _, err := logfilter.Parse("[ip, user, ...]"); !errors.Is(err, logfilter.ErrFields) {
		t.Errorf("space-delimited fields: %v", err)
	}
}

// FuzzPattern checks that any pattern is refused or matches any message or not,
// and that space around it makes no difference.
func FuzzPattern(f *testing.F) {
	f.Add(`ERROR -"x y" ?%a+%`, "ERROR")
	f.Add(`{ ($.a[0].b-c = "x*" || $.d >= -1.5e3) && $.e NOT EXISTS && $.* IS NULL }`, `{"a":[{"b-c":"xy"}],"d":1e400,"e":null}`)
	f.Add("{ $.a = %[a-z]{1,1000}% }", `{"a":"b"}`)
	f.Fuzz(func(t *testing.T, pattern, message string) {
		p, err := logfilter.Parse(pattern)
		q, err2 := logfilter.Parse("  " + pattern + "\t")
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%v, with space around it %v", err, err2)
		}
		if err == nil && p.Match(message) != q.Match(message) {
			t.Error("space around the pattern makes a difference")
		}
	})
}
