package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/less-go/less/internal/blueprint"
	"github.com/less-go/less/internal/bundle"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/plan"
)

// checkTemplate refuses what does not go with --template: the templates say it.
func (o runOptions) checkTemplate(args []string, changed func(flag string) bool) error {
	for _, flag := range []string{"empty", "visibility", "topics-api"} {
		if changed(flag) {
			return fmt.Errorf("--%s does not go with --template: what runs is what the templates say", flag)
		}
	}
	if len(args) > 0 {
		return errors.New("--template runs what was synthesized, and takes no project")
	}
	return nil
}

// runTemplate runs what the CDK has synthesized: the plan that its templates say, and
// the programs that would be uploaded.
func runTemplate(ctx context.Context, env Env, opts runOptions) (err error) {
	dir := opts.template
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.Dir, dir)
	}
	b, err := blueprint.Read(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(runsHere(b.Architecture), opts.portsApart(b.Plan)); err != nil {
		return err
	}
	state := filepath.Join(env.Dir, stateDir)
	screen := newScreen(env, opts)
	defer func() { err = errors.Join(err, screen.Close()) }()
	s := &session{env: env, opts: opts, screen: screen}
	if s.engine, err = env.StartEngine(ctx, engine.Options{
		State: state, Fresh: opts.fresh, Port: opts.port, AWSPort: opts.awsPort, Sink: screen.Emit, Deployed: screen.Deployed,
	}); err != nil {
		return s.explain(err)
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	v := version{plan: b.Plan}
	if v.binaries, err = unpack(b.Programs, filepath.Join(state, "template")); err != nil {
		return err
	}
	if err := s.serve(ctx, v); err != nil {
		return s.explain(err)
	}
	s.say(fmt.Sprintf("%s The deployment %q, as it was synthesized, is running ✅\n", tag, b.Plan.Name) + resources(v, s.engine, opts))
	<-ctx.Done()
	return nil
}

// runsHere refuses programs for machines of another kind than this one.
func runsHere(architecture plan.Architecture) error {
	machine := plan.Architecture(runtime.GOARCH)
	if runtime.GOARCH == "amd64" {
		machine = plan.X86
	}
	switch {
	case architecture == "": // there is no function
		return nil
	case runtime.GOOS != "linux":
		return fmt.Errorf("the functions are programs for Linux, and this machine runs %s. Use less-cli run without --template, which builds them for it", runtime.GOOS)
	case architecture != machine:
		return fmt.Errorf("the functions are built for %s, and this machine is %s. Synthesize for it: cdk synth -c architecture=%[2]s", architecture, machine)
	}
	return nil
}

// unpack returns the paths of programs, by identity. Zip files are unpacked into dir.
func unpack(programs map[string]string, dir string) (map[string]string, error) {
	store, err := bundle.Open(dir)
	if err != nil {
		return nil, err
	}
	folders := map[string]string{} // by asset
	var kept []bundle.Bundle
	out := map[string]string{}
	var errs []error
	for id, asset := range programs {
		folder, found := folders[asset]
		if !found {
			var b bundle.Bundle
			if folder, b, err = folderOf(asset, store); err != nil {
				errs = append(errs, fmt.Errorf("less/%s: its program %s: %w. Synthesize once more", id, asset, err))
				continue
			}
			folders[asset] = folder
			if b.Sum != "" {
				kept = append(kept, b)
			}
		}
		out[id] = filepath.Join(folder, "bootstrap")
		if _, err := os.Stat(out[id]); err != nil {
			errs = append(errs, fmt.Errorf("less/%s: its program %s has no file bootstrap. Synthesize once more", id, asset))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return out, errors.Join(append(errs, store.Keep(kept))...)
}

// folderOf is the folder that an asset is, or that it is unpacked to as the bundle.
func folderOf(asset string, store *bundle.Store) (string, bundle.Bundle, error) {
	if info, err := os.Stat(asset); err != nil || info.IsDir() {
		return asset, bundle.Bundle{}, err
	}
	file, err := os.Open(asset)
	if err != nil {
		return "", bundle.Bundle{}, err
	}
	defer file.Close()
	b, err := store.Add(file)
	return store.Folder(b), b, err
}
