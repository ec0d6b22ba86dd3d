package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
)

const messageCode = `// Package {{.Package}} is the topic {{.Topic}}.
package {{.Package}}

// Message is what the topic {{.Topic}} carries, as JSON.
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
	c := p.change()
	dir := "less/topics/" + topic
	if len(subscribers) == 0 {
		c.folder(dir)
	}
	if !p.hasCode(dir) {
		c.add(dir+"/message.go", messageCode, map[string]string{"Package": p.clause(dir), "Topic": topic})
	}
	c.subscribers(topic, subscribers)
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
	c := p.change()
	c.subscribers(topic, names)
	return c.write()
}

func (c *change) subscribers(topic string, names []string) {
	topicDir := "less/topics/" + topic
	clause := c.clause(topicDir)
	alias := clause
	if alias == "context" || alias == "less" {
		alias += "topic"
	}
	for _, name := range names {
		dir := topicDir + "/" + name
		data := map[string]string{
			"Package": c.clause(dir), "Topic": topic, "Import": c.module + "/" + topicDir, "Name": alias, "Alias": "",
		}
		if alias != topic {
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
