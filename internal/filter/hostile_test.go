package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/less-go/less/internal/filter"
)

// messageSize is the most that SNS takes.
const messageSize = 256 << 10

func repeated(text string, size int) string { return strings.Repeat(text, size/len(text)) }

// Policies and bodies that would take ages if anything here tried all combinations.
// That they end is what the time limit of the tests checks.
func TestHostileBodiesEnd(t *testing.T) {
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf(`"k%d":[1]`, i))
	}
	wide := `{"a":{` + strings.Join(names, ",") + `}}`
	var subsets []string
	for mask := range 1 << 5 {
		var fields []string
		for i := range 5 {
			if mask>>i&1 == 1 {
				fields = append(fields, fmt.Sprintf(`"k%d":1`, i))
			}
		}
		if len(fields) < 5 {
			subsets = append(subsets, `{`+strings.Join(fields, ",")+`}`)
		}
	}
	var alternatives []string
	for i := range 75 {
		alternatives = append(alternatives, fmt.Sprintf(`{"a":{"k%d":["1"]}}`, i%7))
	}
	for _, c := range []struct{ policy, body string }{
		{wide, `{"a":[` + strings.TrimSuffix(repeated(strings.Join(subsets, ",")+",", messageSize), ",") + `]}`},
		{wide, `{"a":[` + strings.TrimSuffix(repeated(`[{"k0":[1]},{"k1":[[1]],"k2":1}],`, messageSize), ",") + `]}`},
		{wide, `{` + strings.TrimSuffix(repeated(`"a":[{"k0":1},{"k1":1}],`, messageSize), ",") + `}`},
		{`{"$or":[` + strings.Join(alternatives, ",") + `]}`, `{"a":[` + strings.TrimSuffix(repeated(`{"k0":2},{"k6":[2,3]},`, messageSize), ",") + `]}`},
		{`{"a":[` + list(150) + `]}`, `{"a":[` + strings.TrimSuffix(repeated(`"value",`, messageSize), ",") + `]}`},
		{`{"a":[` + strings.TrimSuffix(strings.Repeat(`{"numeric":["=",3]},`, 150), ",") + `]}`, `{"a":[` + strings.TrimSuffix(repeated(`2,`, messageSize), ",") + `]}`},
		{`{"a":[` + strings.TrimSuffix(strings.Repeat(`{"cidr":"10.0.0.0/8"},`, 150), ",") + `]}`, `{"a":[` + strings.TrimSuffix(repeated(`"::",`, messageSize), ",") + `]}`},
		{`{"a":[{"anything-but":["` + repeated(`x","`, 200_000) + `y"]}]}`, `{"a":[` + strings.TrimSuffix(repeated(`"y",`, messageSize), ",") + `]}`},
		{`{"a":[` + copies(`{"wildcard":"*aab*aab*"}`, 5) + `]}`, `{"a":"` + repeated("aa", messageSize) + `"}`},
		{`{"a":[{"suffix":"` + repeated("x", 200_000) + `"}]}`, `{"a":"` + repeated("x", 199_000) + `"}`},
		{`{"a":[1]}`, `{"a":` + strings.Repeat("[", 998) + `2` + strings.Repeat("]", 998) + `}`},
		{`{"` + repeated("a.", 200_000) + `":[1]}`, strings.Repeat(`{"a":`, 998) + `2` + strings.Repeat("}", 998)},
	} {
		if parse(t, c.policy, filter.MessageBody).MatchBody([]byte(c.body)) {
			t.Errorf("%.50s lets %.50s pass", c.policy, c.body)
		}
	}
}

// Policies that multiply are counted, not multiplied.
func TestHostilePoliciesEnd(t *testing.T) {
	deep := strings.Repeat(`{"`+strings.Repeat("k", 150)+`":`, 900) + `{` + repeated(`"a":["x"],`, 60_000) + `"b":["x"]}` + strings.Repeat("}", 900)
	either := `{"$or":[{"a":["1"]},{"a":["2"]}]`
	for _, policy := range []string{
		`{"a":` + either + strings.Repeat(`,"b":`+either, 1000) + strings.Repeat("}", 1000) + `}}`,
		strings.Repeat(`{"$or":[{"x":["1"]},`, 400) + `{"y":["1"]}` + strings.Repeat("]}", 400),
		deep,
		`{"a":{` + strings.TrimSuffix(repeated(`"x`+`":["1"],`, 200_000), ",") + `}}`,
		`{` + repeated(`"a":{"x":["1"]},`, 100_000) + `"b":[` + strings.TrimSuffix(repeated(`"1",`, 100_000), ",") + `]}`,
		repeated(`{"a":`, messageSize), repeated(`[`, messageSize), repeated(`"\u00`, messageSize),
	} {
		filter.Parse([]byte(policy), filter.MessageBody)
	}
}

func BenchmarkMatchBody(b *testing.B) {
	policy := parse(b, `{"kind":["order"],"order":{"total":[{"numeric":[">",100]}],"country":[{"anything-but":["de","fr"]}]}}`, filter.MessageBody)
	body := []byte(`{"id":"3e3c153a","kind":"order","order":{"lines":[` + strings.TrimSuffix(strings.Repeat(`{"sku":"x-1","count":2,"price":3.5},`, 20), ",") +
		`],"total":140.5,"country":"it"},"customer":{"name":"a","tags":["b","c"]}}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if !policy.MatchBody(body) {
			b.Fatal("dropped")
		}
	}
}

func BenchmarkMatchAttributes(b *testing.B) {
	policy := parse(b, `{"kind":["order"],"total":[{"numeric":[">",100]}]}`, filter.MessageAttributes)
	message := attributes("kind=String:order & total=Number:140.5 & tags=String.Array:[1,2] & trace=String:00-1-2")
	for b.Loop() {
		if !policy.MatchAttributes(message) {
			b.Fatal("dropped")
		}
	}
}
