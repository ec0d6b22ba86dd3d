package scan

import "github.com/less-go/less/internal/app"

// externalPattern is how the folders of external topics are written.
const externalPattern = "less/external_topics/<app>/<topic>"

// externalTopics reads less/external_topics and says whether it found a topic there.
// A folder of it stands for another application, whose name and deployments are not
// this tree's to know; and the topics in it are not this application's to publish to,
// so they have no name in Go.
func (s *scanner) externalTopics(f *folder) bool {
	for _, other := range f.folders {
		if !other.hasGo {
			s.absent(other, "Write "+other.file("<topic>/message.go")+", which declares type Message, what you take from a topic of it", foreignSubscriber)
			continue
		}
		if err := CheckName(other.name); err != nil {
			s.report(other.path, "invalid name for another application: %v.", err)
		}
		if len(other.goFiles) > 0 {
			s.report(other.file(other.goFiles[0]), "nothing reads a file here: a topic of %s has a folder, %s. Move it there.", other.name, externalPattern)
		}
		for _, sub := range other.folders {
			if sub.hasGo {
				s.externalTopic(other.name, sub)
			} else {
				s.absent(sub, "Declare what you take from the topic, type Message, in "+sub.file("message.go"), foreignSubscriber)
			}
		}
	}
	return len(s.app.External) > 0
}

func (s *scanner) externalTopic(placeholder string, f *folder) {
	if err := CheckName(f.name); err != nil {
		s.report(f.path, "invalid topic name: %v.", err)
	}
	t := topic{app: placeholder, name: f.name, label: app.ExternalTopic{App: placeholder, Name: f.name}.Label()}
	s.fill(&t, f)
	s.app.External = append(s.app.External, app.ExternalTopic{
		App: t.app, Name: t.name, Package: t.Package, Subscribers: t.subscribers, Pos: t.pos,
	})
}
