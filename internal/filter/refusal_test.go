package filter_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/less-go/less/internal/filter"
)

// The words were recorded from AWS between May 2024 and October 2025, and are
// published in the LocalStack repository, tests/aws/services/sns. One of them is not
// here: an "anything-but" with a suffix, which the developer guide has since then.
func TestRefusalsThatWereRecorded(t *testing.T) {
	for _, c := range []struct {
		policy, want string
		column       int // 0 for none
	}{
		{`{"key": [["value"]]}`, "Match value must be String, number, true, false, or null", 10},
		{`{"key": [{"wrong-operator": true}]}`, "Unrecognized match type wrong-operator", 31},
		{`{"key": [{"suffix": "value", "prefix": "value2"}]}`, "Only one key allowed in match expression", 37},
		{`{"key": []}`, "Empty arrays are not allowed", 10},
		{`{"key": [{"suffix": 100}]}`, "suffix match pattern must be a string", 22},
		{`{"key": [{"suffix": null}]}`, "suffix match pattern must be a string", 23},
		{`{"key": [{"suffix": []}]}`, "suffix match pattern must be a string", 20},
		{`{"key": [{"suffix": ["test", "test2"]}]}`, "suffix match pattern must be a string", 20},
		{`{"key": {"suffix": "value"}}`, `"suffix" must be an object or an array`, 19},
		{`{"key": {"suffix": "value", "prefix": "value"}}`, `"suffix" must be an object or an array`, 19},
		{`{"key": {"not-an-operator": "value"}}`, `"not-an-operator" must be an object or an array`, 28},
		{`{"key_a": "value_one"}`, `"key_a" must be an object or an array`, 11},
		{`{"key": [{"numeric": []}]}`, "Invalid member in numeric match: ]", 22},
		{`{"key": [{"numeric": ["operator"]}]}`, "Unrecognized numeric range operator: operator", 32},
		{`{"key": [{"numeric": [1, "<="]}]}`, "Invalid member in numeric match: 1", 22},
		{`{"key": [{"numeric": ["=", "000"]}]}`, "Value of equals must be numeric", 26},
		{`{"key": [{"numeric": [">="]}]}`, "Value of >= must be numeric", 26},
		{`{"key": [{"numeric": ["<", 100, ">", 10]}]}`, "Too many elements in numeric expression", 30},
		{`{"key": [{"numeric": [">=", 1, ">", 2]}]}`, "Bad numeric range operator: >", 31},
		{`{"key": [{"numeric": [">", 3, "<", 1]}]}`, "Bottom must be less than top", 33},
		{`{"key": [{"numeric": [">", 20, "<="]}]}`, "Value of <= must be numeric", 33},
		{`{"key": [{"numeric": [">", 20, 30]}]}`, "Bad value in numeric range: 30", 30},
		{`{"key": [{"numeric": [">", 20, "test"]}]}`, "Bad numeric range operator: test", 34},
		{`{"key": [{"numeric": [">", "20", "<", "30"]}]}`, "Value of > must be numeric", 26},
		{`{"key": [{"numeric": [">", 20, "<", "30"]}]}`, "Value of < must be numeric", 33},
		{`{"key": [{"numeric": [">", 20, "<", 30, "<", 50]}]}`, "Too many terms in numeric range expression", 36},
		{`{"key": [{"exists": null}]}`, "exists match pattern must be either true or false.", 23},
		{`{"key": [{"exists": "no"}]}`, "exists match pattern must be either true or false.", 20},
		{`{"key": [{"anything-but": {"wrong-operator": null}}]}`, "Unsupported anything-but pattern: wrong-operator", 47},
		{`{"key": [{"anything-but": {"exists": false}}]}`, "Unsupported anything-but pattern: exists", 40},
		{`{"key": [{"anything-but": {"prefix": false}}]}`, "prefix match pattern must be a string", 40},
		{`{"key": [{"cidr": ["bad-filter"]}]}`, "prefix match pattern must be a string", 18},
		{`{"key": [{"cidr": "bad-filter"}]}`, "Malformed CIDR, one '/' required", 0},
		{`{"key": [{"cidr": "bad-filter/64"}]}`, "Nonstandard IP address: bad-filter", 0},
		{`{"key": [{"cidr": "bad-/64filter"}]}`, "Malformed CIDR, mask bits must be an integer", 0},
		{`{"key": [{"cidr": "xx.11.xx/8"}]}`, "Nonstandard IP address: xx.11.xx", 0},
		{`{"key": [{"cidr": "xxxx:db8:1234:1a00::/64"}]}`, "Nonstandard IP address: xxxx:db8:1234:1a00::", 0},
		{`{"key": [` + list(151) + `]}`, "Filter policy is too complex", 0},
		{`{"key1": [` + list(100) + `], "key2": [` + list(51) + `]}`, "Filter policy is too complex", 0},
		{`{"a": ["1"], "b": ["2"], "c": ["3"], "d": ["4"], "e": ["5"], "f": ["6"]}`, "Filter policy can not have more than 5 keys", 0},
		{`{"a": {"b": {"c": [` + list(4) + `]}}, "d": {"e": [` + list(3) + `]}, "f": [` + list(3) + `]}`, "Filter policy is too complex", 0},
		{`{"source": [` + list(4) + `], "$or": [{"metricName": [` + list(6) + `]}, {"metricType": [` + list(4) + `],` +
			` "$or": [{"metricId": [` + list(4) + `]}, {"spaceId": [` + list(4) + `]}]}]}`, "Filter policy is too complex", 0},
		{`{"$or": [{"metricName": [` + list(3) + `]}, {"namespace": [` + list(2) + `]}],` +
			` "detail": {"scope": [` + list(2) + `], "$or": [{"source": [` + list(1) + `]}, {"type": [` + list(3) + `]}]}}`, "Filter policy is too complex", 0},
	} {
		want := "FilterPolicy: " + c.want
		if c.column != 0 {
			want += "\n at [Source: (String)\"" + compact(c.policy) + `"; line: 1, column: ` + strconv.Itoa(c.column) + "]"
		}
		refused(t, c.policy, filter.MessageBody, want)
	}
	refused(t, `{invalidjson}`, filter.MessageAttributes, "FilterPolicy: failed to parse JSON. "+
		"Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n"+
		" at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]")
	refused(t, `{"object": {"key": [{"prefix": "auto-"}]}}`, filter.MessageAttributes,
		"Filter policy scope MessageAttributes does not support nested filter policy")
}

