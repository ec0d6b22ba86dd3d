package filter_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/less-go/less/internal/filter"
)

// scalars are values as JSON writes them.
var scalars = []string{
	`""`, `"x"`, `"xy"`, `"X"`, `"100"`, `"null"`, `"true"`, `"10.0.0.1"`, `"\""`, `"é"`,
	`0`, `-0.0`, `1`, `100`, `100.0`, `1e2`, `-1000000000`, `1e9`, `1e10`, `123456789012`, `0.00001`, `true`, `false`, `null`,
}

// Every body passes one of "exists": true and "exists": false, and no body both.
func TestExistsPartitionsTheBodies(t *testing.T) {
	yes := parse(t, `{"a":{"b":[{"exists":true}]}}`, filter.MessageBody)
	no := parse(t, `{"a":{"b":[{"exists":false}]}}`, filter.MessageBody)
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		body := []byte(`{"a":` + randomValue(random, 4) + `,"a.b":` + randomValue(random, 1) + `}`)
		if yes.MatchBody(body) == no.MatchBody(body) {
			t.Errorf("%s: both are %t", body, yes.MatchBody(body))
		}
	}
}

// A value that is there passes "anything-but" of a value if and only if it does not
// pass the value.
func TestAnythingButIsTheComplement(t *testing.T) {
	for _, but := range scalars {
		if strings.Trim(but, "tfn") != but || but == "1e10" || but == "123456789012" || but == `"10.0.0.1"` {
			continue // not allowed there, or not compared as text
		}
		for _, pair := range [][2]string{
			{`{"a":[` + but + `]}`, `{"a":[{"anything-but":` + but + `}]}`},
			{`{"a":[` + but + `]}`, `{"a":[{"anything-but":[` + but + `]}]}`},
			{`{"a":[{"prefix":"x"}]}`, `{"a":[{"anything-but":{"prefix":"x"}}]}`},
			{`{"a":[{"suffix":"y"}]}`, `{"a":[{"anything-but":{"suffix":"y"}}]}`},
			{`{"a":[{"wildcard":"x*"}]}`, `{"a":[{"anything-but":{"wildcard":"x*"}}]}`},
		} {
			is, isNot := parse(t, pair[0], filter.MessageBody), parse(t, pair[1], filter.MessageBody)
			for _, value := range scalars {
				body := []byte(`{"a":` + value + `}`)
				if is.MatchBody(body) == isNot.MatchBody(body) {
					t.Errorf("%s and %s are both %t of %s", pair[0], pair[1], is.MatchBody(body), body)
				}
			}
		}
	}
}

// A wildcard matches what a regular expression of dots and stars does.
func TestWildcardsAreRegularExpressions(t *testing.T) {
	var texts []string
	for n := range 1 << 8 {
		texts = append(texts, strings.NewReplacer("0", "a", "1", "b").Replace(fmt.Sprintf("%b", n)), strings.Repeat("a", n%5)+"b")
	}
	texts = append(texts, "", "c", "acb")
	for _, pattern := range []string{"", "*", "a", "a*", "*a", "a*b", "*a*", "ab*ab", "*ab*ba*", "a*a*a", "*aa*a"} {
		policy := parse(t, `{"k":[{"wildcard":"`+pattern+`"}]}`, filter.MessageBody)
		expression := regexp.MustCompile("^" + strings.ReplaceAll(pattern, "*", ".*") + "$")
		for _, text := range texts {
			if got := policy.MatchBody([]byte(`{"k":"` + text + `"}`)); got != expression.MatchString(text) {
				t.Errorf("%s of %s: %t", pattern, text, got)
			}
		}
	}
}

// A range is what both of its ends are, and "=" what "<=" and ">=" are.
func TestRangesAreTheirEnds(t *testing.T) {
	numbers := []string{"-1e9", "-1.00001", "-1", "-0.00001", "0", "0.00001", "1", "99.99999", "100", "1e9"}
	matches := func(operators, value string) bool {
		return parse(t, `{"a":[{"numeric":[`+operators+`]}]}`, filter.MessageBody).MatchBody([]byte(`{"a":` + value + `}`))
	}
	for i, low := range numbers {
		for _, value := range numbers {
			if matches(`"=",`+low, value) != (matches(`"<=",`+low, value) && matches(`">=",`+low, value)) {
				t.Errorf("%s = %s", value, low)
			}
			if matches(`"<",`+low, value) == matches(`">=",`+low, value) || matches(`">",`+low, value) == matches(`"<=",`+low, value) {
				t.Errorf("%s < %s", value, low)
			}
			for _, high := range numbers[i+1:] {
				for _, from := range []string{">", ">="} {
					for _, to := range []string{"<", "<="} {
						bottom, top := fmt.Sprintf("%q,%s", from, low), fmt.Sprintf("%q,%s", to, high)
						if matches(bottom+","+top, value) != (matches(bottom, value) && matches(top, value)) {
							t.Errorf("%s %s, %s", value, bottom, top)
						}
					}
				}
			}
		}
	}
}

// The fast implementation and the naive one say the same of random policies and
// bodies, which meet more often than those of a fuzzer.
func TestRandomBodies(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	tried, passed := 0, 0
	for range 8000 {
		policy, body := randomPolicy(random, 2), `{"a":`+randomValue(random, 4)+`,"b":`+randomValue(random, 3)+`,"a.b":`+randomValue(random, 1)+`}`
		p, err := filter.Parse([]byte(policy), filter.MessageBody)
		if err != nil {
			continue
		}
		want, ok := naive(policy, body)
		if !ok {
			continue
		}
		tried++
		if want {
			passed++
		}
		if got := p.MatchBody([]byte(body)); got != want {
			t.Fatalf("%s of %s: %t, want %t", policy, body, got, want)
		}
	}
	if tried < 2000 || passed < tried/20 || passed > tried*19/20 {
		t.Errorf("%d tried, of which %d passed: not worth the name", tried, passed)
	}
}

func randomPolicy(random *rand.Rand, depth int) string {
	var entries []string
	for _, key := range random.Perm(3)[:1+random.IntN(3)] {
		var value string
		switch choice := random.IntN(6); {
		case choice == 0 && depth > 0:
			entries = append(entries, `"$or":[`+randomPolicy(random, depth-1)+`,`+randomPolicy(random, depth-1)+`]`)
			continue
		case choice < 3 && depth > 0:
			value = randomPolicy(random, depth-1)
		default:
			value = []string{`[1]`, `["x"]`, `[{"exists":true}]`, `[{"exists":false}]`, `[{"exists":false},1]`, `[{"anything-but":1}]`, `[null,{"wildcard":"*x"}]`}[random.IntN(7)]
		}
		entries = append(entries, fmt.Sprintf(`"%c":%s`, 'a'+key, value))
	}
	return `{` + strings.Join(entries, ",") + `}`
}

func randomValue(random *rand.Rand, depth int) string {
	choice := random.IntN(4)
	if depth == 0 || choice == 0 {
		return []string{`1`, `"x"`, `null`, `2`}[random.IntN(4)]
	}
	var items []string
	for i := range random.IntN(4) {
		item := randomValue(random, depth-1)
		if choice > 1 {
			item = fmt.Sprintf(`"%c":%s`, 'a'+i, item)
		}
		items = append(items, item)
	}
	if choice > 1 {
		return `{` + strings.Join(items, ",") + `}`
	}
	return `[` + strings.Join(items, ",") + `]`
}
