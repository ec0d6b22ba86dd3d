package scan_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/mod/module"

	"github.com/less-go/less/internal/scan"
)

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"order_placed": "OrderPlaced",
		"orderPlaced":  "OrderPlaced",
		"a":            "A",
		"order_v2":     "OrderV2",
		"order_2_x":    "Order2X",
		"a__b_":        "AB",
		"URL":          "URL",
	} {
		if got := scan.GoName(name); got != want {
			t.Errorf("GoName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestPackageName(t *testing.T) {
	for folder, want := range map[string]string{
		"order_placed": "orderplaced",
		"by_order_id":  "byorderid",
		"order-items":  "orderitems",
		"Reviews":      "reviews",
		"type":         "typepkg",
		"main":         "mainpkg",
		"go_to":        "gotopkg",
		"init":         "initpkg",
	} {
		if got := scan.PackageName(folder); got != want {
			t.Errorf("PackageName(%q) = %q, want %q", folder, got, want)
		}
	}
}

func TestRouteFolder(t *testing.T) {
	for path, want := range map[string]string{
		"/":                       "",
		"":                        "",
		"orders":                  "orders",
		"/orders/":                "orders",
		"/orders/{order_id}":      "orders/by_order_id",
		"/{a}/{b}/order-items":    "by_a/by_b/order-items",
		"/orders/{order_id}/by":   "orders/by_order_id/by",
		"/v1/Users/{userID}/tags": "v1/Users/by_userID/tags",
	} {
		got, err := scan.RouteFolder(path)
		if err != nil || got != want {
			t.Errorf("RouteFolder(%q) = %q, %v, want %q", path, got, err, want)
		}
	}
}

func TestRouteFolderRefuses(t *testing.T) {
	for path, want := range map[string]string{
		"/orders//items":     `path "/orders//items": it has an empty segment. Write one slash, not two`,
		"/orders/{id":        `path "/orders/{id": "{id" is not a parameter. Write it as {name}, with letters, numbers and underscores`,
		"/orders/id}":        `path "/orders/id}": "id}" is not a segment. Write a parameter as {name}, with letters, numbers and underscores`,
		"/orders/:id":        `path "/orders/:id": ":id" is not a segment. Write a parameter as {name}, with letters, numbers and underscores`,
		"/orders/{proxy+}":   `path "/orders/{proxy+}": "{proxy+}" is not a parameter. Write it as {name}, with letters, numbers and underscores`,
		"/{id}/x/{id}":       `path "/{id}/x/{id}": {id} occurs twice. Give each parameter its own name`,
		"/orders/by_date":    `path "/orders/by_date": "by_date" would be the folder of a parameter. Write {date}, or choose another name`,
		"/orders/../../etc":  `path "/orders/../../etc": the name ".." should start with a letter and contain only letters, numbers, underscores and dashes. Rename it`,
		"/orders/internal":   `path "/orders/internal": the name "internal" has a meaning of its own in Go. Use another; code that handlers share belongs in less/shared`,
		"/aux":               `path "/aux": a folder called "aux" cannot be imported: "aux" disallowed as path element component on Windows. Use another name`,
		"/a b":               `path "/a b": the name "a b" should start with a letter and contain only letters, numbers, underscores and dashes. Rename it to a_b`,
		"/{order-id}/delete": `path "/{order-id}/delete": "{order-id}" is not a parameter. Write it as {name}, with letters, numbers and underscores`,
	} {
		folder, err := scan.RouteFolder(path)
		if err == nil {
			t.Errorf("RouteFolder(%q) = %q, want an error", path, folder)
		} else if err.Error() != want {
			t.Errorf("RouteFolder(%q):\n got %s\nwant %s", path, err, want)
		}
	}
}

func FuzzRouteFolder(f *testing.F) {
	for _, path := range []string{"/", "/orders/{order_id}", "orders/", "//", "/by_x", "/{", "/a/../b", "/{by_x}", "/x-y/{z}", "/é"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		folder, err := scan.RouteFolder(path)
		if err != nil {
			if folder != "" {
				t.Errorf("a folder %q besides the error %v", folder, err)
			}
			return
		}
		if want := "/" + strings.Trim(path, "/"); scan.RoutePath(folder) != want {
			t.Errorf("RoutePath(%q) = %q, want %q", folder, scan.RoutePath(folder), want)
		}
		if again, err := scan.RouteFolder(scan.RoutePath(folder)); err != nil || again != folder {
			t.Errorf("%q became %q (%v) on the way back", folder, again, err)
		}
		if folder != "" && module.CheckImportPath("example.com/shop/less/apis/a/"+folder) != nil {
			t.Errorf("Go cannot import %q", folder)
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, name := range []string{"order_placed", "x", "type", "a__b_", "order-placed", "{x}", "é", "", "con", "internal", "a\nb", "func", "init"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if scan.CheckName(name) != nil {
			return
		}
		goName := scan.GoName(name)
		if !token.IsExported(goName) || !token.IsIdentifier(goName) {
			t.Errorf("GoName(%q) = %q is no exported identifier", name, goName)
		}
		clause := scan.PackageName(name)
		if _, err := parser.ParseFile(token.NewFileSet(), "", "package "+clause, 0); err != nil || strings.ContainsFunc(clause, unicode.IsUpper) {
			t.Errorf("PackageName(%q) = %q: %v", name, clause, err)
		}
		if err := module.CheckImportPath("example.com/shop/less/topics/" + name); err != nil {
			t.Error(err)
		}
	})
}
