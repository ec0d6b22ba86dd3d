package awsapi

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/less-go/less/internal/policy"
)

// A Principal is who calls. The zero Principal is the administrator.
type Principal struct {
	// Function is the identity of the calling function:
	// "topics/order_placed/payment_service_process_payment".
	Function string
	// Name is the function's name on AWS, by which a refusal calls it; Function
	// where it is empty. For somebody who has assumed a role it is the session's.
	Name string
	// Role is the name of the role that the principal has, RoleARN its ARN and RoleID
	// its unique id. All are empty for a function of the plan, whose role has its name.
	Role, RoleARN, RoleID string
	// Expires is when the principal's credentials end; never where it is zero.
	Expires time.Time
}

// Expired says that the principal's credentials have ended.
func (p Principal) Expired() bool { return !p.Expires.IsZero() && !time.Now().Before(p.Expires) }

// Administrator says that no function is calling but a person or a tool.
func (p Principal) Administrator() bool { return p == Principal{} }

// ARN is how AWS would call the principal.
func (p Principal) ARN() string {
	if p.Administrator() {
		return "arn:aws:iam::" + Account + ":root"
	}
	return "arn:aws:sts::" + Account + ":assumed-role/" + cmp.Or(p.Role, p.Session()) + "/" + p.Session()
}

// Session is what the principal's session is called, for a function as the function.
// The administrator has none.
func (p Principal) Session() string { return cmp.Or(p.Name, p.Function) }

// An Authorizer decides what a principal may do.
type Authorizer interface {
	// Decide says whether p may do action ("sns:Publish") on the resource with
	// the given ARN, "*" where the action has none, and why not. It is asked before
	// every action; as on AWS, a batch of sends is asked for as a send.
	Decide(p Principal, action, resource string) policy.Decision
}

// A scope is the credential scope of a signature: who signed, and for what.
type scope struct {
	accessKey, region, service string
}

// scopeOf reads the scope of the request's signature, of a presigned request's
// query, or of none. What claims to be a signature must at least be well formed.
func scopeOf(r *http.Request, query url.Values) (scope, *Error) {
	credential := query.Get("X-Amz-Credential")
	if header := r.Header.Get("Authorization"); strings.HasPrefix(header, "AWS4-") {
		_, rest, _ := strings.Cut(header, "Credential=")
		credential, _, _ = strings.Cut(rest, ",")
	} else if credential == "" {
		return scope{}, nil
	}
	// key/date/region/service/aws4_request; SigV4A has no region.
	parts := strings.Split(strings.TrimSpace(credential), "/")
	n := len(parts)
	if n < 4 || n > 5 || parts[n-1] != "aws4_request" || parts[0] == "" {
		return scope{}, &Error{
			Code:    "IncompleteSignature",
			Status:  http.StatusForbidden,
			Message: "The credential of the signature must have the form key/date/region/service/aws4_request.",
		}
	}
	s := scope{accessKey: parts[0], service: parts[n-2]}
	if n == 5 && validRegion(parts[2]) {
		s.region = parts[2]
	}
	return s, nil
}

// validRegion keeps anything but a region's name out of ARNs.
func validRegion(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
