package plan

import (
	"slices"
	"strings"
)

// Beside is the plan of several applications that one engine runs together: p, and
// others, which are a part of it under their names. Identities of what is another's,
// and what people call it, begin with its application's name and a colon,
// "chat:topics/message_sent/notify". Names on AWS are as they are, for they begin with a
// deployment's name already. The Topics API is p's own.
func Beside(p Plan, others ...Plan) Plan {
	p.APIs, p.Topics, p.External = slices.Clip(p.APIs), slices.Clip(p.Topics), slices.Clip(p.External)
	p.Crons, p.Functions = slices.Clip(p.Crons), slices.Clip(p.Functions)
	for _, o := range others {
		in := func(id string) string { return o.Name + ":" + id }
		for _, api := range o.APIs {
			api.ID, api.Name, api.Routes = in(api.ID), in(api.Name), slices.Clone(api.Routes)
			for i := range api.Routes {
				api.Routes[i].Function = in(api.Routes[i].Function)
			}
			p.APIs = append(p.APIs, api)
		}
		subscriptions := func(all []Subscription) []Subscription {
			all = slices.Clone(all)
			for i := range all {
				all[i].Topic, all[i].Function = in(all[i].Topic), in(all[i].Function)
			}
			return all
		}
		for _, t := range o.Topics {
			t.ID, t.Name, t.Subscriptions = in(t.ID), in(t.Name), subscriptions(t.Subscriptions)
			p.Topics = append(p.Topics, t)
		}
		for _, t := range o.External {
			t.ID, t.App, t.Subscriptions = in(t.ID), in(t.App), subscriptions(t.Subscriptions)
			p.External = append(p.External, t)
		}
		for _, c := range o.Crons {
			c.Function = in(c.Function)
			p.Crons = append(p.Crons, c)
		}
		for _, f := range o.Functions {
			f.ID, f.App, f.TopicPrefix = in(f.ID), o.Name, o.TopicPrefix
			p.Functions = append(p.Functions, f)
		}
	}
	slices.SortFunc(p.Functions, func(a, b Function) int { return strings.Compare(a.ID, b.ID) })
	return p
}

// Identity is what f itself is told it is: its ID, without the name of an application
// that runs beside another.
func (f Function) Identity() string {
	if f.App == "" {
		return f.ID
	}
	return strings.TrimPrefix(f.ID, f.App+":")
}

// TopicPrefixOf is what stands before the name of a topic that f may publish to in the
// topic's resource name.
func (p Plan) TopicPrefixOf(f Function) string {
	return or(f.TopicPrefix, p.TopicPrefix)
}
