package scaffold

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/scan"
)

// Verbs are the verbs that a route can have.
var Verbs = []string{"get", "post", "put", "patch", "delete"}

const routeCode = `{{if .First}}// Package {{.Package}} handles the requests to {{.Path}} of the API {{.API}}.
{{end}}package {{.Package}}

import "context"

// A {{.Func}}Request is what {{.Func}} gets.{{if .Body}} Fields without a tag of their own are the JSON body.{{end}}
type {{.Func}}Request struct { {{- range .Params}}
	{{.Field}} string ` + "`path:\"{{.Name}}\"`" + `{{end}}
}

// A {{.Func}}Response is what {{.Func}} answers, as JSON.
type {{.Func}}Response struct {
	Message string ` + "`json:\"message\"`" + `
}

// {{.Func}} is {{.Method}} {{.Path}}.
func {{.Func}}(ctx context.Context, req {{.Func}}Request) ({{.Func}}Response, error) {
	return {{.Func}}Response{Message: "Hello, world."}, nil
}
`

// fieldName is the Go name of a parameter: OrderID for order_id.
func fieldName(parameter string) string {
	name := scan.GoName(parameter)
	if short, found := strings.CutSuffix(name, "Id"); found {
		return short + "ID"
	}
	return name
}

// Route writes the handler of one verb of a path of an API: "/orders/{order_id}".
func (p *Project) Route(api, routePath, verb string) ([]File, error) {
	verb = strings.ToLower(verb)
	folder, err := scan.RouteFolder(routePath)
	var errs []error
	if !slices.Contains(Verbs, verb) {
		errs = append(errs, fmt.Errorf("there is no verb %q. Choose one of %s", verb, strings.Join(Verbs, ", ")))
	}
	if err := errors.Join(checkNames("API name", api), err, errors.Join(errs...)); err != nil {
		return nil, err
	}
	dir := path.Join("less/apis", api, folder)
	clean := scan.RoutePath(folder)
	type param struct{ Name, Field string }
	var params []param
	for segment := range strings.SplitSeq(clean, "/") {
		if name, dynamic := strings.CutPrefix(segment, "{"); dynamic {
			name = strings.TrimSuffix(name, "}")
			params = append(params, param{name, fieldName(name)})
		}
	}
	_, err = p.root.Lstat(dir)
	c := p.change()
	c.add(dir+"/"+verb+".go", routeCode, map[string]any{
		"First": err != nil, "Package": p.clause(dir), "API": api, "Path": clean,
		"Func": strings.ToUpper(verb[:1]) + verb[1:], "Method": strings.ToUpper(verb),
		"Params": params, "Body": verb == "post" || verb == "put" || verb == "patch",
	})
	return c.write()
}
