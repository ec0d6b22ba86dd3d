package compat

import (
	"fmt"
	"net/http"
	"regexp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/schema"
)

var parameter = regexp.MustCompile(`\{[^/]*\}`)

// address is what a client knows of a route: how a parameter of the path is called
// is no part of it.
func address(api string, r contract.Route) string {
	return api + " " + r.Method + " " + parameter.ReplaceAllString(r.Path, "{}")
}

func (c *comparison) routes(old, updated contract.Contract) {
	before := map[string]contract.Route{}
	for _, api := range old.APIs {
		for _, r := range api.Routes {
			before[address(api.Name, r)] = r
		}
	}
	for _, api := range updated.APIs {
		for _, r := range api.Routes {
			o, found := before[address(api.Name, r)]
			delete(before, address(api.Name, r))
			if !found {
				c.add(Change{
					Kind: RouteAdded, Places: []string{r.ID}, Pos: r.Pos,
					What: fmt.Sprintf("The route %s %s is new.", r.Method, r.Path),
				})
				continue
			}
			c.route(o, r)
		}
	}
	for _, r := range before {
		c.add(Change{
			Kind: RouteRemoved, Breaking: true, Places: []string{r.ID}, OldPos: r.Pos,
			What:   fmt.Sprintf("The route %s %s is gone.", r.Method, r.Path),
			Why:    "Clients that call it are answered 404.",
			WayOut: "Keep it until nobody calls it.",
		})
	}
}

func (c *comparison) route(old, updated contract.Route) {
	pos := positions{old.Pos, updated.Pos}
	w := &walk{comparison: c, place: updated.ID, role: request}
	switch {
	case old.Shape == app.Typed && updated.Shape == app.HTTP:
		w.role.part = ""
		w.report(RouteUntyped, "", pos, "Nobody can tell what it takes and answers, so nobody can tell whether that changed.",
			"Keep the typed form, or see to it with a test of your own.", "The handler reads and writes HTTP itself; it was typed.")
		return
	case old.Shape == app.HTTP && updated.Shape == app.Typed:
		w.role.part = ""
		w.report(RouteTyped, "", pos, "", "", "The handler is typed; what it was before nobody can tell.")
		return
	case updated.Shape == app.HTTP:
		return
	}
	w.params(old, updated)
	w.body(old, updated, pos)
	w.role, w.visits = response, nil
	w.answer(old, updated, pos)
}

// body compares what a route takes in its body.
func (w *walk) body(old, updated contract.Route, pos positions) {
	switch {
	case old.Body == nil && updated.Body == nil:
	case old.Body == nil && updated.BodyRequired:
		w.report(BodyRequired, "", pos, "Clients that send none are answered 400.",
			"Take the new values from the query or a header, or add a route with another path.", "The request needs a body; it had none.")
	case old.Body == nil:
		w.report(BodyAdded, "", pos, "", "", "The request can have a body.")
	case updated.Body == nil:
		w.report(BodyRemoved, "", pos, w.role.goneBreaks, w.role.keep, "The request has no body any more.")
	default:
		w.schemas("", old.Body, updated.Body, pos)
	}
}

// answer compares what a route answers when nothing went wrong.
func (w *walk) answer(old, updated contract.Route, pos positions) {
	o, _ := old.Success()
	n, _ := updated.Success()
	if o.Status != 0 && n.Status != 0 && o.Status != n.Status {
		w.report(StatusChanged, "", pos, "Clients that look for the status take it for something else.",
			"Answer as before, or add a route with another path.", "It answers %d %s; it was %d %s.",
			n.Status, http.StatusText(n.Status), o.Status, http.StatusText(o.Status))
	}
	switch {
	case o.Body == nil && n.Body == nil:
	case o.Body == nil:
		w.report(BodyAdded, "", pos, "", "", "The answer has a body.")
	case n.Body == nil:
		w.report(BodyRemoved, "", pos, w.role.goneBreaks, w.role.keep, "The answer has no body any more.")
	default:
		w.schemas("", o.Body, n.Body, pos)
	}
}

// single is the schema of one value of a parameter.
func single(s *schema.Schema) *schema.Schema {
	if k := s.Of(); k.Type == "array" {
		return k.Items
	}
	return s
}
