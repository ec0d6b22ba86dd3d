package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Document is a policy that has been read. It does not change, and may be used by
// many at a time.
type Document struct {
	statements []statement
}

// A statement is one of a document.
type statement struct {
	sid       string
	deny      bool
	principal *principals // nil in an identity policy
	actions   patterns
	resources patterns // its list is nil where the statement names none
	// conditions must all hold.
	conditions []condition
}

// Malformed is the error of a policy that AWS would refuse.
type Malformed struct{ Message string }

func (m *Malformed) Error() string { return m.Message }

func malformed(format string, args ...any) error {
	return &Malformed{fmt.Sprintf(format, args...)}
}

// syntax is AWS's answer to a document whose shape is wrong.
func syntax() error { return malformed("Syntax errors in policy.") }

// Versions of the language. Only the newer one has variables.
const (
	oldVersion = "2008-10-17"
	newVersion = "2012-10-17"
)

// A kind is where a policy is attached.
type kind int

const (
	identityKind kind = iota
	resourceKind
	trustKind
)

// ParseIdentity reads a policy of a role: it says what may be done to what.
func ParseIdentity(text string) (*Document, error) { return parse(text, identityKind) }

// ParseResource reads the policy of a resource: it says also who may do it.
func ParseResource(text string) (*Document, error) { return parse(text, resourceKind) }

// ParseTrust reads a role's trust policy: it says who may assume it.
func ParseTrust(text string) (*Document, error) { return parse(text, trustKind) }

func parse(text string, k kind) (*Document, error) {
	fields, err := object([]byte(text))
	if err != nil {
		return nil, syntax()
	}
	version := oldVersion
	var list []json.RawMessage
	for name, raw := range fields {
		switch name {
		case "Version":
			err = json.Unmarshal(raw, &version)
		case "Id":
			err = json.Unmarshal(raw, new(string))
		case "Statement":
			list, err = oneOrMany(raw)
		default:
			err = syntax()
		}
		if err != nil {
			return nil, syntax()
		}
	}
	switch {
	case version != oldVersion && version != newVersion:
		return nil, malformed("Policy document must be version 2012-10-17 or greater.")
	case len(list) == 0:
		return nil, syntax()
	}
	d := &Document{}
	sids := map[string]bool{}
	for _, raw := range list {
		s, err := parseStatement(raw, k, version == newVersion)
		if err != nil {
			return nil, err
		}
		if s.sid != "" && sids[s.sid] {
			return nil, malformed("Statement IDs (SID) in a single policy must be unique.")
		}
		sids[s.sid] = true
		d.statements = append(d.statements, s)
	}
	return d, nil
}

// parseStatement reads one statement. vars says that it may have variables.
func parseStatement(raw json.RawMessage, k kind, vars bool) (statement, error) {
	var s statement
	fields, err := object(raw)
	if err != nil {
		return s, syntax()
	}
	for name, raw := range fields {
		switch name {
		case "Sid":
			if json.Unmarshal(raw, &s.sid) != nil {
				return s, syntax()
			}
		case "Effect":
			var effect string
			if json.Unmarshal(raw, &effect) != nil || effect != "Allow" && effect != "Deny" {
				return s, syntax()
			}
			s.deny = effect == "Deny"
		case "Principal", "NotPrincipal":
			if s.principal != nil {
				return s, syntax()
			}
			if s.principal, err = parsePrincipals(raw, name == "NotPrincipal"); err != nil {
				return s, err
			}
		case "Action", "NotAction":
			err = s.actions.set(raw, name == "NotAction", false)
		case "Resource", "NotResource":
			err = s.resources.set(raw, name == "NotResource", vars)
		case "Condition":
			s.conditions, err = parseConditions(raw, vars)
		default:
			err = syntax()
		}
		if err != nil {
			return s, err
		}
	}
	if _, found := fields["Effect"]; !found {
		return s, syntax()
	}
	return s, s.check(k)
}

// check says what is wrong with a statement in a policy of the kind k, in the words of
// IAM. Those of SQS and SNS are their own, and the services' to give.
func (s *statement) check(k kind) error {
	switch {
	case len(s.actions.list) == 0:
		return malformed("Policy statement must contain actions.")
	case k == identityKind && s.principal != nil:
		return malformed("Policy document should not specify a principal.")
	case k != identityKind && s.principal == nil:
		return malformed("Missing required field Principal")
	case k == identityKind && len(s.resources.list) == 0:
		return malformed("Policy statement must contain resources.")
	case k == trustKind && s.resources.list != nil:
		return malformed("Has prohibited field Resource")
	}
	for _, p := range s.actions.list {
		vendor, _, found := strings.Cut(p.text, ":")
		switch {
		case p.text == "*" && k == trustKind, k == trustKind && found && !strings.EqualFold(vendor, "sts"):
			return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
		case p.text == "*":
		case !found:
			return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		case strings.ContainsAny(vendor, " *?"):
			return malformed("Vendor %s is not valid", vendor)
		}
	}
	if k != identityKind {
		return nil
	}
	for _, p := range s.resources.list {
		if p.text != "*" && !strings.HasPrefix(p.text, "arn:") {
			return malformed("Resource %s must be in ARN format or \"*\".", p.text)
		}
	}
	return nil
}

// object reads a JSON object, whose names must differ: of two with one name nobody
// could say which one counts.
func object(raw []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("no object")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, isName := t.(string)
		if _, twice := fields[name]; !isName || twice {
			return nil, errors.New("a name is there twice")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		fields[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows")
	}
	return fields, nil
}

// oneOrMany reads a list, or one value that stands for a list of it.
func oneOrMany(raw json.RawMessage) ([]json.RawMessage, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return []json.RawMessage{raw}, nil
	}
	list := []json.RawMessage{}
	err := json.Unmarshal(raw, &list)
	return list, err
}

// texts reads a string or strings. A boolean and a number count as their text.
func texts(raw json.RawMessage) ([]string, error) {
	list, err := oneOrMany(raw)
	if err != nil {
		return nil, syntax()
	}
	out := []string{}
	for _, raw := range list {
		switch raw = bytes.TrimSpace(raw); {
		case raw[0] == '"':
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, syntax()
			}
			out = append(out, s)
		case strings.IndexByte("{[n", raw[0]) >= 0: // an object, a list or null
			return nil, syntax()
		default:
			out = append(out, string(raw))
		}
	}
	return out, nil
}
