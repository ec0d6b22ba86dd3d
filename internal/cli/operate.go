package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/scan"
	"github.com/less-go/less/internal/target"
)

// defaultAWSPort is where the engine's AWS services listen.
const defaultAWSPort = 4566

// A place is where a command finds what it operates: the flags that all such
// commands have.
type place struct {
	env      Env
	cmd      *cobra.Command
	project  string
	endpoint string
	awsPort  int
	aws      bool
}

// addPlace gives cmd the flags.
func addPlace(env Env, cmd *cobra.Command) *place {
	p := &place{env: env, cmd: cmd}
	f := cmd.Flags()
	f.StringVar(&p.project, "project", "", "the deployment's `name`; the project's own where it is not given")
	f.IntVar(&p.awsPort, "aws-port", defaultAWSPort, "the local engine's `port`")
	f.StringVar(&p.endpoint, "endpoint", "", "another endpoint's `URL`")
	f.BoolVar(&p.aws, "aws", false, "talk to AWS, with your credentials")
	cmd.Long = strings.TrimSpace(cmd.Long) + "\n\n" + target.Rule
	return p
}

// open reads which resources the project has, and finds where they are. Nothing is
// compiled or analysed for that.
func (p *place) open() (operate.Deployment, error) {
	opts := target.Options{
		AWS: p.aws, Endpoint: p.endpoint, DefaultPort: defaultAWSPort, Getenv: p.env.Getenv,
	}
	if p.cmd.Flags().Changed("aws-port") {
		if opts.Port = p.awsPort; p.awsPort < 1 || p.awsPort > 65535 {
			return operate.Deployment{}, p.wrong("--aws-port is %d, and ports are 1 to 65535", p.awsPort)
		}
	}
	places := 0
	for _, given := range []bool{p.aws, p.endpoint != "", opts.Port != 0} {
		if given {
			places++
		}
	}
	if places > 1 {
		return operate.Deployment{}, p.wrong("--aws, --endpoint and --aws-port are different places: choose one")
	}
	dir, err := p.env.findProject(nil)
	if err != nil {
		return operate.Deployment{}, err
	}
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		if problems, ok := errors.AsType[scan.Problems](err); ok {
			return operate.Deployment{}, fmt.Errorf("%s in %s:\n%w", plural.Count(len(problems), "problem"), dir, err)
		}
		return operate.Deployment{}, err
	}
	external, err := p.env.external(dir, a)
	if err != nil {
		return operate.Deployment{}, err
	}
	t, err := target.New(p.cmd.Context(), opts)
	if err != nil {
		return operate.Deployment{}, err
	}
	one := application{dir: dir, app: a, options: plan.Options{Name: p.project, External: external}}
	if t.Local && p.project == "" {
		return operate.Deployment{Plan: p.env.operated(one), Target: t}, nil
	}
	return operate.Deployment{Plan: one.plan(), Target: t}, nil
}

// wrong is an error of usage.
func (p *place) wrong(format string, args ...any) error { return wrongUsage(p.cmd, format, args...) }

// wrongUsage is an error of how cmd is used.
func wrongUsage(cmd *cobra.Command, format string, args ...any) error {
	return usageError{cmd.CommandPath(), fmt.Errorf(format, args...)}
}

// json reads the JSON that a flag --data gives: itself, @file, or - for the
// standard input.
func (p *place) json(data string) ([]byte, error) {
	content, from := []byte(data), "--data"
	var err error
	switch {
	case data == "-":
		from = "the standard input"
		content, err = io.ReadAll(p.env.In)
	case strings.HasPrefix(data, "@"):
		from = data[1:]
		name := from
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.env.Dir, name)
		}
		if content, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("--data %s cannot be read: %w. Name a file with JSON in it", data, errors.Unwrap(err))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from, err)
	}
	content = bytes.TrimSpace(content)
	if err := operate.CheckJSON(content); err != nil {
		return nil, p.wrong("%s: %w", from, err)
	}
	return content, nil
}

// indent spreads JSON over lines.
func indent(out *bytes.Buffer, data []byte) error { return json.Indent(out, data, "", "  ") }

// sameJSON says whether two texts are the same JSON, but for spaces.
func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// pretty is JSON for people, who read it on a terminal: stranger's text is made safe.
func pretty(data []byte) string {
	var out bytes.Buffer
	if indent(&out, data) != nil {
		return console.Clean(string(data))
	}
	return console.Clean(out.String())
}

// fit cuts text to width columns, 100 where that is not given, and to one line.
func fit(text string, width int) string {
	runes := []rune(console.Clean(strings.Join(strings.Fields(text), " ")))
	if width = cmp.Or(width, 100); len(runes) > width {
		return strings.TrimRight(string(runes[:max(width-1, 0)]), " ") + "…"
	}
	return string(runes)
}
