// Package contract is what an application promises to those who use it: what its
// topics carry, and what its routes take and answer, read from the types in its
// code. Package export writes it as documents, and package compat says which
// changes of it break somebody.
package contract

import (
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/schema"
)

// A Contract is what one revision of an application promises. Lists are sorted as
// in [app.App].
type Contract struct {
	// Name is the application's name.
	Name   string
	Topics []Topic
	// External are the topics of other applications, as this one takes them: what
	// their messages are to be like. Their names have the application: "chat/message_sent".
	External []Topic
	APIs     []API
}

// API returns the API called name.
func (c Contract) API(name string) (API, bool) {
	for _, api := range c.APIs {
		if api.Name == name {
			return api, true
		}
	}
	return API{}, false
}

// A Topic is a topic with what it carries.
type Topic struct {
	Name string
	// Description is what its package says of it.
	Description string
	Message     *schema.Schema
	Publishers  []Publisher
	Subscribers []Subscriber
	// Pos is the declaration of the message.
	Pos app.Pos
}

// A Publisher is a function that publishes to a topic.
type Publisher struct {
	// Function is its identity.
	Function string
	// Service is the service of a subscriber, where its name has one.
	Service     string
	Description string
	// Conditions are when it does, each once.
	Conditions []flow.Condition
}

// A Subscriber is a function that a topic's events are for.
type Subscriber struct {
	Function, Service, Description string
}

// An API is a set of routes with a base URL of its own.
type API struct {
	Name   string
	Routes []Route
}

// A Route is a route with what it takes and answers.
type Route struct {
	// ID is its function's identity.
	ID          string
	Method      string
	Path        string
	Description string
	Shape       app.Shape
	Params      []Param
	// Body is nil where a typed route takes nothing from it, and where the handler
	// is net/http's, of which nothing is known.
	Body         *schema.Schema
	BodyRequired bool
	// Answers are those of a typed route, by status; there is one for success, and
	// it is the first.
	Answers []Answer
	// Pos is the handler.
	Pos app.Pos
}

// A Param is a value from the path, the query or the headers.
type Param struct {
	// In is "path", "query" or "header".
	In, Name    string
	GoName      string
	Required    bool
	Description string
	Schema      *schema.Schema
	Pos         app.Pos
}

// An Answer is what a route can answer.
type Answer struct {
	// Status is the HTTP status, 0 for one that is not known.
	Status int
	// Body is nil where there is none.
	Body *schema.Schema
}

// Success is the answer of a typed route when nothing went wrong.
func (r Route) Success() (Answer, bool) {
	if len(r.Answers) == 0 {
		return Answer{}, false
	}
	return r.Answers[0], true
}
