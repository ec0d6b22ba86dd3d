package cloudformation_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/less-go/less/internal/cloudformation"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world has the things that templates of the tests make, by name.
type world struct {
	mu     sync.Mutex
	things map[string]thingProperties
	made   int
	// refuse fails what is done with a value: "create bad", "update worse", "delete last".
	refuse map[string]string
}

type thingProperties struct {
	Name    string `cfn:",replace"`
	Kind    string `cfn:",replace"`
	Value   string
	Seconds int // what each step takes
	Link    string
	Tags    []provider.Tag
}

func (w *world) Schema() provider.Schema {
	return provider.SchemaOf[thingProperties](provider.Options{Name: "Name", Attributes: []string{"Value", "Arn"}})
}

// step is what each of the provider's methods begins with.
func (w *world) step(ctx context.Context, verb string, r provider.Resource) (thingProperties, error) {
	p, err := provider.Decode[thingProperties](r.LogicalID, r.Properties)
	if err != nil {
		return p, err
	}
	select {
	case <-time.After(time.Duration(p.Seconds) * time.Second):
	case <-ctx.Done():
		return p, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if message := w.refuse[verb+" "+p.Value]; message != "" {
		return p, provider.Invalid("%s", message)
	}
	return p, nil
}

func (w *world) describe(id string, p thingProperties) provider.Made {
	return provider.Made{PhysicalID: id, Attributes: map[string]any{"Value": p.Value, "Arn": "arn:" + id}}
}

func (w *world) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[thingProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	w.mu.Lock()
	w.made++
	id := p.Name
	if id == "" {
		id = fmt.Sprintf("%s-%d", r.LogicalID, w.made)
	}
	_, taken := w.things[id]
	if !taken {
		w.things[id] = p
	}
	w.mu.Unlock()
	if taken {
		return provider.Made{}, provider.AlreadyExists(r.Type, id)
	}
	if err := r.Begin(id); err != nil {
		return provider.Made{}, err
	}
	if _, err := w.step(ctx, "create", r); err != nil {
		return provider.Made{}, err
	}
	return w.describe(id, p), nil
}

func (w *world) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := w.step(ctx, "update", r)
	if err != nil {
		return provider.Made{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.things[r.PhysicalID] = p
	return w.describe(r.PhysicalID, p), nil
}

func (w *world) Delete(ctx context.Context, r provider.Resource) error {
	if _, err := w.step(ctx, "delete", r); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.things, r.PhysicalID)
	return nil
}

// has are the values of what there is, sorted.
func (w *world) has() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var values []string
	for _, p := range w.things {
		values = append(values, p.Value)
	}
	slices.Sort(values)
	return strings.Join(values, " ")
}

// A rig is the service over a world, in virtual time.
type rig struct {
	*cloudformation.Service
	t     *testing.T
	world *world
	store *queue.Store
	// templates are where nested stacks have theirs.
	templates  map[string]string
	parameters map[string]string
}

// inTime runs a test with a rig in a bubble.
func inTime(t *testing.T, test func(r *rig)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "queues.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := queue.Open(t.Context(), path, queue.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{t: t, store: store, world: &world{things: map[string]thingProperties{}, refuse: map[string]string{}}, templates: map[string]string{}}
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		r.open()
		defer func() { r.Close() }() // the one that is open then
		test(r)
	})
}

func (r *rig) open() {
	r.t.Helper()
	var err error
	r.Service, err = cloudformation.Open(r.t.Context(), r.store, cloudformation.Options{
		Providers: map[string]provider.Provider{"AWS::Test::Thing": r.world, "AWS::IAM::Role": r.world},
		Fetch: func(_ context.Context, url string) ([]byte, error) {
			body, found := r.templates[url]
			if !found {
				return nil, &provider.Failure{Message: "S3 error: The specified key does not exist."}
			}
			return []byte(body), nil
		},
		Lookup: func(context.Context, []string) (map[string]string, error) { return r.parameters, nil },
		Failed: func(err error) { r.t.Error(err) },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Resume()
}

// reopen ends the service in the middle of what it does, and opens the next.
func (r *rig) reopen() {
	r.t.Helper()
	r.Close()
	r.open()
}

// things writes a template of things. Each is its properties, and may have other members of a resource after "+".
func things(list map[string]string) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(list)) {
		properties, more, _ := strings.Cut(list[id], "+")
		if more != "" {
			more = ", " + more
		}
		out = append(out, fmt.Sprintf(`%q: {"Type": "AWS::Test::Thing", "Properties": {%s}%s}`, id, properties, more))
	}
	return `{"Resources": {` + strings.Join(out, ",\n") + "}}"
}

// deploy creates or updates the stack "shop" by a change set and waits for the end.
func (r *rig) deploy(body string) string {
	r.t.Helper()
	kind := "UPDATE"
	if r.status() == "" {
		kind = "CREATE"
	}
	if err := r.propose(kind, body); err != nil {
		r.t.Fatal(err)
	}
	r.execute(false)
	return r.wait()
}

var reference = cloudformation.ChangeSetReference{StackName: "shop", ChangeSetName: "deploy"}

func (r *rig) propose(kind, body string) error {
	if r.status() != "" {
		if _, err := r.DeleteChangeSet(r.t.Context(), &reference); err != nil {
			return err
		}
	}
	_, err := r.CreateChangeSet(r.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: "shop", ChangeSetName: "deploy", ChangeSetType: kind, Settings: cloudformation.Settings{TemplateBody: body},
	})
	return err
}

func (r *rig) execute(disableRollback bool) {
	r.t.Helper()
	if _, err := r.ExecuteChangeSet(r.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetReference: reference, DisableRollback: disableRollback}); err != nil {
		r.t.Fatal(err)
	}
}

// wait waits for the end of the operation and returns the state.
func (r *rig) wait() string {
	for {
		status := r.status()
		if !strings.HasSuffix(status, "_IN_PROGRESS") {
			return status
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// status is "" where there is no stack.
func (r *rig) status() string {
	out, err := r.DescribeStacks(r.t.Context(), &cloudformation.DescribeStacksInput{StackName: "shop"})
	if err != nil {
		return ""
	}
	return out.Stacks[0].StackStatus
}

// events are those of a stack, the oldest first: "Queue CREATE_FAILED why". The stack is "shop", and its reasons are told without their tokens.
func (r *rig) events(stack string) []string {
	r.t.Helper()
	var all []string
	in := cloudformation.DescribeStackEventsInput{StackName: stack}
	for {
		out, err := r.DescribeStackEvents(r.t.Context(), &in)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, e := range out.StackEvents {
			reason, _, _ := strings.Cut(e.ResourceStatusReason, " (RequestToken")
			all = append(all, strings.TrimSpace(e.LogicalResourceID+" "+e.ResourceStatus+" "+reason))
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			slices.Reverse(all)
			return all
		}
	}
}

// since returns the events after the first n.
func (r *rig) since(n int) []string { return r.events("shop")[n:] }

// changes are those of the change set: "Queue Modify False [Value]".
func (r *rig) changes() []string {
	r.t.Helper()
	out, err := r.DescribeChangeSet(r.t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetReference: reference})
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, c := range out.Changes {
		var properties []string
		for _, d := range c.ResourceChange.Details {
			properties = append(properties, d.Target.Name)
		}
		all = append(all, strings.TrimSpace(fmt.Sprint(c.ResourceChange.LogicalResourceID, " ", c.ResourceChange.Action, " ", c.ResourceChange.Replacement, " ", strings.Join(properties, " "))))
	}
	return all
}
