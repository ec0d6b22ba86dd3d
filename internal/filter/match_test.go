package filter_test

import (
	"strings"
	"testing"

	"github.com/less-go/less/internal/filter"
)

// The sources of a row: "guide" is an example of Amazon's developer guide,
// "recorded" an observation of AWS that the LocalStack repository publishes, "ruler"
// what Event Ruler's code does. A row without one follows from the others.
func TestAttributes(t *testing.T) {
	for _, c := range []struct {
		policy string
		pass   []string // name=type:value, several separated by " & "
		drop   []string
	}{
		// Strings. guide
		{
			`{"interest":["rugby","tennis"]}`,
			[]string{"interest=String:rugby", "interest=String:tennis", `interest=String.Array:["rugby", "golf"]`},
			[]string{"interest=String:baseball", "interest=String:Rugby", "interest=String:rugby ", "interest=String:", `interest=String.Array:["baseball"]`, "other=String:rugby", ""},
		},
		{
			`{"interest":[{"prefix":"bas"}]}`,
			[]string{"interest=String:baseball", "interest=String:bas", `interest=String.Array:["rugby","basketball"]`},
			[]string{"interest=String:rugby", "interest=String:Baseball", "interest=String:ba", "interest=Number:1", ""},
		},
		{
			`{"interest":[{"suffix":"ball"}]}`,
			[]string{"interest=String:baseball", "interest=String:ball"},
			[]string{"interest=String:rugby", "interest=String:balls", ""},
		},
		{
			`{"interest":[{"equals-ignore-case":"tennis"}]}`,
			[]string{"interest=String:TENNIS", "interest=String:Tennis", "interest=String:tennis"},
			[]string{"interest=String:tennis1", "interest=String:tenni", "interest=String:TENNIs ", ""},
		},
		{
			`{"name":[{"equals-ignore-case":"Äß-Σ"}]}`,
			[]string{"name=String:äß-σ", "name=String:Äß-Σ"},
			[]string{"name=String:Ass-σ", "name=String:äss-σ"},
		},
		{
			`{"name":[{"equals-ignore-case":"k"}]}`,
			[]string{"name=String:K"},
			[]string{"name=String:\u212a"}, // the Kelvin sign, whose lower form is k. ruler
		},
		// Wildcards. guide
		{
			`{"interest":[{"wildcard":"*ball"}]}`,
			[]string{"interest=String:baseball", "interest=String:ball", `interest=String.Array:["rugby","basketball"]`},
			[]string{"interest=String:balls", "interest=String:BALL", "interest=String:rugby", "interest=Number:1", ""},
		},
		{`{"a":[{"wildcard":"b*e*l"}]}`, []string{"a=String:baseball", "a=String:bel", "a=String:beel"}, []string{"a=String:bl", "a=String:balls", "a=String:be"}},
		{`{"a":[{"wildcard":"a*a"}]}`, []string{"a=String:aa", "a=String:aaa"}, []string{"a=String:a", "a=String:ab"}},
		{`{"a":[{"wildcard":"*ab*"}]}`, []string{"a=String:ab", "a=String:aab", "a=String:aba"}, []string{"a=String:ba", "a=String:"}},
		{`{"a":[{"wildcard":"*"}]}`, []string{"a=String:", "a=String:x"}, []string{"a=Number:1", ""}},
		{`{"a":[{"wildcard":"x"}]}`, []string{"a=String:x"}, []string{"a=String:xx"}},
		{`{"a":[{"wildcard":"x\\**"}]}`, []string{"a=String:x*", "a=String:x*y"}, []string{"a=String:xy"}},
		{
			`{"interest":[{"anything-but":{"wildcard":"*ball"}}]}`,
			[]string{`interest=String.Array:["hockey","rugby","soccer"]`, "interest=String:hockey", "interest=Number:1"},
			[]string{`interest=String.Array:["baseball","basketball"]`, "interest=String:baseball", ""},
		},
		{
			`{"interest":[{"anything-but":{"suffix":"ball"}}]}`,
			[]string{`interest=String.Array:["hockey","rugby","soccer"]`, "interest=String:hockey"},
			[]string{`interest=String.Array:["baseball","basketball"]`, "interest=String:baseball", ""},
		},
		{`{"a":[""]}`, []string{"a=String:"}, []string{"a=String:x", ""}},
		{`{"a":[{"prefix":""}]}`, []string{"a=String:", "a=String:x"}, []string{"a=Number:1", ""}},

		// A quotation mark and a backslash must be escaped twice. guide
		{`{"a":["x\\\"y"]}`, []string{`a=String:x"y`, `a=String.Array:["x\"y"]`}, []string{`a=String:x\"y`}},
		{`{"a":["x\"y"]}`, nil, []string{`a=String:x"y`, `a=String.Array:["x\"y"]`}},
		{`{"a":["x\\\\y"]}`, []string{`a=String:x\y`}, nil},
		{`{"a":[{"suffix":"\\\""}]}`, []string{`a=String:x"`}, []string{"a=String:x"}},

		// Addresses. guide, and recorded
		{
			`{"ip":[{"cidr":"10.0.0.0/24"}]}`,
			[]string{"ip=String:10.0.0.0", "ip=String:10.0.0.255"},
			[]string{"ip=String:10.1.1.0", "ip=String:10.0.0.256", "ip=String:10.0.0", "ip=String:::a00:1", "ip=String:", "ip=Number:10", ""},
		},
		{
			`{"ip":[{"cidr":"2001:db8:1234:1a00::/64"}]}`,
			[]string{"ip=String:2001:0db8:1234:1a00:0000:0000:0000:0000", "ip=String:2001:DB8:1234:1a00:ffff:ffff:ffff:ffff"},
			[]string{"ip=String:2001:0db8:123f:1a01:0000:0000:0000:0000", "ip=String:10.0.0.0"},
		},
		{`{"ip":[{"cidr":"0.0.0.0/0"}]}`, []string{"ip=String:255.255.255.255", "ip=String:::ffff:102:304"}, []string{"ip=String:::1", "ip=String:1"}},
		{`{"ip":[{"cidr":"10.0.0.7/32"}]}`, []string{"ip=String:10.0.0.7"}, []string{"ip=String:10.0.0.8"}},
		{`{"ip":[{"cidr":"10.0.0.7/28"}]}`, []string{"ip=String:10.0.0.7", "ip=String:10.0.0.15"}, []string{"ip=String:10.0.0.6", "ip=String:10.0.0.16"}}, // ruler
		{`{"ip":["::1"]}`, []string{"ip=String:::1", "ip=String:0:0:0:0:0:0:0:1"}, []string{"ip=String:::2", "ip=String:1"}},                              // ruler
		{`{"ip":["10.0.0.1"]}`, []string{"ip=String:10.0.0.1"}, []string{"ip=String:10.0.0.2", "ip=String:10.0.0.1 "}},

		// Numbers. guide
		{
			`{"price":[{"numeric":["=",301.5]}]}`,
			[]string{"price=Number:301.5", "price=Number:3.015e2", "price=Number:301.50"},
			[]string{"price=Number:301", "price=String:301.5", ""},
		},
		{`{"price":[100]}`, []string{"price=Number:100", "price=Number:100.0", "price=Number:1e2", "price=Number:+100"}, []string{"price=String:100", "price=Number:100.00001", "price=Number:", "price=Number:0x64p0"}},
		{`{"price":["100"]}`, []string{"price=String:100"}, []string{"price=Number:100"}},
		{`{"price":[{"numeric":["<",0]}]}`, []string{"price=Number:-0.00001", "price=Number:-1000000000"}, []string{"price=Number:0", "price=Number:1", "price=Number:-1000000001"}},
		{`{"price":[{"numeric":["<=",0]}]}`, []string{"price=Number:0", "price=Number:-0", "price=Number:-1"}, []string{"price=Number:0.00001"}},
		{`{"price":[{"numeric":[">",0]}]}`, []string{"price=Number:0.00001", "price=Number:1000000000"}, []string{"price=Number:0", "price=Number:-1", "price=Number:1000000000.1"}},
		{`{"price":[{"numeric":[">=",0]}]}`, []string{"price=Number:0"}, []string{"price=Number:-0.00001"}},
		{
			`{"price":[{"numeric":[">",0,"<=",150]}]}`,
			[]string{"price=Number:150", "price=Number:0.5", `price=String.Array:[-1, 3]`},
			[]string{"price=Number:0", "price=Number:151", "price=String:100", "price=Number:", "price=Number:x", `price=String.Array:[-1, 151]`, ""},
		},
		{`{"price":[{"numeric":[">=",1,"<",2]}]}`, []string{"price=Number:1", "price=Number:1.99999"}, []string{"price=Number:2", "price=Number:0.99999"}},
		{`{"id":[123456789012]}`, []string{"id=Number:123456789012"}, []string{"id=Number:123456789012.0", "id=Number:1", "id=Number:0", "id=String:123456789012"}}, // ruler
		{`{"a":[0.29]}`, []string{"a=Number:0.290", "a=Number:29e-2"}, []string{"a=Number:0.28999", "a=Number:0.29001"}},
		{`{"a":[0.1]}`, []string{"a=Number:0.1", "a=Number:0.10", "a=Number:1e-1"}, []string{"a=Number:0.10001"}},

		// Booleans and null are elements of lists.
		{`{"a":[true]}`, []string{`a=String.Array:[true]`}, []string{"a=String:true", `a=String.Array:["true",false,null,1]`}},
		{`{"a":[false]}`, []string{`a=String.Array:["x",false]`}, []string{"a=String:false", `a=String.Array:[true]`}},
		{`{"a":[null]}`, []string{`a=String.Array:[null]`}, []string{"a=String:null", "a=String:", ""}},

		// Anything but. guide
		{
			`{"interest":[{"anything-but":["rugby","tennis"]}]}`,
			[]string{"interest=String:baseball", "interest=String:Rugby", `interest=String.Array:["rugby","baseball"]`, "interest=Number:1", `interest=String.Array:[null]`},
			[]string{"interest=String:rugby", `interest=String.Array:["rugby","tennis"]`, "other=String:x", ""},
		},
		{`{"interest":[{"anything-but":"rugby"}]}`, []string{"interest=String:tennis"}, []string{"interest=String:rugby", ""}},
		{
			`{"event":[{"anything-but":{"prefix":"order-"}}]}`,
			[]string{"event=String:data-entry", "event=String:order_number", "event=Number:1"},
			[]string{"event=String:order-cancelled", ""},
		},
		{
			`{"price":[{"anything-but":[100,500]}]}`,
			[]string{"price=Number:101", "price=Number:100.1", "price=Number.Array:[100, 50]", "price=String:100"},
			[]string{"price=Number:100", "price=Number:1e2", "price=Number:500.0", "price=Number.Array:[500,100]", ""},
		},
		{`{"price":[{"anything-but":100}]}`, []string{"price=Number:1e10"}, []string{"price=Number:100.000001"}},
		{`{"a":[{"anything-but":"x"},{"exists":false}]}`, []string{"b=String:x", "a=String:y"}, []string{"a=String:x", ""}},
		{`{"a":[null,{"anything-but":"whatever"}]}`, nil, []string{""}}, // recorded

		// Keys. guide, and recorded
		{
			`{"store":[{"exists":true}]}`,
			[]string{"store=String:fans", "store=Number:99 & def=Number:99", `store=String.Array:[null,0]`},
			[]string{"attr1=Number:111", "", "Store=String:x", "store=Binary:AA==", "store=String.Array:[]", `store=String.Array:[null]`, "store=String:"},
		},
		{
			`{"store":[{"exists":false}]}`,
			[]string{"def=Number:99", "store=Binary:AA==", "store=String.Array:[]", `store=String.Array:[null]`, "store=String:"},
			[]string{"store=String:fans", "store=Number:99 & def=Number:99", ""},
		},
		{`{"store":["value1"]}`, []string{"store=String:value1", `store=String.Array:["value1", "value2"]`}, []string{`store=String.Array:["value2", "value3"]`}},
		{`{"a":["x"]}`, nil, []string{"a=Binary:x", "a=String.Array:x", `a=String.Array:"x"`, `a=String.Array:[["x"]]`, `a=String.Array:[{"a":"x"}]`, "a=string:x"}},
		{`{"a.b":["x"]}`, []string{"a.b=String:x"}, []string{"a=String:x", "b=String:x"}},

		// And, or. guide
		{
			`{"interest":["rugby"],"price":[{"numeric":[">",100]}]}`,
			[]string{"interest=String:rugby & price=Number:101", "price=Number:101 & interest=String:rugby & more=String:x"},
			[]string{"interest=String:rugby", "price=Number:101", "interest=String:rugby & price=Number:100"},
		},
		{`{"a":["x",{"prefix":"y"},7]}`, []string{"a=String:x", "a=String:yes", "a=Number:7"}, []string{"a=String:7", "a=String:xy"}},
		{
			`{"source":["aws.cloudwatch"],"$or":[{"metricName":["CPUUtilization"]},{"namespace":["AWS/EC2"]}]}`,
			[]string{"source=String:aws.cloudwatch & metricName=String:CPUUtilization", "source=String:aws.cloudwatch & namespace=String:AWS/EC2"},
			[]string{"source=String:aws.cloudwatch", "metricName=String:CPUUtilization", "namespace=String:AWS/EC2", "source=String:x & namespace=String:AWS/EC2"},
		},
		{
			`{"source":["cw"],"$or":[{"name":["CPU"]},{"type":["M"],"$or":[{"id":[1234]},{"space":[1000]}]}]}`,
			[]string{"source=String:cw & name=String:CPU", "source=String:cw & type=String:M & id=Number:1234", "source=String:cw & type=String:M & space=Number:1000"},
			[]string{"source=String:cw & type=String:M", "source=String:cw & id=Number:1234", "type=String:M & id=Number:1234"},
		},
		{`{"$or":[{"a":[{"exists":false}]},{"b":["x"]}]}`, []string{"c=String:x", "a=String:y & b=String:x"}, []string{"a=String:y", ""}},
		{`{"$or":["x"]}`, []string{"$or=String:x"}, []string{"a=String:x"}},
		{`{"a":["x"],"$or":[{"a":["y"]},{"b":["z"]}]}`, []string{"a=String:y", "a=String:x & b=String:z"}, []string{"a=String:x"}}, // ruler
		{`{"a":["x"],"b":["x"],"a":["y"]}`, []string{"a=String:y & b=String:x"}, []string{"a=String:x & b=String:x"}},

		{`{}`, []string{"", "a=String:x"}, nil},
		{``, []string{"", "a=String:x"}, nil},
	} {
		policy := parse(t, c.policy, filter.MessageAttributes)
		for _, text := range c.pass {
			if !policy.MatchAttributes(attributes(text)) {
				t.Errorf("%s drops %s", c.policy, text)
			}
		}
		for _, text := range c.drop {
			if policy.MatchAttributes(attributes(text)) {
				t.Errorf("%s lets %s pass", c.policy, text)
			}
		}
	}
}

