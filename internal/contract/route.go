package contract

import (
	"cmp"
	"go/types"
	"net/http"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/schema"
)

// lessPath is the import path of package less.
const lessPath = "github.com/less-go/less"

func (r *reader) route(route app.Route) Route {
	out := Route{
		ID: route.ID(), Method: route.Method, Path: route.Path, Shape: route.Shape, Pos: route.Pos,
		Description: r.handlerComment(route.Package, route.Func, route.Method+" "+route.Path),
	}
	handler := r.lookup(route.Package, route.Func)
	if handler == nil {
		return out
	}
	signature, ok := handler.Type().(*types.Signature)
	if ok && route.Shape == app.Typed && signature.Params().Len() == 2 && signature.Results().Len() == 2 {
		r.request(&out, signature.Params().At(1))
		r.answers(&out, signature.Results().At(0))
	}
	r.missingParams(&out)
	slices.SortStableFunc(out.Params, func(a, b Param) int {
		place := map[string]int{"path": 0, "query": 1, "header": 2}
		return cmp.Compare(place[a.In], place[b.In])
	})
	return out
}

// request reads what the handler takes, as package bind does.
func (r *reader) request(out *Route, v *types.Var) {
	out.BodyRequired = !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodDelete}, out.Method)
	t, what := v.Type(), typeName(v.Type())
	s := schema.Underlying(t)
	if s == nil {
		out.Body = r.types.Type(t, schema.Decoded, what, v.Pos())
		return
	}
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	r.params(out, s)
	switch {
	case schema.IsCustom(t):
		out.Body = &schema.Schema{}
	case len(out.Params) > 0:
		out.Body = r.types.Object(s, schema.Decoded, what, v.Pos(), func(tag string) bool { return origin(tag) != "" })
	default:
		out.Body = r.types.Type(t, schema.Decoded, what, v.Pos())
	}
	if body := out.Body.Of(); body.Type == "object" && len(body.Properties) == 0 && body.Values == nil {
		out.Body = nil
	}
	out.BodyRequired = out.BodyRequired && out.Body != nil
}

// answers reads what the handler answers.
func (r *reader) answers(out *Route, v *types.Var) {
	success := r.success(v)
	own := success.Status == 0 // the type's method says which
	known := map[int]bool{success.Status: true}
	add := func(a Answer) {
		if !known[a.Status] {
			known[a.Status] = true
			out.Answers = append(out.Answers, a)
		}
	}
	fn, _ := r.flow.Function(out.ID)
	for _, a := range fn.Answers {
		switch {
		case a.Status >= http.StatusBadRequest:
			add(Answer{Status: a.Status, Body: &schema.Schema{Ref: r.failure}})
		case own && success.Status == 0:
			success.Status = a.Status
			known[a.Status] = true
		case own:
			add(Answer{Status: a.Status, Body: success.Body})
		}
	}
	if canFail(*out) {
		add(Answer{Status: http.StatusBadRequest, Body: &schema.Schema{Ref: r.failure}})
	}
	add(Answer{Status: http.StatusInternalServerError, Body: &schema.Schema{Ref: r.failure}})
	slices.SortFunc(out.Answers, func(a, b Answer) int { return cmp.Compare(a.Status, b.Status) })
	out.Answers = append([]Answer{success}, out.Answers...)
}

// success reads what a handler answers when it returns no error. The status is 0
// where the type's own method decides.
func (r *reader) success(v *types.Var) Answer {
	t := types.Unalias(v.Type())
	wrapped := t
	if pointer, ok := t.(*types.Pointer); ok {
		wrapped = types.Unalias(pointer.Elem())
	}
	if named, ok := wrapped.(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == lessPath {
		statuses := map[string]int{"Created": http.StatusCreated, "Accepted": http.StatusAccepted}
		status, found := statuses[named.Obj().Name()]
		switch {
		case named.Obj().Name() == "NoContent":
			return Answer{Status: http.StatusNoContent}
		case found && named.TypeArgs().Len() == 1:
			body := named.TypeArgs().At(0)
			return Answer{Status: status, Body: r.types.Type(body, schema.Encoded, typeName(body), v.Pos())}
		}
	}
	if isResponder(t) {
		return Answer{Body: &schema.Schema{}}
	}
	return Answer{Status: http.StatusOK, Body: r.types.Type(t, schema.Encoded, typeName(t), v.Pos())}
}

// isResponder says whether t is a less.Responder.
func isResponder(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, false, nil, "Respond")
	fn, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	signature := fn.Signature()
	return signature.Params().Len() == 1 && signature.Results().Len() == 2 &&
		types.TypeString(signature.Params().At(0).Type(), nil) == "net/http.Header"
}

// canFail says whether a request can be one that the handler never sees.
func canFail(r Route) bool {
	if r.Body != nil {
		return true
	}
	return slices.ContainsFunc(r.Params, func(p Param) bool {
		s := p.Schema.Of()
		if s.Type == "array" {
			s = s.Items.Of()
		}
		return s.Type != "string" || s.Format != "" || s.Pattern != ""
	})
}

// failure is what less.Error is as JSON; a failure that is not told looks alike. No
// type has its name, for theirs begin with a place.
func failure() *schema.Definition {
	text := func(description string) *schema.Schema {
		return &schema.Schema{Type: "string", Description: description}
	}
	field, message := "the parameter or the member that is wrong", "what is wrong and what to do about it"
	problem := &schema.Schema{Type: "object", Properties: []schema.Property{
		{Name: "field", GoName: "Field", Schema: text(field)},
		{Name: "message", GoName: "Message", Required: true, Schema: text(message)},
	}}
	return &schema.Definition{Name: "Error", Schema: &schema.Schema{
		Type: "object", Description: "What is answered when a request is refused, or failed.",
		Properties: []schema.Property{
			{Name: "message", GoName: "Message", Required: true, Schema: text(message)},
			{Name: "field", GoName: "Field", Schema: text(field + ", the first of them")},
			{Name: "problems", GoName: "Problems", Schema: &schema.Schema{
				Type: "array", Items: problem, Description: "all that is wrong, where it is more than one thing",
			}},
		},
	}}
}

func typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// pathNames lists the parameters of a path, in its order.
func pathNames(path string) []string {
	var out []string
	for segment := range strings.SplitSeq(path, "/") {
		if inner, ok := strings.CutPrefix(segment, "{"); ok {
			out = append(out, strings.TrimSuffix(inner, "}"))
		}
	}
	return out
}
