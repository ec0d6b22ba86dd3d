package scaffold

import (
	"errors"

	"github.com/less-go/less/internal/schedule"
)

const cronCode = `// Package {{.Package}} runs by schedule.
package {{.Package}}

import (
	"context"

	"github.com/less-go/less"
)

// Schedule is when Process runs, as EventBridge writes it: rate(5 minutes), or
// cron(0 12 * * ? *) for every day at 12:00 UTC.
const Schedule = "{{.Schedule}}"

// Process is one run. An error makes Lambda try it again, twice.
func Process(ctx context.Context) error {
	less.Logger(ctx).Info("Running")
	return nil
}
`

// Cron writes a cron with a schedule of EventBridge's.
func (p *Project) Cron(name, expression string) ([]File, error) {
	_, err := schedule.Parse(expression)
	if err := errors.Join(checkNames("cron name", name), err); err != nil {
		return nil, err
	}
	dir := "less/crons/" + name
	c := p.change()
	c.add(dir+"/process.go", cronCode, map[string]string{"Package": p.clause(dir), "Schedule": expression})
	return c.write()
}
