package scan

import (
	"go/ast"
	"go/token"
	"strconv"
	"time"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/schedule"
)

const (
	cronForm     = "func Process(ctx context.Context) error"
	scheduleForm = `const Schedule = "rate(5 minutes)"`
)

var cronKind = kind{typeName{lessPath, "Cron"}, []limit{timeout(900 * time.Second), memory}}

// crons reads less/crons and says whether it found a cron there.
func (s *scanner) crons(f *folder) bool {
	for _, sub := range f.folders {
		if !sub.hasGo {
			s.absent(sub, "Write "+sub.file("process.go")+": "+cronForm+", and "+scheduleForm, foreignSubscriber)
			continue
		}
		if err := CheckName(sub.name); err != nil {
			s.report(sub.path, "invalid cron name: %v.", err)
		}
		s.cron(sub)
	}
	return len(s.app.Crons) > 0
}

func (s *scanner) cron(f *folder) {
	s.importable(f)
	src := s.load(f)
	if src.broken {
		return
	}
	if len(f.goFiles) == 0 {
		s.report(f.path, "a cron has its handler directly in its folder, less/crons/<cron>. Write %s: %s", f.file("process.go"), cronForm)
		return
	}
	s.straySettings(src, cronKind, []string{"Config"})
	d, found := s.function(src, f, "process.go", "Process", cronForm)
	if !found {
		return
	}
	params, results := each(d.fn.Type.Params), each(d.fn.Type.Results)
	if len(params) != 1 || !s.is(src, d.file, params[0], contextType) || len(results) != 1 || !isError(src, results[0]) {
		s.report(s.at(d.name.Pos()), "%s has the form %s. Write: %s", d.name.Name, form(d.fn), cronForm)
		return
	}
	expression, ok := s.schedule(src, f)
	if !ok {
		return
	}
	s.app.Crons = append(s.app.Crons, app.Cron{
		Name:     f.name,
		Package:  src.Package,
		Schedule: expression,
		Settings: s.settings(src, "Config", cronKind),
		Pos:      app.Pos(s.at(d.name.Pos())),
	})
}

// schedule reads the constant that says when a cron runs.
func (s *scanner) schedule(src *source, f *folder) (string, bool) {
	d, declared := src.decls["Schedule"]
	if !declared {
		s.report(f.path, "the cron does not say when it runs. Write in process.go: %s", scheduleForm)
		return "", false
	}
	var literal *ast.BasicLit
	if d.tok == token.CONST && d.value != nil && len(d.value.Values) == len(d.value.Names) {
		literal, _ = ast.Unparen(d.value.Values[d.index]).(*ast.BasicLit)
	}
	if literal == nil || literal.Kind != token.STRING {
		s.report(s.at(d.name.Pos()), "Schedule must be a constant text, so that the plan can read it. Write: %s", scheduleForm)
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	if err == nil {
		_, err = schedule.Parse(text)
	}
	if err != nil {
		s.report(s.at(d.name.Pos()), "%v.", err)
		return "", false
	}
	return text, true
}