// The words are Event Ruler's, and were not seen on AWS.
func TestRefusalsThatWereNotRecorded(t *testing.T) {
	for _, c := range []struct {
		policy, want string
		column       int
	}{
		{`["value"]`, "Filter is not an object", 2},
		{`"value"`, "Filter is not an object", 2},
		{`17`, "Filter is not an object", 3},
		{`{"key":{}}`, "Empty objects are not allowed", 10},
		{`{"$or":[{"a":["1"]},{}]}`, "Empty objects are not allowed", 23},
		{`{"key":[{}]}`, "Match expression name not found", 11},
		{`{"key":[{"prefix":{"equals-ignore-case":"a"}}]}`, "prefix match pattern must be a string", 20},
		{`{"key":[{"equals-ignore-case":["a"]}]}`, "equals-ignore-case match pattern must be a string", 32},
		{`{"key":[{"wildcard":["a*"]}]}`, "wildcard match pattern must be a string", 22},
		{`{"key":[{"wildcard":"a**"}]}`, "Consecutive wildcard characters at pos 2", 26},
		{`{"key":[{"wildcard":"é\\a"}]}`, "Invalid escape character at pos 3", 27},
		{`{"key":[{"wildcard":"a\\"}]}`, "Invalid escape character at pos 2", 26},
		{`{"key":[{"anything-but":{"wildcard":"**"}}]}`, "Consecutive wildcard characters at pos 1", 41},
		{`{"key":[{"anything-but":{"wildcard":1}}]}`, "wildcard match pattern must be a string", 38},
		{`{"key":[{"anything-but":{"suffix":["a"]}}]}`, "suffix match pattern must be a string", 36},
		{`{"key":[{"anything-but":{"suffix":""}}]}`, "Null prefix/suffix not allowed", 37},
		{`{"key":[{"exactly":"a"}]}`, "Unrecognized match type exactly", 21},
		{`{"key":[{"exists":true,"prefix":"a"}]}`, "Only one key allowed in match expression", 34},
		{`{"key":[{"numeric":"="}]}`, "Value of numeric must be an array.", 21},
		{`{"key":[{"numeric":[["="],1]}]}`, "Invalid member in numeric match: [", 22},
		{`{"key":[{"numeric":[{},1]}]}`, "Invalid member in numeric match: {", 22},
		{`{"key":[{"numeric":["=",1,2]}]}`, "Too many elements in numeric expression", 28},
		{`{"key":[{"numeric":["=",1],"exists":true}]}`, "Too many elements in numeric expression", 41},
		{`{"key":[{"numeric":[">",3,"<",3]}]}`, "Bottom must be less than top", 33},
		{`{"key":[{"numeric":["=",1000000000.1]}]}`, "Value must be between -1.0E9 and 1.0E9, inclusive", 38},
		{`{"key":[{"numeric":[">",0,"<",1e10]}]}`, "Value must be between -1.0E9 and 1.0E9, inclusive", 36},
		{`{"key":[{"anything-but":1e10}]}`, "Value must be between -1.0E9 and 1.0E9, inclusive", 0},
		{`{"key":[{"anything-but":[1,1e10]}]}`, "Value must be between -1.0E9 and 1.0E9, inclusive", 32},
		{`{"key":[{"anything-but":null}]}`, "Value of anything-but must be an array or single string/number value.", 29},
		{`{"key":[{"anything-but":true}]}`, "Value of anything-but must be an array or single string/number value.", 29},
		{`{"key":[{"anything-but":[]}]}`, "Inside anything but list, either all values are number or string, mixed type is not supported", 27},
		{`{"key":[{"anything-but":["a",1]}]}`, "Inside anything but list, either all values are number or string, mixed type is not supported", 32},
		{`{"key":[{"anything-but":"a","exists":false}]}`, "Too many elements in numeric expression", 43},
		{`{"key":[{"anything-but":{}}]}`, "Anything-But expression name not found", 27},
		{`{"key":[{"anything-but":{"prefix":""}}]}`, "Null prefix/suffix not allowed", 37},
		{`{"key":[{"anything-but":{"prefix":"a","suffix":"b"}}]}`, "Only one key allowed in match expression", 49},
		{`{"key":[{"anything-but":{"prefix":"a"},"exists":true}]}`, "Only one key allowed in match expression", 53},
		{`{"key":[{"anything-but":{"equals-ignore-case":"a"}}]}`, "Unsupported anything-but pattern: equals-ignore-case", 48},
		{`{"key":[{"cidr":"10.0.0.0/24/8"}]}`, "Malformed CIDR, one '/' required", 0},
		{`{"key":[{"cidr":"10.0.0.0/-1"}]}`, "Malformed CIDR, mask bits must not be negative", 0},
		{`{"key":[{"cidr":"10.0.0.0/33"}]}`, "IPv4 mask bits must be < 33", 0},
		{`{"key":[{"cidr":"::/129"}]}`, "IPv6 mask bits must be < 129", 0},
		{`{"key":[{"cidr":"::ffff:10.0.0.0/8"}]}`, "Nonstandard IP address: ::ffff:10.0.0.0", 0},
		// An "$or" that is none is a key like others.
		{`{"$or":[{"a":["1"]}]}`, "Unrecognized match type a", 15},
		{`{"$or":[{"numeric":123},{"prefix":"abc"}]}`, "Value of numeric must be an array.", 23},
		{`{"$or":"a"}`, `"$or" must be an object or an array`, 9},
		// The columns are UTF-16 code units of the policy without white space.
		{`{"é😀":["\u00e9\n\u0001"], "b":1}`, `"b" must be an object or an array`, 27},
	} {
		want := "FilterPolicy: " + c.want
		if c.column != 0 {
			source := compact(c.policy)
			if strings.Contains(source, "😀") {
				source = `{"é😀":["é\n\u0001"],"b":1}`
			}
			want += "\n at [Source: (String)\"" + source + `"; line: 1, column: ` + strconv.Itoa(c.column) + "]"
		}
		refused(t, c.policy, filter.MessageBody, want)
	}

	nested := `{"key":[{"anything-but":["a",null]}]}`
	place := "\n at [Source: (String)\"" + nested + `"; line: 1, column: 34]`
	refused(t, nested, filter.MessageBody, "FilterPolicy: Inside anything but list, start|null|boolean is not supported."+place+place)

	long := `{"key":["` + strings.Repeat("é", 1000) + `",[]]}`
	refused(t, long, filter.MessageBody, "FilterPolicy: Match value must be String, number, true, false, or null\n"+
		` at [Source: (String)"{"key":["`+strings.Repeat("é", 491)+`"[truncated 515 chars]; line: 1, column: 1013]`)

	refused(t, `{"`+strings.Repeat("a", 256<<10)+`":[1]}`, filter.MessageBody, "FilterPolicy: Filter policy is too long")
}

