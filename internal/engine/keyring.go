package engine

import (
	"crypto/rand"
	"strings"
	"sync"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
)

// A keyring gives each function credentials of its own, by which the AWS port
// knows who calls, and says what that function may do. Every other key is an
// administrator's.
type keyring struct {
	mu     sync.RWMutex
	byKey  map[string]string // access key -> function identity
	grants map[string]grant  // by function identity
}

// A grant is what one function may do, as resource names by action.
type grant struct {
	credentials lambda.Credentials
	principal   awsapi.Principal
	allowed     map[string]map[string]bool // action -> resource ARN
	// role is the ARN of the role of a function that a client has made.
	role string
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
			g.role = f.deployed.Deployment.Role
		}
		k.grants[f.ID] = g
		k.byKey[g.credentials.AccessKeyID] = f.ID
	}
	for _, f := range p.Functions {
		for _, topic := range f.Publishes {
			k.grants[f.ID].allowed["sns:Publish"][awsapi.LocalARN("sns", Region, p.TopicPrefix+topic)] = true
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

// principal says whose access key this is, if it is a function's.
func (k *keyring) principal(accessKey string) (awsapi.Principal, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	function, found := k.byKey[accessKey]
	return k.grants[function].principal, found
}

// Allow says whether p may do action on resource: everything for an
// administrator, what the plan grants for a function of it. A function that a client
// has made may do everything as long as nobody reads its role's policies.
func (k *keyring) Allow(p awsapi.Principal, action, resource string) bool {
	if p.Administrator() {
		return true
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	g := k.grants[p.Function]
	return g.role != "" || g.allowed[action][resource]
}

// newCredentials are of the shape of a role's temporary ones.
func newCredentials() lambda.Credentials {
	return lambda.Credentials{
		AccessKeyID:     "ASIA" + rand.Text()[:16],
		SecretAccessKey: rand.Text() + strings.ToLower(rand.Text())[:14],
		SessionToken:    rand.Text() + rand.Text(),
	}
}
