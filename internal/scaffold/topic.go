package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

const messageCode = `// Package {{.Package}} is the topic {{.Topic}}.
package {{.Package}}

// Message is what the topic {{.Topic}} carries, as JSON.
type Message struct {
	ID string ` + "`json:\"id\"`" + `
}
`

const externalMessageCode = `// Package {{.Package}} is the topic {{.Topic}} of another application.
package {{.Package}}

// Message is what this application takes from a {{.Topic}} event, as JSON: those of its
// fields that matter here. Where its own type can be imported, this can be another
// name for it.
type Message struct {
	ID string ` + "`json:\"id\"`" + `
}
`

const subscriberCode = `// Package {{.Package}} subscribes to the topic {{.Topic}}.
package {{.Package}}

import (
	"context"

	"github.com/less-go/less"
	{{.Alias}} "{{.Import}}"
)

// Process handles one {{.Topic}} event. An error brings it back, and after some
// attempts to the dead-letter queue.
func Process(ctx context.Context, m {{.Name}}.Message) error {
	less.Logger(ctx).Info("Processing message", "message", m)
	return nil
}
`

// Topic writes a topic, and subscribers of it if there are any.
func (p *Project) Topic(topic string, subscribers []string) ([]File, error) {
	if err := errors.Join(checkNames("topic name", topic), checkNames("subscriber name", subscribers...)); err != nil {
		return nil, err
	}
	return p.topic("less/topics/"+topic, topic, messageCode, subscribers)
}

// ExternalTopic writes a topic of another application, which less/external_topics has
// in the folder app, and subscribers of it if there are any.
func (p *Project) ExternalTopic(app, topic string, subscribers []string) ([]File, error) {
	if err := errors.Join(checkNames("name for another application", app), checkNames("topic name", topic), checkNames("subscriber name", subscribers...)); err != nil {
		return nil, err
	}
	return p.topic("less/external_topics/"+app+"/"+topic, app+"/"+topic, externalMessageCode, subscribers)
}

// topic writes the topic in dir, which people call label.
func (p *Project) topic(dir, label, message string, subscribers []string) ([]File, error) {
	c := p.change()
	if len(subscribers) == 0 {
		c.folder(dir)
	}
	if !p.hasCode(dir) {
		c.add(dir+"/message.go", message, map[string]string{"Package": p.clause(dir), "Topic": label})
	}
	c.subscribers(dir, label, subscribers)
	return c.write()
}

// Subscribers writes subscribers of a topic that exists.
func (p *Project) Subscribers(topic string, names []string) ([]File, error) {
	if err := errors.Join(checkNames("topic name", topic), checkNames("subscriber name", names...)); err != nil {
		return nil, err
	}
	if _, err := p.root.Lstat("less/topics/" + topic); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("topic %s does not exist: less-cli create topic --name %s", topic, topic)
	}
	return p.subscribers("less/topics/"+topic, topic, names)
}

// ExternalSubscribers writes subscribers of a topic of another application that exists.
func (p *Project) ExternalSubscribers(app, topic string, names []string) ([]File, error) {
	if err := errors.Join(checkNames("name for another application", app), checkNames("topic name", topic), checkNames("subscriber name", names...)); err != nil {
		return nil, err
	}
	dir := "less/external_topics/" + app + "/" + topic
	if _, err := p.root.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("external topic %s of %s does not exist: less-cli create topic --name %s --external-topic %s", topic, app, topic, app)
	}
	return p.subscribers(dir, app+"/"+topic, names)
}

func (p *Project) subscribers(dir, label string, names []string) ([]File, error) {
	c := p.change()
	c.subscribers(dir, label, names)
	return c.write()
}

// subscribers plans those of the topic in topicDir, which people call label.
func (c *change) subscribers(topicDir, label string, names []string) {
	clause := c.clause(topicDir)
	alias := clause
	if alias == "context" || alias == "less" {
		alias += "topic"
	}
	for _, name := range names {
		dir := topicDir + "/" + name
		data := map[string]string{
			"Package": c.clause(dir), "Topic": label, "Import": c.module + "/" + topicDir, "Name": alias, "Alias": "",
		}
		if alias != path.Base(topicDir) {
			data["Alias"] = alias
		}
		c.add(dir+"/process.go", subscriberCode, data)
	}
}

// hasCode says whether a topic has Go files, which is where its message is declared.
func (p *Project) hasCode(dir string) bool {
	files, err := fs.Glob(p.root.FS(), dir+"/*.go")
	return err == nil && len(files) > 0
}
