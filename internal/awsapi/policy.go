package awsapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// A Policy is an access policy, as far as it has to be read to be edited. What it
// allows and denies is package policy's to say.
type Policy struct {
	Version string `json:",omitempty"`
	ID      string `json:"Id,omitempty"`
	// Statement has the statements as they were written: a client may have set some
	// that are no [Statement].
	Statement []json.RawMessage
}

// A Statement is one of a policy that the engine writes.
type Statement struct {
	SID       string `json:"Sid"`
	Effect    string
	Principal struct{ AWS any }
	Action    any
	Resource  string
	Condition any `json:",omitempty"`
}

// Allow returns a statement by which accounts may do actions with a resource.
func Allow(label string, accounts, actions []string, resource string) Statement {
	principals := make([]string, len(accounts))
	for i, account := range accounts {
		principals[i] = "arn:aws:iam::" + account + ":root"
	}
	s := Statement{SID: label, Effect: "Allow", Action: oneOrAll(actions), Resource: resource}
	s.Principal.AWS = oneOrAll(principals)
	return s
}

// oneOrAll is how a policy writes a list: one value stands alone.
func oneOrAll(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// ParsePolicy reads a policy, whose statements may be one that is in no list.
func ParsePolicy(text string) (Policy, error) {
	var p Policy
	err := json.Unmarshal([]byte(text), &p)
	if err == nil {
		return p, nil
	}
	var single struct {
		Version, ID string
		Statement   json.RawMessage
	}
	if json.Unmarshal([]byte(text), &single) != nil || !strings.HasPrefix(string(single.Statement), "{") {
		return p, err
	}
	return Policy{single.Version, single.ID, []json.RawMessage{single.Statement}}, nil
}

// String is the policy as JSON.
func (p Policy) String() string { return string(mustEncode(p)) }

// Has says whether a statement has the label.
func (p Policy) Has(label string) bool { return slices.ContainsFunc(p.Statement, labelled(label)) }

// Add adds a statement to those that p has.
func (p *Policy) Add(s Statement) { p.Statement = append(p.Statement, mustEncode(s)) }

// Remove removes what has the label.
func (p *Policy) Remove(label string) { p.Statement = slices.DeleteFunc(p.Statement, labelled(label)) }

func labelled(label string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		var s struct {
			SID string `json:"Sid"`
		}
		return json.Unmarshal(raw, &s) == nil && s.SID == label
	}
}

// mustEncode encodes a policy or a statement, in which all is strings or was read as JSON.
func mustEncode(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("awsapi: a policy cannot be encoded: " + err.Error())
	}
	return text
}
