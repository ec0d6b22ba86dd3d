package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/project"
)

// besideFile is the file in which a project keeps which others it runs, or ran last,
// beside: the operator's commands show these too.
const besideFile = stateDir + "/beside"

// remember notes in each project which others run beside it.
func remember(dirs []string) error {
	for _, dir := range dirs {
		var others []string
		for _, other := range dirs {
			if other != dir {
				others = append(others, other)
			}
		}
		name := filepath.Join(dir, filepath.FromSlash(besideFile))
		if len(others) == 0 {
			if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
				return fmt.Errorf("forget what ran beside: %w", err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return fmt.Errorf("note what runs beside: %w", err)
		}
		if err := os.WriteFile(name, []byte(strings.Join(others, "\n")+"\n"), 0o600); err != nil {
			return fmt.Errorf("note what runs beside: %w", err)
		}
	}
	return nil
}

// beside are the folders of the projects that run beside that in dir.
func beside(dir string) []string {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(besideFile)))
	if err != nil {
		return nil // it has not run with others
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// operated is the plan of a, and of what runs beside it on this machine. What cannot be
// read there is told, and left out.
func (e Env) operated(a application) plan.Plan {
	all := []application{a}
	for _, dir := range beside(a.dir) {
		other := newApplication(a.dir, dir)
		var err error
		if other.app, _, err = project.Scan(dir); err == nil {
			other.options.External, err = e.external(dir, other.app)
		}
		if err != nil {
			fmt.Fprintf(e.Err, "%s WARNING: %s, which runs beside, is not shown: %v\n", tag, dir, err)
			continue
		}
		all = append(all, other)
	}
	_ = introduce(all) // how they do not fit is said where they are run
	var plans []plan.Plan
	for _, one := range all {
		plans = append(plans, one.plan())
	}
	return plan.Beside(plans[0], plans[1:]...)
}