// The limits are those of the developer guide.
func TestLimits(t *testing.T) {
	for _, c := range []struct{ name, accepted, refused, want string }{
		{"keys", keys("abcde"), keys("abcdef"), "can not have more than 5 keys"},
		{"keys of all depths", `{"a":{"b":[1],"c":[1],"d":{"e":[1]}},"f":[1]}`, `{"a":{"b":[1],"c":[1],"d":{"e":[1]}},"f":[1],"g":{"h":[1],"i":[1]}}`, "can not have more than 5 keys"},
		{"keys of a choice", `{"$or":[` + keys("abcd") + `,` + keys("fghi") + `],"k":[1]}`, `{"$or":[` + keys("abcde") + `,` + keys("fghi") + `],"k":[1]}`, "can not have more than 5 keys"},
		{"values", `{"a":[` + list(75) + `],"b":[` + list(2) + `]}`, `{"a":[` + list(76) + `],"b":[` + list(2) + `]}`, "is too complex"},
		{"values of nested keys", `{"a":{"b":[` + list(5) + `]},"c":{"d":{"e":[` + list(5) + `]}}}`, `{"a":{"b":[` + list(6) + `]},"c":{"d":{"e":[` + list(5) + `]}}}`, "is too complex"},
		{"wildcards of a pattern", `{"a":[{"wildcard":"*a*b*"}]}`, `{"a":[{"wildcard":"*a*b*c*"}]}`, "is too complex"},
		{"denied wildcards", `{"a":[{"anything-but":{"wildcard":"*a*b*"}}]}`, `{"a":[{"anything-but":{"wildcard":"*a*b*c*"}}]}`, "is too complex"},
		{"wildcards of a field", `{"a":[` + copies(`{"wildcard":"*a"}`, 10) + `]}`, `{"a":[` + copies(`{"wildcard":"*a"}`, 11) + `]}`, "is too complex"},
		{"several wildcards", `{"a":[` + copies(`{"wildcard":"*a*"}`, 5) + `]}`, `{"a":[` + copies(`{"wildcard":"*a*"}`, 6) + `]}`, "is too complex"},
		{"wildcards of all fields", `{"a":[` + copies(`{"wildcard":"*a"}`, 6) + `],"b":[` + copies(`{"wildcard":"*a"}`, 8) + `]}`, `{"a":[` + copies(`{"wildcard":"*a"}`, 7) + `],"b":[` + copies(`{"wildcard":"*a"}`, 8) + `]}`, "is too complex"},
		{"wildcards with values to deny", `{"a":[` + copies(`{"anything-but":"x"}`, 9) + `,{"wildcard":"*a"}]}`, `{"a":[` + copies(`{"anything-but":{"prefix":"x"}}`, 10) + `,{"wildcard":"*a"}]}`, "is too complex"},
		{"wildcards with values", `{"a":[` + list(100) + `,{"wildcard":"*a"}]}`, `{"a":[` + list(150) + `,{"wildcard":"*a"}]}`, "is too complex"},
		{"values to deny", `{"a":[` + copies(`{"anything-but":"x"}`, 150) + `]}`, `{"a":[` + copies(`{"anything-but":"x"}`, 151) + `]}`, "is too complex"},
	} {
		if _, err := filter.Parse([]byte(c.accepted), filter.MessageBody); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		refused(t, c.refused, filter.MessageBody, "FilterPolicy: Filter policy "+c.want)
	}
}

