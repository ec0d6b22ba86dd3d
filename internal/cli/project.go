package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/plan"
)

// findProject returns the folder that holds go.mod and less/: args[0], or the
// working directory, or one above.
func (e Env) findProject(args []string) (string, error) {
	start := e.Dir
	if len(args) > 0 {
		start = args[0]
		if !filepath.IsAbs(start) {
			start = filepath.Join(e.Dir, start)
		}
	}
	if !isDir(start) {
		return "", fmt.Errorf("there is no folder %s. Name the folder of your project, the one that holds go.mod and less/", start)
	}
	withoutModule := ""
	for dir := filepath.Clean(start); ; dir = filepath.Dir(dir) {
		if isDir(filepath.Join(dir, "less")) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				return dir, nil
			}
			if withoutModule == "" {
				withoutModule = dir
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if withoutModule != "" {
		return "", fmt.Errorf("%s has a 'less' folder but no go.mod. Run 'less-cli init .' there, which adds what is missing, and try again", withoutModule)
	}
	return "", noProjectError{start}
}

// findProjects is [Env.findProject] for each of args, or for the working directory.
func (e Env) findProjects(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var dirs []string
	var errs []error
	for _, arg := range args {
		dir, err := e.findProject([]string{arg})
		if slices.Contains(dirs, dir) && err == nil {
			err = fmt.Errorf("%s is named twice. Name each project once", dir)
		}
		dirs, errs = append(dirs, dir), append(errs, err)
	}
	return dirs, errors.Join(errs...)
}

// planOptions are what the less.config of the project in dir says to the plan of what runs
// here: the values of its environment variables, which must all be there, and the
// deployments whose topics its external ones are, and the pages that may call its APIs.
func (e Env) planOptions(dir string, a app.App) (plan.Options, error) {
	c, err := config.Read(os.DirFS(dir))
	if err != nil {
		return plan.Options{}, err
	}
	values, missing := c.Values(e.LookupEnv)
	external, err := c.Deployments(a.Placeholders(), e.LookupEnv)
	return plan.Options{Env: values, External: external, Origins: c.Origins, TopicsAPI: c.TopicsAPI}, errors.Join(c.Check(a), missing, err)
}

// external are the deployments that [Env.planOptions] has, for a command that needs no
// values.
func (e Env) external(dir string, a app.App) (map[string]string, error) {
	if len(a.External) == 0 {
		return nil, nil
	}
	c, err := config.Read(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	return c.Deployments(a.Placeholders(), e.LookupEnv)
}

// A noProjectError is a folder that belongs to no project.
type noProjectError struct{ dir string }

func (e noProjectError) Error() string {
	return fmt.Sprintf("there is no 'less' folder in %s, nor in a folder above it. Navigate to your project, the folder that holds go.mod and less/, and try again", e.dir)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
