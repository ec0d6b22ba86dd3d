package engine

import (
	"crypto/rand"
	"strings"
	"sync"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/policy"
)

// A keyring gives each function credentials of its own, by which the AWS port
// knows who calls, and says what that function may do. Every other key is an
// administrator's.
type keyring struct {
	mu     sync.RWMutex
	byKey  map[string]string // access key -> function identity
	grants map[string]grant  // by function identity

	// authority knows who has assumed a role, and decides about all who have one.
	authority *authority
}

// A grant is what one function may do, as resource names by action.
type grant struct {
	credentials lambda.Credentials
	principal   awsapi.Principal
	// allowed is what the plan grants: action -> resource ARN.
	allowed map[string]map[string]bool
}

func newKeyring() *keyring {
	return &keyring{byKey: map[string]string{}, grants: map[string]grant{}}
}

// set makes the grants those of p and of the functions that there are. A function
// keeps its credentials as long as it is there.
func (k *keyring) set(p plan.Plan, all []function) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.grants
	k.byKey, k.grants = map[string]string{}, map[string]grant{}
	for _, f := range all {
		g := grant{
			credentials: old[f.ID].credentials,
			principal:   awsapi.Principal{Function: f.ID, Name: f.Name},
			allowed:     map[string]map[string]bool{"sns:Publish": {}, "sqs:ChangeMessageVisibility": {}},
		}
		if g.credentials == (lambda.Credentials{}) {
			g.credentials = newCredentials()
		}
		if f.deployed != nil {
			g.principal.RoleARN = f.deployed.Deployment.Role
			g.principal.Role, _ = iamapi.RoleOf(g.principal.RoleARN)
		}
		k.grants[f.ID] = g
		k.byKey[g.credentials.AccessKeyID] = f.ID
	}
	for _, f := range p.Functions {
		for _, topic := range f.Publishes {
			k.grants[f.ID].allowed["sns:Publish"][awsapi.LocalARN("sns", Region, p.TopicPrefixOf(f)+topic)] = true
		}
	}
	for _, s := range p.Subscriptions() {
		k.grants[s.Function].allowed["sqs:ChangeMessageVisibility"][awsapi.LocalARN("sqs", Region, s.Queue.Name)] = true
	}
}

func (k *keyring) credentials(function string) lambda.Credentials {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.grants[function].credentials
}

// principal says whose access key this is, if it is a function's or that of somebody
// who has assumed a role.
func (k *keyring) principal(accessKey string) (awsapi.Principal, bool) {
	k.mu.RLock()
	function, found := k.byKey[accessKey]
	p := k.grants[function].principal
	k.mu.RUnlock()
	if !found {
		return k.authority.account.sts.Principal(accessKey)
	}
	return p, true
}

// Decide says whether p may do action on resource: everything for an administrator, what
// the plan grants for a function of it, and for all others what the policies of their
// role and of the resource allow.
func (k *keyring) Decide(p awsapi.Principal, action, resource string) policy.Decision {
	switch {
	case p.Administrator():
		return policy.Decision{Allowed: true}
	case p.RoleARN != "":
		return k.authority.decide(p, action, resource)
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return policy.Decision{Allowed: k.grants[p.Function].allowed[action][resource]}
}

// newCredentials are of the shape of a role's temporary ones.
func newCredentials() lambda.Credentials {
	return lambda.Credentials{
		AccessKeyID:     "ASIA" + rand.Text()[:16],
		SecretAccessKey: rand.Text() + strings.ToLower(rand.Text())[:14],
		SessionToken:    rand.Text() + rand.Text(),
	}
}
