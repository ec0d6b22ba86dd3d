package lesstest

import (
	"slices"
	"strings"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/scan"
)

// model is what the tree says that a was generated from, as far as a plan needs
// it: the identities hold the names and the paths.
func model(a less.App) app.App {
	out := app.App{Module: a.Module}
	apis, topics := map[string]int{}, map[string]int{}
	for i, name := range a.Topics {
		topics[name] = i
		out.Topics = append(out.Topics, app.Topic{Name: name})
	}
	for _, f := range a.Functions {
		parts := strings.Split(f.ID(), "/")
		if s, ok := f.Subscriber(); ok && parts[0] == "external_topics" {
			externalSubscriber(&out, app.Subscriber{App: parts[1], Topic: parts[2], Name: parts[3], Settings: subscriberSettings(s)})
			continue
		} else if ok {
			i, found := topics[parts[1]]
			if !found {
				i = len(out.Topics)
				topics[parts[1]] = i
				out.Topics = append(out.Topics, app.Topic{Name: parts[1]})
			}
			out.Topics[i].Subscribers = append(out.Topics[i].Subscribers, app.Subscriber{
				Topic: parts[1], Name: parts[2], Settings: subscriberSettings(s),
			})
			continue
		}
		if c, ok := f.Cron(); ok {
			out.Crons = append(out.Crons, app.Cron{
				Name: parts[1], Settings: app.Settings{Timeout: c.Timeout, Memory: c.Memory},
			})
			continue
		}
		i, found := apis[parts[1]]
		if !found {
			i = len(out.APIs)
			apis[parts[1]] = i
			out.APIs = append(out.APIs, app.API{Name: parts[1]})
		}
		settings, _ := f.Route()
		out.APIs[i].Routes = append(out.APIs[i].Routes, app.Route{
			API:      parts[1],
			Package:  app.Package{Dir: "less/" + strings.Join(parts[:len(parts)-1], "/")},
			Method:   strings.ToUpper(parts[len(parts)-1]),
			Path:     scan.RoutePath(strings.Join(parts[2:len(parts)-1], "/")),
			Settings: app.Settings{Timeout: settings.Timeout, Memory: settings.Memory},
		})
	}
	return out
}

func subscriberSettings(s less.Subscriber) app.Settings {
	return app.Settings{
		Timeout: s.Timeout, Memory: s.Memory, MaxReceives: s.MaxReceives,
		BatchSize: s.BatchSize, Concurrency: s.Concurrency,
	}
}

// externalSubscriber adds s to the topic of another application that it subscribes to.
func externalSubscriber(a *app.App, s app.Subscriber) {
	i := slices.IndexFunc(a.External, func(t app.ExternalTopic) bool { return t.App == s.App && t.Name == s.Topic })
	if i < 0 {
		i = len(a.External)
		a.External = append(a.External, app.ExternalTopic{App: s.App, Name: s.Topic})
	}
	a.External[i].Subscribers = append(a.External[i].Subscribers, s)
}
