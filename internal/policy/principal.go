package policy

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A Principal is who makes a request: a session of a role, the account's root user, or
// a service of AWS.
type Principal struct {
	// ARN is that of the session or of the root user; empty for a service.
	ARN string
	// Role is the ARN of the role that the session is of.
	Role string
	// Account is whose the principal is; empty for a service.
	Account string
	// Service is the service's name, "sns.amazonaws.com".
	Service string
}

// principals are whom a statement is about.
type principals struct {
	everybody bool
	aws       []string // account ids and ARNs
	services  []string
	except    bool
}

var accountID = regexp.MustCompile(`^\d{12}$`)

func parsePrincipals(raw json.RawMessage, except bool) (*principals, error) {
	p := &principals{except: except}
	var all string
	if json.Unmarshal(raw, &all) == nil {
		if all != "*" {
			return nil, malformed("Invalid principal in policy")
		}
		p.everybody = true
		return p, nil
	}
	fields, err := object(raw)
	if err != nil {
		return nil, syntax()
	}
	for name, raw := range fields {
		values, err := texts(raw)
		if err != nil {
			return nil, err
		}
		switch name {
		case "AWS":
			for _, v := range values {
				// A * within an ARN would look like a pattern, and is none.
				if v != "*" && !accountID.MatchString(v) && (!strings.HasPrefix(v, "arn:") || strings.Contains(v, "*")) {
					return nil, malformed("Invalid principal in policy: \"AWS\":%q", v)
				}
			}
			p.everybody = slices.Contains(values, "*")
			p.aws = values
		case "Service":
			p.services = values
		case "Federated", "CanonicalUser": // nobody here is one
		default:
			return nil, malformed("Invalid principal in policy: %q", name)
		}
	}
	return p, nil
}

// A reach is how a statement means a principal.
type reach int

const (
	notMeant reach = iota
	// throughAccount: the statement names the account, which leaves it to the
	// account's own policies who of it may.
	throughAccount
	directly
)

// of says how a statement means who asks.
func (p *principals) of(who Principal) reach {
	r := p.named(who)
	if !p.except {
		return r
	}
	if r == notMeant {
		return directly
	}
	return notMeant
}

func (p *principals) named(who Principal) reach {
	switch {
	case who.Service != "" && slices.Contains(p.services, who.Service), p.everybody:
		return directly
	case who.Service != "":
		return notMeant
	}
	found := notMeant
	for _, v := range p.aws {
		switch {
		case v == who.ARN, who.Role != "" && v == who.Role:
			return directly
		case who.Account != "" && (v == who.Account || isRoot(v, who.Account)):
			found = throughAccount
		}
	}
	return found
}

// isRoot says whether arn is that of an account's root user.
func isRoot(arn, account string) bool {
	rest, ok := strings.CutSuffix(arn, ":root")
	return ok && strings.HasPrefix(rest, "arn:") && strings.HasSuffix(rest, ":iam::"+account)
}