// keys is a policy of the keys, a letter each.
func keys(letters string) string {
	var entries []string
	for _, letter := range letters {
		entries = append(entries, fmt.Sprintf(`"%c":[1]`, letter))
	}
	return `{` + strings.Join(entries, ",") + `}`
}

func copies(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }

// What is wrong in a policy is said before what is too much, or in another scope.
func TestRefusalsInTheirOrder(t *testing.T) {
	for policy, want := range map[string]string{
		`{"a":{"b":[{"x":1}]}}`: "FilterPolicy: Unrecognized match type x",
		`{"a":{"b":["1"]},"c":["1"],"d":["1"],"e":["1"],"f":["1"],"g":["1"]}`: "Filter policy scope MessageAttributes",
		`{"$or":[{"a":{"b":["1"]}},{"c":["1"]}]}`:                             "Filter policy scope MessageAttributes",
		`{"a":[` + list(151) + `,[]]}`:                                        "FilterPolicy: Match value must be String",
		`{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":{"g":1}}`:     `FilterPolicy: "g" must be an object`,
	} {
		_, err := filter.Parse([]byte(policy), filter.MessageAttributes)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.80s: got %v, want %s", policy, err, want)
		}
	}
}

// A policy that is not JSON is refused in Jackson's words, of which only those for
// a key were seen on AWS.
func TestPoliciesThatAreNotJSON(t *testing.T) {
	for _, c := range []struct{ policy, want string }{
		{" ", "Unexpected end-of-input\n at [hidden; line: 1, column: 2]"},
		{"{", "Unexpected end-of-input: expected close marker for Object (start marker at [hidden; line: 1, column: 1])\n at [hidden; line: 1, column: 2]"},
		{"{\n \"a\"", "Unexpected end-of-input: expected close marker for Object (start marker at [hidden; line: 1, column: 1])\n at [hidden; line: 2, column: 5]"},
		{`{"a":[1`, "Unexpected end-of-input: expected close marker for Array (start marker at [hidden; line: 1, column: 6])\n at [hidden; line: 1, column: 8]"},
		{`{"a":[`, "Unexpected end-of-input: expected close marker for Array (start marker at [hidden; line: 1, column: 6])\n at [hidden; line: 1, column: 7]"},
		{`{"a" 1}`, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value\n at [hidden; line: 1, column: 6]"},
		{`{"a":[1]"b":[1]}`, "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries\n at [hidden; line: 1, column: 9]"},
		{`{"a":[1 2]}`, "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries\n at [hidden; line: 1, column: 9]"},
		{`{"a":[1,]}`, "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [hidden; line: 1, column: 9]"},
		{`{"a":[1],}`, "Unexpected character ('}' (code 125)): was expecting double-quote to start field name\n at [hidden; line: 1, column: 10]"},
		{`{"a":[yes]}`, "Unrecognized token 'yes': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [hidden; line: 1, column: 10]"},
		{`{"a":[01]}`, "Invalid numeric value: Leading zeroes not allowed\n at [hidden; line: 1, column: 9]"},
		{`{"a":[1.]}`, "Unexpected character (']' (code 93)): expected digit (0-9) in a Number value\n at [hidden; line: 1, column: 9]"},
		{`-`, "Unexpected end-of-input in a Number value\n at [hidden; line: 1, column: 2]"},
		{`{"a":[1e]}`, "Unexpected character (']' (code 93)): expected digit (0-9) in a Number value\n at [hidden; line: 1, column: 9]"},
		{`{"a":[1x]}`, "Unexpected character ('x' (code 120)): expected digit (0-9) in a Number value\n at [hidden; line: 1, column: 8]"},
		{"{\"a\":[\"\n\"]}", "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value\n at [hidden; line: 1, column: 8]"},
		{`{"a":["\x"]}`, "Unrecognized character escape 'x' (code 120)\n at [hidden; line: 1, column: 9]"},
		{`{"a":["\u00zz"]}`, "Unexpected character ('z' (code 122)): expected a hex-digit for character escape sequence\n at [hidden; line: 1, column: 12]"},
		{`{"a`, "Unexpected end-of-input: was expecting closing quote for a string value\n at [hidden; line: 1, column: 4]"},
		{`"\`, "Unexpected end-of-input in character escape sequence\n at [hidden; line: 1, column: 3]"},
		{`"\u12`, "Unexpected end-of-input in character escape sequence\n at [hidden; line: 1, column: 6]"},
		{`{"a":[1]} {`, "Unexpected character ('{' (code 123)): was expecting end-of-input\n at [hidden; line: 1, column: 11]"},
		{`{€}`, "Unexpected character ('€' (code 8364 / 0x20ac)): was expecting double-quote to start field name\n at [hidden; line: 1, column: 2]"},
		{"{\"a\":[\"\xff\"]}", "Invalid UTF-8\n at [hidden; line: 1, column: 1]"},
		{strings.Repeat("[", 1001), "Document nesting depth (1001) exceeds the maximum allowed (1000)\n at [hidden; line: 1, column: 1001]"},
	} {
		want := strings.ReplaceAll(c.want, "[hidden;", "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);")
		refused(t, c.policy, filter.MessageBody, "FilterPolicy: failed to parse JSON. "+want)
	}
}

// The policies of 150 combinations were accepted by AWS, or are the examples of its
// developer guide.
func TestAcceptedPolicies(t *testing.T) {
	for _, c := range []struct {
		scope  filter.Scope
		policy string
	}{
		{filter.MessageAttributes, ``},
		{filter.MessageAttributes, `{}`},
		{filter.MessageBody, " \n{ }"},
		{filter.MessageAttributes, `{"a":[` + list(150) + `]}`},
		{filter.MessageBody, `{"a":{"b":{"c":[` + list(50) + `]}}}`},
		{filter.MessageAttributes, `{"source":[` + list(3) + `],"$or":[{"metricName":[` + list(6) + `]},{"metricType":[` + list(4) + `],` +
			`"$or":[{"metricId":[` + list(4) + `]},{"spaceId":[` + list(7) + `]}]}]}`},
		{filter.MessageBody, `{"key_a":{"key_b":{"key_c":[` + list(4) + `]}},"key_d":{"key_e":[` + list(3) + `]}}`},
		{filter.MessageBody, `{"key":[{"anything-but":{"wildcard":"*ball"}},{"anything-but":{"suffix":"ball"}},{"wildcard":"*ball"}]}`},
		{filter.MessageAttributes, `{"key":[{"anything-but":{"prefix":"test-"}}]}`},
		{filter.MessageAttributes, `{"key":[{"anything-but":["test","test2"]}]}`},
		{filter.MessageAttributes, `{"key":[{"anything-but":"test"}]}`},
		{filter.MessageAttributes, `{"key":[null,{"anything-but":"whatever"}]}`},
		{filter.MessageAttributes, `{"key":[12345678901]}`}, // an account id
		{filter.MessageAttributes, `{"$or":["a","b"]}`},
		{filter.MessageBody, `{"$or":{"a":["b"]}}`},
		{filter.MessageAttributes, `{"a":["x"],"a":["y"]}`},
	} {
		if _, err := filter.Parse([]byte(c.policy), c.scope); err != nil {
			t.Errorf("%s refused: %v", c.policy, err)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, scope := range []filter.Scope{filter.MessageAttributes, filter.MessageBody} {
		if got, err := filter.ParseScope(string(scope)); got != scope || err != nil {
			t.Errorf("%s is %s, %v", scope, got, err)
		}
	}
	// Recorded.
	want := "FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes"
	var refusal *filter.Error
	if _, err := filter.ParseScope("RandomValue"); !errors.As(err, &refusal) || refusal.Message != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func refused(t *testing.T, policy string, scope filter.Scope, want string) {
	t.Helper()
	var refusal *filter.Error
	if _, err := filter.Parse([]byte(policy), scope); !errors.As(err, &refusal) || refusal.Message != want {
		t.Errorf("%.100s:\n got %v\nwant %s", policy, err, want)
	}
}

// list is n different strings.
func list(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"value%d"`, i)
	}
	return b.String()
}

// compact takes the spaces out of a policy that has none in its strings.
func compact(policy string) string { return strings.ReplaceAll(policy, " ", "") }
