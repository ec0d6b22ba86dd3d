package export

import (
	"fmt"
	"path"
	"slices"

	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/schema"
)

type asyncAPI struct {
	AsyncAPI           string               `json:"asyncapi"`
	Info               info                 `json:"info"`
	DefaultContentType string               `json:"defaultContentType"`
	Channels           map[string]channel   `json:"channels,omitempty"`
	Operations         map[string]operation `json:"operations,omitempty"`
	Components         asyncComponents      `json:"components"`
}

type asyncComponents struct {
	Messages      map[string]message        `json:"messages,omitempty"`
	MessageTraits map[string]message        `json:"messageTraits,omitempty"`
	Schemas       map[string]*schema.Schema `json:"schemas,omitempty"`
}

// A channel is a topic.
type channel struct {
	Address     string               `json:"address"`
	Description string               `json:"description,omitempty"`
	Messages    map[string]reference `json:"messages"`
}

// An operation is a function that sends to a topic, or receives from it.
type operation struct {
	Action      string      `json:"action"`
	Channel     reference   `json:"channel"`
	Summary     string      `json:"summary,omitempty"`
	Description string      `json:"description,omitempty"`
	Tags        []tag       `json:"tags,omitempty"`
	Messages    []reference `json:"messages"`
	// Function is the identity; Condition is when it publishes.
	Function  string           `json:"x-less-function"`
	Condition []flow.Condition `json:"x-less-condition,omitempty"`
}

type tag struct {
	Name string `json:"name"`
}

type message struct {
	Name          string         `json:"name,omitempty"`
	Summary       string         `json:"summary,omitempty"`
	ContentType   string         `json:"contentType,omitempty"`
	CorrelationID *correlationID `json:"correlationId,omitempty"`
	Traits        []reference    `json:"traits,omitempty"`
	Headers       *schema.Schema `json:"headers,omitempty"`
	Payload       *schema.Schema `json:"payload,omitempty"`
}

type correlationID struct {
	Description string `json:"description"`
	Location    string `json:"location"`
}

const traitName = "cloudEvent"

// AsyncAPI describes the topics of an application, and those of others that it
// subscribes to: a channel for each, its message, and an operation for each function that publishes or subscribes.
func AsyncAPI(c contract.Contract, o Options) ([]byte, error) {
	doc := asyncAPI{
		AsyncAPI: "3.0.0",
		Info: info{
			Title: c.Name, Version: o.version(),
			Description: "The events of " + c.Name + ". They are CloudEvents in binary mode: the message is the JSON of the payload, " +
				"and its attributes are the headers. Each subscriber gets every event at least once.",
		},
		DefaultContentType: "application/json",
		Channels:           map[string]channel{},
		Operations:         map[string]operation{},
		Components:         asyncComponents{Messages: map[string]message{}},
	}
	var payloads []*schema.Schema
	for _, t := range slices.Concat(c.Topics, c.External) {
		payloads = append(payloads, t.Message)
		doc.topic(t)
	}
	if len(c.Topics)+len(c.External) > 0 {
		doc.Components.MessageTraits = map[string]message{traitName: cloudEvent()}
	}
	doc.Components.Schemas = definitions(payloads)
	return write(doc)
}

// topic adds a topic with its message and the functions around it. One application's
// topic may be called as another's, so a channel has the application in its name.
func (doc *asyncAPI) topic(t contract.Topic) {
	name := dotted(t.Name)
	doc.Channels[name] = channel{
		Address: t.Name, Description: t.Description,
		Messages: map[string]reference{name: ref("components", "messages", name)},
	}
	doc.Components.Messages[name] = message{
		Name: name, Summary: firstSentence(t.Description), ContentType: "application/json",
		Traits: []reference{ref("components", "messageTraits", traitName)},
		Headers: &schema.Schema{Type: "object", Properties: []schema.Property{
			{Name: event.Type, Required: true, Schema: &schema.Schema{Type: "string", Const: path.Base(t.Name)}},
		}},
		Payload: t.Message,
	}
	doc.operations(t, name)
}

// operations adds the functions around a topic, whose channel is called channel. One
// function may publish to several topics, so the topic is part of the name.
func (doc *asyncAPI) operations(t contract.Topic, channel string) {
	add := func(name string, op operation) {
		op.Channel = ref("channels", channel)
		op.Messages = []reference{ref("channels", channel, "messages", channel)}
		op.Summary = firstSentence(op.Description)
		if op.Description == op.Summary || op.Description == op.Summary+"." {
			op.Description = ""
		}
		doc.Operations[name] = op
	}
	for _, p := range t.Publishers {
		add(fmt.Sprintf("%s.send.%s", dotted(p.Function), t.Name), operation{
			Action: "send", Description: p.Description, Tags: tags(p.Service), Function: p.Function, Condition: p.Conditions,
		})
	}
	for _, s := range t.Subscribers {
		add(dotted(s.Function)+".receive", operation{
			Action: "receive", Description: s.Description, Tags: tags(s.Service), Function: s.Function,
		})
	}
}

func tags(service string) []tag {
	if service == "" {
		return nil
	}
	return []tag{{service}}
}

// cloudEvent is what all messages have in common: the attributes of their context.
func cloudEvent() message {
	text := func(description string) *schema.Schema {
		return &schema.Schema{Type: "string", Description: description}
	}
	at := text("when it was published, RFC 3339 with milliseconds")
	at.Format = "date-time"
	version := text("the version of CloudEvents")
	version.Const = "1.0"
	return message{
		ContentType: "application/json",
		CorrelationID: &correlationID{
			Description: "shared by all events that one request or first event caused",
			Location:    "$message.header#/" + event.CorrelationID,
		},
		Headers: &schema.Schema{
			Type: "object",
			Description: "The attributes of the message. What is published by hand, or by another system, may lack them: " +
				"its id and time are those of its queue then.",
			Properties: []schema.Property{
				{Name: event.SpecVersion, Required: true, Schema: version},
				{Name: event.ID, Required: true, Schema: text("the event's id, the same for every subscriber and every attempt")},
				{Name: event.Type, Required: true, Schema: text("the topic")},
				{Name: event.Source, Required: true, Schema: text("a slash and the identity of the function that published it")},
				{Name: event.Time, Required: true, Schema: at},
				{Name: event.CorrelationID, Required: true, Schema: text("shared by all events that one request or first event caused")},
				{Name: event.CausationID, Schema: text("the id of the event in whose handling this one was published")},
				{Name: event.TraceParent, Schema: text("the W3C trace context")},
			},
		},
	}
}
