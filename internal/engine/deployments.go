package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/bundle"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// deployments are the functions that clients have made, beside those of the plan.
// They are kept in the store as documents, and their code in a folder.
type deployments struct {
	store *queue.Store
	code  *bundle.Store
	kept  map[string]lambdaapi.Function // by name; guarded by the engine's mutex
}

// deploymentKind is the kind of the documents.
const deploymentKind = "function"

func openDeployments(ctx context.Context, store *queue.Store, dir string) (*deployments, error) {
	code, err := bundle.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open the code of functions: %w", err)
	}
	documents, err := store.Documents(ctx, deploymentKind)
	if err != nil {
		return nil, fmt.Errorf("read the functions: %w", err)
	}
	d := &deployments{store: store, code: code, kept: map[string]lambdaapi.Function{}}
	var bundles []bundle.Bundle
	for _, doc := range documents {
		var f lambdaapi.Function
		if err := json.Unmarshal(doc.Value, &f); err != nil {
			return nil, fmt.Errorf("read the function %s: %w", doc.Name, err)
		}
		f.Binary = filepath.Join(code.Folder(f.Deployment.Code), filepath.Base(f.Binary)) // the state may have been moved
		d.kept[f.Name] = f
		bundles = append(bundles, f.Deployment.Code)
	}
	// Only now, when nothing runs that could be removed.
	if err := code.Keep(bundles); err != nil {
		return nil, fmt.Errorf("remove the former code of functions: %w", err)
	}
	return d, nil
}

// known are the functions as clients ask about them, before they can run.
func (d *deployments) known() []function {
	var out []function
	for _, f := range d.kept {
		out = append(out, function{Function: lambda.Function{ID: f.ID, Name: f.Name}, deployed: &f})
	}
	return out
}

// keep writes a function down.
func (d *deployments) keep(ctx context.Context, f lambdaapi.Function) error {
	value, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := d.store.Keep(ctx, queue.Document{Kind: deploymentKind, Name: f.Name, Value: value}); err != nil {
		return err
	}
	d.kept[f.Name] = f
	return nil
}

// forget removes a function.
func (d *deployments) forget(ctx context.Context, name string) error {
	if err := d.store.Keep(ctx, queue.Document{Kind: deploymentKind, Name: name}); err != nil {
		return err
	}
	delete(d.kept, name)
	return nil
}

// deployedFunction is how the engine runs f. What a client says of it goes before
// what the engine adds, but it has to reach the engine.
func (e *Engine) deployedFunction(f lambdaapi.Function) function {
	env := map[string]string{"AWS_ENDPOINT_URL": e.aws.url("127.0.0.1")}
	maps.Copy(env, f.Env)
	if f.Deployment.JSON {
		env["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
	}
	return function{
		Function: lambda.Function{
			ID: f.ID, Name: f.Name, Region: f.Deployment.Region, Binary: f.Binary, Timeout: f.Timeout, MemoryMB: f.MemoryMB,
			MaxConcurrency: routeConcurrency, Env: env,
		},
		deployed: &f,
	}
}

// deployedFunctions are those of clients, in the order of their names. A name that
// the plan has too is the plan's.
func (e *Engine) deployedFunctions(planned []function) []function {
	var out []function
	for _, name := range slices.Sorted(maps.Keys(e.deployed.kept)) {
		if !slices.ContainsFunc(planned, func(f function) bool { return f.Name == name }) {
			out = append(out, e.deployedFunction(e.deployed.kept[name]))
		}
	}
	return out
}

// identities are those of the functions of clients that say one, as
// [Options.Deployed] is told them. A deployment goes by what its topics begin with.
func identities(all []function) map[string]string {
	out := map[string]string{}
	for _, f := range all {
		if identity := f.Env[event.EnvFunction]; f.deployed != nil && identity != "" {
			prefix := f.Env[event.EnvTopicPrefix]
			out[f.ID] = strings.TrimSuffix(prefix[strings.LastIndexByte(prefix, ':')+1:], "-") + ":" + identity
		}
	}
	return out
}

// tellHidden tells of functions of clients whose names are the plan's now.
func (e *Engine) tellHidden(p plan.Plan) {
	for _, f := range p.Functions {
		if _, hidden := e.deployed.kept[f.Name]; hidden {
			e.emit(activity.Event{Kind: activity.Notice, Function: f.ID, Line: "A client has made a function of the same name, " + f.Name +
				". It does not run any more. Delete its stack, or give this application another name."})
		}
	}
}

// Unpack keeps the zip that r has, and returns the folder of its files.
func (e *Engine) Unpack(r io.Reader) (bundle.Bundle, string, error) {
	b, err := e.deployed.code.Add(r)
	return b, e.deployed.code.Folder(b), err
}

// Zip is the path of a zip that was unpacked.
func (e *Engine) Zip(b bundle.Bundle) string { return e.deployed.code.Zip(b) }

// change holds the engine's mutex for a change that a client makes. Before the first
// plan, which may have a function of the same name, it waits for that.
func (e *Engine) change(ctx context.Context, how func() error) error {
	select {
	case <-e.applied:
	case <-e.stopping:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return lambda.ErrStopped
	}
	return how()
}

// Deploy makes a function for a client, or changes the one of its name.
func (e *Engine) Deploy(ctx context.Context, f lambdaapi.Function) error {
	return e.change(ctx, func() error {
		if err := e.deployed.keep(ctx, f); err != nil {
			return err
		}
		return e.redeploy(ctx)
	})
}

// withdrawTime is how long the removal of a function waits for what it has begun.
const withdrawTime = time.Second

// Withdraw removes a function that a client has made. What it has begun goes on; what
// waits for it is lost.
func (e *Engine) Withdraw(ctx context.Context, name string) error {
	return e.change(ctx, func() error {
		if err := e.deployed.forget(ctx, name); err != nil {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, withdrawTime)
		defer cancel()
		if err := e.redeploy(waiting); err != nil && waiting.Err() == nil {
			return err
		}
		err := e.store.DeleteQueue(context.WithoutCancel(ctx), async.Function{Name: name}.Queue())
		if errors.Is(err, queue.ErrNoQueue) {
			return nil
		}
		return err
	})
}

// redeploy has all parts know the functions that there are now.
func (e *Engine) redeploy(ctx context.Context) error {
	all := e.allFunctions(e.plan, e.binaries)
	if err := e.store.Ensure(ctx, async.Queues(asyncFunctions(all))...); err != nil {
		return fmt.Errorf("create the queues: %w", err)
	}
	e.callees.set(all)
	return e.serve(ctx, e.plan, all)
}
