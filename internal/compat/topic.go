package compat

import (
	"fmt"

	"github.com/less-go/less/internal/contract"
)

func (c *comparison) topics(old, updated contract.Contract) {
	before := map[string]contract.Topic{}
	for _, t := range old.Topics {
		before[t.Name] = t
	}
	for _, t := range updated.Topics {
		o, found := before[t.Name]
		delete(before, t.Name)
		if !found {
			c.add(Change{
				Kind: TopicAdded, Places: []string{"topics/" + t.Name}, Pos: t.Pos,
				What: fmt.Sprintf("The topic %s is new.", t.Name),
			})
			continue
		}
		c.topic(o, t)
	}
	for _, t := range before {
		c.add(Change{
			Kind: TopicRemoved, Breaking: true, Places: []string{"topics/" + t.Name}, OldPos: t.Pos,
			What:   fmt.Sprintf("The topic %s is gone.", t.Name),
			Why:    "Who publishes to it fails, who subscribed elsewhere hears nothing more, and its messages in queues are lost with them.",
			WayOut: "Keep it until its queues are empty and nobody uses it.",
		})
	}
}

func (c *comparison) topic(old, updated contract.Topic) {
	id := "topics/" + updated.Name
	if len(old.Publishers) > 0 && len(updated.Publishers) == 0 {
		c.add(Change{
			Kind: TopicUnpublished, Breaking: true, Places: []string{id}, Pos: updated.Pos, OldPos: old.Pos,
			What:   fmt.Sprintf("Nobody publishes to %s any more; %s did.", updated.Name, old.Publishers[0].Function),
			Why:    "Its subscribers wait for events that do not come.",
			WayOut: "Publish it as before, or remove the topic with its subscribers.",
		})
	}
	w := walk{comparison: c, place: id, role: event}
	w.schemas("", old.Message, updated.Message, positions{old.Pos, updated.Pos})
}