func TestBodies(t *testing.T) {
	for _, c := range []struct {
		policy     string
		pass, drop []string
	}{
		{
			`{"interest":["rugby","tennis"]}`,
			[]string{`{"interest":"rugby"}`, ` {"interest" : [ "tennis" , 1 ] } `, `{"interest":"\u0072ugby"}`},
			[]string{`{"interest":"baseball"}`, `{"interest":{"rugby":"rugby"}}`, `{}`, `{"Interest":"rugby"}`, `{"interest":null}`},
		},
		{`{"a":["x\"y\\"]}`, []string{`{"a":"x\"y\\"}`}, []string{`{"a":"x\\\"y\\\\"}`}},
		{`{"a":["\ud83d\ude00"]}`, []string{`{"a":"😀"}`, `{"a":"\uD83D\uDE00"}`}, []string{`{"a":"\ud83d"}`, `{"a":"\ud83d\u0041"}`}},
		{`{"a":["\ufffdA"]}`, []string{`{"a":"\ud83d\u0041"}`}, nil}, // half of a pair
		{`{"a":["\t\b\f\n\r\/\\"]}`, []string{`{"a":"\u0009\u0008\u000c\u000a\u000d\u002f\u005c"}`}, nil},

		// What is not a JSON object passes no policy. recorded
		{
			`{"a":[{"exists":false}]}`,
			[]string{`{}`, `{"b":1}`},
			[]string{`Regular string message`, `"Regular string message"`, ``, `[]`, `null`, `{`, `{"b":1}x`, `{"b":01}`, `[{"b":1}]`, "{\"b\":\"\xff\"}", `{"b":tru}`, `{'b':1}`, "\ufeff{}"},
		},
		{`{}`, []string{`{}`, `x`, ``}, nil},

		// Scalars.
		{`{"a":[true]}`, []string{`{"a":true}`}, []string{`{"a":"true"}`, `{"a":false}`, `{"a":1}`}},
		{`{"a":[null]}`, []string{`{"a":null}`, `{"a":[null]}`}, []string{`{"a":"null"}`, `{"a":[]}`, `{}`, `{"a":0}`}},
		{`{"a":[1]}`, []string{`{"a":1}`, `{"a":1.0}`, `{"a":10e-1}`}, []string{`{"a":"1"}`, `{"a":1.1}`, `{"a":true}`}},
		{`{"a":["1"]}`, []string{`{"a":"1"}`}, []string{`{"a":1}`}},
		{`{"a":[{"prefix":"tr"}]}`, []string{`{"a":"true"}`}, []string{`{"a":true}`}},
		{`{"a":[{"suffix":"1"}]}`, []string{`{"a":"11"}`}, []string{`{"a":11}`}},
		{`{"a":[{"equals-ignore-case":"NULL"}]}`, []string{`{"a":"null"}`}, []string{`{"a":null}`}},
		{`{"a":[{"numeric":[">=",301.5]}]}`, []string{`{"a":301.5}`, `{"a":3.015e2}`}, []string{`{"a":"301.5"}`, `{"a":301.49999}`, `{"a":1e999}`}},
		{`{"price":[{"anything-but":[100,500]}]}`, []string{`{"price":101}`, `{"price":100.1}`, `{"price":[100,50]}`}, []string{`{"price":100}`, `{"price":[100,500]}`}}, // guide
		{`{"a":[{"anything-but":"x"}]}`, []string{`{"a":1}`, `{"a":null}`, `{"a":false}`, `{"a":"X"}`, `{"a":["x","y"]}`}, []string{`{"a":"x"}`, `{"a":["x"]}`, `{"a":[]}`, `{"a":{}}`, `{}`}},
		{`{"a":[{"anything-but":{"prefix":"x"}}]}`, []string{`{"a":"y"}`, `{"a":1}`}, []string{`{"a":"xy"}`, `{}`}},

		// Nested. recorded
		{
			`{"object":{"key":[{"prefix":"auto-"},"hardcodedvalue"],"nested_key":[{"exists":false}]},"test":[{"exists":false}]}`,
			[]string{`{"object":{"key":"auto-test"}}`, `{"object":{"key":"hardcodedvalue"}}`},
			[]string{
				`{"object":{"key":"test-auto"}}`, `{"object":{"key":"auto-test"},"test":"just-exists"}`,
				`{"object":{"key":"auto-test","nested_key":"just-exists"}}`, `{"object":{"test":"auto-test"}}`, `{"test":"auto-test"}`,
			},
		},
		{`{"object.nested":["v"]}`, []string{`{"object":{"nested":"v"}}`, `{"object.nested":"v"}`}, []string{`{"object":{"nested":"w"}}`, `{"nested":"v"}`, `{"object":"v"}`}}, // recorded
		{
			`{"object":{"nested":{"test":["v"]}}}`, // recorded, for the policy {"object.nested.test": ["v"]}
			[]string{`{"object":{"nested":{"test":"v"}}}`, `{"object.nested.test":"v"}`, `{"object.nested":{"test":"v"}}`, `{"object":{"nested.test":"v"}}`},
			[]string{`{"object":{"nested":{"test":"w"}}}`, `{"object":{"nested":"v"}}`, `{"object":{"nested":{"test":{"more":"v"}}}}`},
		},
		{`{"":["v"],"a":{"":["v"]}}`, []string{`{"":"v","a":{"":"v"}}`, `{"":"v","a.":"v"}`}, []string{`{"":"v"}`, `{"":"v","a":"v"}`}},

		// Lists. recorded
		{
			`{"headers":{"route-to":["queue1"]}}`,
			[]string{`{"headers":{"route-to":["queue1"]}}`, `{"headers":{"route-to":["queue1","queue2"]}}`, `{"headers":[[{"route-to":[[["queue1"]]]}]]}`},
			[]string{`{"headers":{"route-to":["queue3"]}}`, `{"headers":{"route-to":["queue2"]}}`},
		},
		{
			`{"Records":{"s3":{"object":{"key":[{"prefix":"auto-"}]}},"eventName":[{"prefix":"ObjectCreated:"}]}}`,
			[]string{
				`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":[[{"key":"auto-1","size":17}]]}},{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"home-1"}}}]}`,
				`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"auto-1"}}}]}`,
			},
			[]string{
				`{"Records":[{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"auto-1"}}}]}`,
				`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"home-1"}}}]}`,
				// One record has the name, the other the key. ruler
				`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"home-1"}}},{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"auto-1"}}}]}`,
			},
		},
		// Fields of one list match in one element, those of two in one of each. ruler
		{
			`{"a":{"x":[1],"y":[2]}}`,
			[]string{`{"a":[{"x":1,"y":2}]}`, `{"a":[{"x":1},{"x":[3,1],"y":[3,2]}]}`, `{"a":{"x":[1],"y":[2]}}`, `{"a.x":1,"a":[{"y":2}]}`},
			[]string{`{"a":[{"x":1},{"y":2}]}`, `{"a":[{"x":1,"y":3},{"x":3,"y":2}]}`, `{"a":[]}`, `{"a":[[{"x":1}],[{"y":2}]]}`},
		},
		{
			`{"a":{"b":{"x":[1],"y":[2]},"z":[3]}}`,
			[]string{`{"a":[{"b":[{"x":1,"y":2}],"z":3}]}`, `{"a":[{"z":3},{"b":[{"x":1},{"x":1,"y":2}],"z":[4,3]}]}`},
			[]string{`{"a":[{"b":[{"x":1,"y":2}]},{"z":3}]}`, `{"a":[{"b":[{"x":1},{"y":2}],"z":3}]}`},
		},
		{
			`{"a":{"x":[1],"y":[2]}}`,
			[]string{`{"a":[{"x":1},{"y":2}],"a.x":1}`, `{"a":[{"y":2},{"x":1}],"a.x":1}`, `{"a":[{"y":2},{"x":1}],"a.y":2}`, `{"a.y":[2,3],"a":[{"y":2},{"x":1}]}`},
			[]string{`{"a":[{"x":1},{"y":2}],"a.x":2}`, `{"a":[{"x":3},{"y":2}],"a.y":2}`},
		},
		{`{"a":[1]}`, []string{`{"b":[` + copies("[{}]", 2000) + `],"a":1}`}, nil}, // deep is something else
		{`{"a":[1],"b":[2]}`, []string{`{"a":[3,1],"b":[2,4]}`}, []string{`{"a":[1,2]}`}},

		// A list without elements is no value. recorded for a policy that does not look at it; ruler
		{`{"detail":{"version":[""]}}`, []string{`{"resources":[],"detail":{"version":"","elements":null}}`}, nil},
		{`{"a":[{"exists":true}]}`, []string{`{"a":1}`, `{"a":false}`, `{"a":[[],[0]]}`, `{"a":[null,0]}`}, []string{`{"a":null}`, `{"a":""}`, `{"a":[null]}`, `{"a":[]}`, `{"a":{}}`, `{"a":{"b":1}}`, `{"a":[{"b":1}]}`, `{}`}},
		{`{"a":[{"exists":false}]}`, []string{`{"a":[]}`, `{"a":{"b":1}}`, `{"a":[[],{}]}`, `{"a":null}`, `{"a":""}`}, []string{`{"a":0}`, `{"a":[1]}`, `{"a":[{"b":1},2]}`}},
		// Absent means absent from all elements. ruler
		{`{"a":{"x":[1],"y":[{"exists":false}]}}`, []string{`{"a":[{"x":1}]}`}, []string{`{"a":[{"x":1},{"y":2}]}`}},
		{`{"a":{"x":[{"exists":false},1]}}`, []string{`{}`, `{"a":{"x":1}}`, `{"a":[{"x":2},{"x":1}]}`}, []string{`{"a":{"x":2}}`}},

		// Choices. recorded
		{
			`{"$or":[{"metricName":["CPUUtilization","ReadLatency"]},{"namespace":["AWS/EC2","AWS/ES"]}],` +
				`"detail":{"scope":["Service"],"$or":[{"source":["aws.cloudwatch"]},{"type":["CloudWatch Alarm State Change"]}]}}`,
			[]string{
				`{"metricName":"CPUUtilization","detail":{"scope":"Service","source":"aws.cloudwatch"}}`,
				`{"metricName":"ReadLatency","detail":{"scope":"Service","source":"aws.cloudwatch"}}`,
				`{"namespace":"AWS/EC2","detail":{"scope":"Service","source":"aws.cloudwatch"}}`,
				`{"namespace":"AWS/ES","detail":{"scope":"Service","source":"aws.cloudwatch"}}`,
				`{"metricName":"CPUUtilization","detail":{"scope":"Service","type":"CloudWatch Alarm State Change"}}`,
			},
			[]string{
				`{"metricName":"CPUUtilization","detail":{"scope":"aws.cloudwatch","type":"CloudWatch Alarm State Change"}}`,
				`{"metricName":"CPUUtilization","detail":{"scope":"Service","type":"CPUUtilization"}}`,
				`{"metricName":"CPUUtilization","detail":{"type":"CloudWatch Alarm State Change"}}`,
				`{"metricName":"CPUUtilization","detail":{"scope":"Service"}}`,
				`{"metricName":"CPUUtilization","scope":"Service"}`,
				`{"metricName":"AWS/EC2","detail":{"scope":"Service","type":"CloudWatch Alarm State Change"}}`,
				`{"namespace":"CPUUtilization","detail":{"scope":"Service","type":"CloudWatch Alarm State Change"}}`,
			},
		},
		{
			`{"detail":{"$or":[{"ip":[{"cidr":"10.0.0.0/24"}]},{"ip6":[{"cidr":"2001:db8:1234:1a00::/64"}]}]}}`,
			[]string{`{"detail":{"ip":"10.0.0.255"}}`, `{"detail":{"ip6":"2001:0db8:1234:1a00:0000:0000:0000:0000"}}`},
			[]string{`{"detail":{"ip":"10.0.0.256"}}`, `{"detail":{"ip6":"2001:0db8:123f:1a01:0000:0000:0000:0000"}}`, `{"ip":"10.0.0.1"}`},
		},
		{`{"$or":{"a":["x"]}}`, []string{`{"$or":{"a":"x"}}`, `{"$or":[{"a":"x"}]}`}, []string{`{"a":"x"}`}},

		// Of two fields with one key the last one counts.
		{`{"a":["x"]}`, []string{`{"a":"y","a":"x"}`}, []string{`{"a":"x","a":"y"}`, `{"a":"x","a":{}}`}},
	} {
		policy := parse(t, c.policy, filter.MessageBody)
		for _, body := range c.pass {
			if !policy.MatchBody([]byte(body)) {
				t.Errorf("%s drops %s", c.policy, body)
			}
		}
		for _, body := range c.drop {
			if policy.MatchBody([]byte(body)) {
				t.Errorf("%s lets %s pass", c.policy, body)
			}
		}
	}
}

func TestNoPolicyLetsEveryMessagePass(t *testing.T) {
	var none *filter.Policy
	if !none.MatchAttributes(nil) || !none.MatchBody([]byte("x")) {
		t.Error("a message is dropped")
	}
}

func parse(t testing.TB, policy string, scope filter.Scope) *filter.Policy {
	t.Helper()
	p, err := filter.Parse([]byte(policy), scope)
	if err != nil {
		t.Fatalf("%s refused: %v", policy, err)
	}
	return p
}

// attributes reads "name=type:value & name=type:value".
func attributes(text string) map[string]filter.Attribute {
	all := map[string]filter.Attribute{}
	if text == "" {
		return all
	}
	for attribute := range strings.SplitSeq(text, " & ") {
		name, typed, _ := strings.Cut(attribute, "=")
		kind, value, _ := strings.Cut(typed, ":")
		all[name] = filter.Attribute{Type: kind, Value: value}
	}
	return all
}
