package scan

import (
	"go/ast"

	"github.com/less-go/less/internal/app"
)

// A topic is what the scan of subscribers needs to know of their topic, and then
// those that it found.
type topic struct {
	app.Package
	// app is the placeholder of an external topic's application; "" for one's own.
	app  string
	name string
	// label is what people call it.
	label string
	pos   app.Pos
	// alias is what Message is another name for, if it is; a subscriber may take either.
	alias       typeName
	subscribers []app.Subscriber
}

func (t topic) processForm() string {
	return "func Process(ctx context.Context, m " + t.Name + ".Message) error"
}

// pattern is how the folders of such topics are written.
func (t topic) pattern() string {
	if t.app != "" {
		return externalPattern
	}
	return "less/topics/<topic>"
}

// carried says whether expr, in a file of src, is the topic's Message. Where the
// module's path is not known, nobody can tell, and that is reported already.
func (t topic) carried(s *scanner, src *source, file *ast.File, expr ast.Expr) bool {
	if s.app.Module == "" {
		return true
	}
	return s.is(src, file, expr, typeName{t.ImportPath, "Message"}) ||
		t.alias != typeName{} && s.is(src, file, expr, t.alias)
}

// foreignSubscriber are the file names of a subscriber in Less's other languages.
var foreignSubscriber = []string{"index", "__init__"}

// topics reads less/topics and says whether it found a topic there.
func (s *scanner) topics(f *folder) bool {
	byGoName := map[string]*folder{}
	for _, sub := range f.folders {
		if !sub.hasGo {
			s.absent(sub, "Declare what the topic carries, type Message, in "+sub.file("message.go"), foreignSubscriber)
			continue
		}
		if err := CheckName(sub.name); err != nil {
			s.report(sub.path, "invalid topic name: %v.", err)
		} else if other := byGoName[GoName(sub.name)]; other != nil {
			s.report(sub.path, "%s would be topics.%s in Go, as %s already is. Rename one of them.", sub.name, GoName(sub.name), other.path)
		} else {
			byGoName[GoName(sub.name)] = sub
		}
		s.topic(sub)
	}
	s.beside(f, byGoName)
	return len(s.app.Topics) > 0
}

func (s *scanner) topic(f *folder) {
	s.topicLength(f)
	t := topic{name: f.name, label: f.name}
	s.fill(&t, f)
	s.cycle(f)
	s.app.Topics = append(s.app.Topics, app.Topic{
		Name: t.name, GoName: GoName(f.name), Package: t.Package, Subscribers: t.subscribers, Pos: t.pos,
	})
}

// fill reads what a topic carries, and its subscribers.
func (s *scanner) fill(t *topic, f *folder) {
	src := s.load(f)
	t.Package = src.Package
	s.message(t, src, f)
	s.misplaced(f, src)
	for _, sub := range f.folders {
		if sub.hasGo {
			s.subscriber(t, sub)
		} else {
			s.absent(sub, "Write "+sub.file("process.go")+": "+t.processForm(), foreignSubscriber)
		}
	}
}

// maxTopicName is how long the name of an SNS topic can be.
const maxTopicName = 256

func (s *scanner) topicLength(f *folder) {
	prefix := s.app.Name() + "-"
	if length := len(prefix) + len(f.name); length > maxTopicName {
		s.report(f.path, "the topic would be called %s%s... on AWS, %d characters long, where %d are allowed. Shorten it.",
			prefix, f.name[:min(20, len(f.name))], length, maxTopicName)
	}
}

// message finds what the topic carries.
func (s *scanner) message(t *topic, src *source, f *folder) {
	d, declared := src.decls["Message"]
	switch {
	case !declared && src.broken:
	case !declared && src.excluded["message.go"]:
		s.report(f.file("message.go"), "a build constraint leaves the file out on linux/arm64, where functions run. Remove the constraint.")
	case !declared:
		s.report(f.path, "the topic does not say what it carries. Declare type Message in %s.", f.file("message.go"))
	case d.typ == nil:
		s.report(s.at(d.name.Pos()), "Message is not a type. Declare what the topic carries: type Message struct{ ... }")
	case d.typ.TypeParams != nil:
		s.report(s.at(d.name.Pos()), "Message is generic, but a topic carries one type. Give this one another name, and let Message name what it is of one concrete type.")
	default:
		t.pos = app.Pos(s.at(d.name.Pos()))
		if selector, ok := ast.Unparen(d.typ.Type).(*ast.SelectorExpr); ok && d.typ.Assign.IsValid() {
			t.alias = s.selector(d.file, selector)
		}
	}
}

// misplaced reports a subscriber that was written into its topic's own folder,
// where it would never run.
func (s *scanner) misplaced(f *folder, src *source) {
	if d, declared := src.decls["Process"]; declared && d.fn != nil && s.fileOf(d) == "process.go" {
		s.report(s.at(d.name.Pos()), "a subscriber has a folder of its own. Move the file to %s/<subscriber>/process.go.", f.path)
	}
}

func (s *scanner) subscriber(t *topic, f *folder) {
	if err := CheckName(f.name); err != nil {
		s.report(f.path, "invalid subscriber name of topic %q: %v.", t.label, err)
	}
	s.importable(f)
	src := s.load(f)
	if src.broken {
		return
	}
	if len(f.goFiles) == 0 {
		s.report(f.path, "a subscriber has its handler directly in its folder, %s/<subscriber>. Write %s: %s",
			t.pattern(), f.file("process.go"), t.processForm())
		return
	}
	s.straySettings(src, subscriberKind, []string{"Config"})
	d, found := s.function(src, f, "process.go", "Process", t.processForm())
	if !found {
		return
	}
	s.subscriberForm(src, d, *t)
	t.subscribers = append(t.subscribers, app.Subscriber{
		App:      t.app,
		Topic:    t.name,
		Name:     f.name,
		Package:  src.Package,
		Settings: s.settings(src, "Config", subscriberKind),
		Pos:      app.Pos(s.at(d.name.Pos())),
	})
}

// beside checks what a user wrote into package topics, next to its generated file.
func (s *scanner) beside(f *folder, byGoName map[string]*folder) {
	own := *f
	own.goFiles = nil
	for _, name := range f.goFiles {
		if name != "topics.gen.go" {
			own.goFiles = append(own.goFiles, name)
		}
	}
	src := s.load(&own)
	if len(src.files) > 0 && src.Name != "topics" && len(byGoName) > 0 {
		s.report(s.at(src.files[0].Name.Pos()), "package %s stands beside the generated package topics. Write: package topics", src.Name)
	}
	for name, d := range src.decls {
		if topic := byGoName[name]; topic != nil {
			s.report(s.at(d.name.Pos()), "%s is also the Go name of %s. Rename one of them.", name, topic.path)
		}
	}
}
