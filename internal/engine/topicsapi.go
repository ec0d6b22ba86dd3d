package engine

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/topicsapi"
)

// A topicsAPI is the running Topics API of an application.
type topicsAPI struct {
	sns    *sns.Service
	server *server
	// plan has the topics, which may change while it serves.
	plan atomic.Pointer[plan.Plan]
}

// applyTopicsAPI starts or stops the Topics API. It gets the first port that no API
// has, so after those of the first plan, and keeps it.
func (e *Engine) applyTopicsAPI(ctx context.Context, p plan.Plan) error {
	switch {
	case !p.TopicsAPI && e.topics != nil:
		e.topics.server.stop(ctx)
		e.topics = nil
	case p.TopicsAPI && e.topics == nil:
		t := &topicsAPI{sns: e.sns}
		t.plan.Store(&p)
		var err error
		t.server, err = listenAndServe(gateway.NewServer(topicsapi.New(t.known, t.publish, e.emit)), e.freePort(), "the Topics API", e.failed)
		if err != nil {
			return err
		}
		e.topics = t
	case p.TopicsAPI:
		e.topics.plan.Store(&p)
	}
	return nil
}

// known says whether the application has a topic. What runs beside it has its own.
func (t *topicsAPI) known(topic string) bool {
	p := t.plan.Load()
	return slices.ContainsFunc(p.Topics, func(one plan.Topic) bool { return one.Name == topic && one.Resource == p.TopicPrefix+topic })
}

func (t *topicsAPI) publish(ctx context.Context, out event.Outgoing) error {
	in := &sns.PublishInput{TopicARN: awsapi.LocalARN("sns", Region, t.plan.Load().TopicPrefix+out.Topic)}
	in.Message = string(out.Body)
	in.MessageAttributes = make(map[string]sns.MessageAttribute, len(out.Attributes))
	for name, value := range out.Attributes {
		in.MessageAttributes[name] = sns.MessageAttribute{DataType: "String", StringValue: value}
	}
	_, err := t.sns.Publish(ctx, in)
	return err
}

// TopicsAPI returns the URL of the Topics API, "" where it is not served.
func (e *Engine) TopicsAPI() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.topicsURL()
}

// topicsURL is TopicsAPI for those who hold the lock.
func (e *Engine) topicsURL() string {
	if e.topics == nil {
		return ""
	}
	return e.topics.server.url("localhost")
}

// freePort is the first port from that of the first API on that is not one of ours, and
// 0, any, where no ports are given.
func (e *Engine) freePort() int {
	taken := map[int]bool{}
	for _, a := range e.apis {
		taken[portOf(a.server.listeners[0])] = true
	}
	if e.topics != nil {
		taken[portOf(e.topics.server.listeners[0])] = true
	}
	port := e.opts.Port
	for port != 0 && taken[port] {
		port++
	}
	return port
}
