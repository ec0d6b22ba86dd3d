package policy

import "fmt"

// A Request is what somebody wants to do.
type Request struct {
	Principal Principal
	// Action is the permission asked for: "sns:Publish".
	Action string
	// Resource is the ARN of what it is done to, or "*".
	Resource string
	// Context has the values of condition keys. The names are in lower case.
	Context map[string][]string
}

// Policies are those that a request is decided by.
type Policies struct {
	// Identity are the policies of the principal.
	Identity []*Document
	// Resource is the policy of the resource; nil where it has none.
	Resource *Document
	// ResourceDecides says that nothing happens without the resource's policy, as for
	// the trust policy of a role. Other resources are open to what the account's own
	// policies allow.
	ResourceDecides bool
}

// A Decision is the answer to a request.
type Decision struct {
	Allowed bool
	// Explicit says that a statement denies it. Else nothing allows it.
	Explicit bool
	// Resource says that it was the resource's policy, and not one of the principal's,
	// that denied it or should have allowed it.
	Resource bool
	// Statement is the Sid of the statement that decided, if it has one.
	Statement string
}

// Because completes, in AWS's words, the sentence that somebody is not authorized to
// perform action on a resource.
func (d Decision) Because(action string) string {
	side := "identity-based"
	if d.Resource {
		side = "resource-based"
	}
	switch {
	case d.Allowed:
		return ""
	case d.Explicit:
		return "with an explicit deny in " + article(side) + " policy"
	}
	return fmt.Sprintf("because no %s policy allows the %s action", side, action)
}

func article(side string) string {
	if side == "identity-based" {
		return "an " + side
	}
	return "a " + side
}

// Evaluate decides about a request by the logic of AWS within one account.
func Evaluate(r Request, p Policies) Decision {
	for _, d := range p.Identity {
		if sid, denied := d.denies(&r); denied {
			return Decision{Explicit: true, Statement: sid}
		}
	}
	var granted reach
	var grantedBy string
	if p.Resource != nil {
		if sid, denied := p.Resource.denies(&r); denied {
			return Decision{Explicit: true, Resource: true, Statement: sid}
		}
		granted, grantedBy = p.Resource.allows(&r)
	}
	// Whom the resource names needs no more. Who is meant only as one of the account
	// needs a policy of their own, unless they are the account.
	if granted == directly || granted == throughAccount && isRoot(r.Principal.ARN, r.Principal.Account) {
		return Decision{Allowed: true, Resource: true, Statement: grantedBy}
	}
	if r.Principal.Service != "" || p.ResourceDecides && granted == notMeant {
		return Decision{Resource: true}
	}
	for _, d := range p.Identity {
		if granted, sid := d.allows(&r); granted != notMeant {
			return Decision{Allowed: true, Statement: sid}
		}
	}
	return Decision{}
}

func (d *Document) denies(r *Request) (string, bool) {
	for i := range d.statements {
		if s := &d.statements[i]; s.deny && s.applies(r) != notMeant {
			return s.sid, true
		}
	}
	return "", false
}

// allows returns the farthest that a statement allows r.
func (d *Document) allows(r *Request) (granted reach, sid string) {
	for i := range d.statements {
		if s := &d.statements[i]; !s.deny {
			if reach := s.applies(r); reach > granted {
				granted, sid = reach, s.sid
			}
		}
	}
	return granted, sid
}

// applies says whether and how s is about r.
func (s *statement) applies(r *Request) reach {
	meant := directly
	if s.principal != nil {
		meant = s.principal.of(r.Principal)
	}
	switch {
	case meant == notMeant,
		!s.actions.matches(r, func(t []token) bool { return match(t, r.Action, true) }),
		s.resources.list != nil && !s.resources.matches(r, func(t []token) bool { return matchARN(t, r.Resource) }):
		return notMeant
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(r) {
			return notMeant
		}
	}
	return meant
}
