package scan_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/less-go/less/internal/scan"
)

// FuzzDir gives the scan files of any content: it ends, and says nothing without
// a place, without a way out, or on two lines.
func FuzzDir(f *testing.F) {
	f.Add("module example.com/shop\n", "package a\ntype Message = string",
		"package s\nimport (\"context\"; . \"example.com/shop/less/topics/a\")\nfunc Process(ctx context.Context, m Message) error { return nil }",
		"package r\nimport \"context\"\nvar GetConfig = less.Route{Timeout: 1+2*(time.Second)}\nfunc Get(ctx context.Context, r *R) (int, error) { return 0, nil }\ntype R struct { *R; A int `path:\"x\"` }")
	f.Add("module \"x\ny\"", "package a\ntype Message Message", "package s\ntype (A = B; B = A)\nfunc Process(A, B) error", "package r\nconst a = a + a\nvar GetConfig = less.Route{Memory: a}")
	f.Add("", "", "package main\nfunc (x) Process()", "//go:build !linux\npackage r")
	f.Add("module m", "package a\ntype Message[T any] = T", "package s\nvar Config, x = f()\nvar Process = 1", "package r\nfunc Get[T any](T) (_ T, err error)")
	f.Fuzz(func(t *testing.T, goMod, message, process, get string) {
		_, err := scan.Dir(fstest.MapFS{
			"go.mod":                        {Data: []byte(goMod)},
			"less/topics/a/message.go":      {Data: []byte(message)},
			"less/topics/a/s/process.go":    {Data: []byte(process)},
			"less/apis/a/r/by_x/get.go":     {Data: []byte(get)},
			"less/apis/a/r/by_x/process.go": {Data: []byte(process)},
		})
		if err == nil {
			return
		}
		var problems scan.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("not a list of problems: %v", err)
		}
		for _, p := range problems {
			if p.Pos == "" || !strings.Contains(p.Message, ". ") && !strings.Contains(p.Message, ": ") || strings.ContainsAny(p.String(), "\r\n") {
				t.Errorf("not a problem with a place and a way out: %q", p)
			}
		}
	})
}
