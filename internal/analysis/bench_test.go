package analysis_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/load"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
	"github.com/less-go/less/internal/source"
	"github.com/less-go/less/internal/toolchain"
)

// BenchmarkRead reads workflows: cold is without a cache of ours, with Go's build
// cache full; edited is after an edit of one handler; warm is after none. The
// metric loading% is the part of a cold read that is go/packages, measured beside it.
func BenchmarkRead(b *testing.B) {
	for _, project := range []struct {
		name string
		dir  func(*testing.B) string
		edit string
	}{
		{"app", foodDelivery, "less/topics/order_placed/payment_service_process_payment/process.go"},
		{"200handlers", largeProject, "less/topics/topic_003/step_2/process.go"},
	} {
		b.Run(project.name, func(b *testing.B) {
			dir := project.dir(b)
			a, err := scan.Dir(os.DirFS(dir))
			if err != nil {
				b.Fatal(err)
			}
			read := func(cache string) {
				if _, err := analysis.Read(b.Context(), dir, a, analysis.Options{Cache: cache}); err != nil {
					b.Fatal(err)
				}
			}
			read("") // fills Go's build cache
			b.Run("cold", func(b *testing.B) {
				var loading time.Duration
				for b.Loop() {
					read("")
					b.StopTimer()
					begin := time.Now()
					loadOnly(b, dir, a)
					loading += time.Since(begin)
					b.StartTimer()
				}
				b.ReportMetric(100*loading.Seconds()/b.Elapsed().Seconds(), "loading%")
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapSys>>20), "MB")
			})
			b.Run("edited", func(b *testing.B) {
				cache, file := b.TempDir(), filepath.Join(dir, filepath.FromSlash(project.edit))
				content, err := os.ReadFile(file)
				if err != nil {
					b.Fatal(err)
				}
				read(cache)
				for n := 0; b.Loop(); n++ {
					b.StopTimer()
					if err := os.WriteFile(file, fmt.Appendf(bytes.Clone(content), "\n// Edit %d at %d.\n", n, time.Now().UnixNano()), 0o644); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					read(cache)
				}
			})
			b.Run("warm", func(b *testing.B) {
				cache := b.TempDir()
				read(cache)
				for b.Loop() {
					read(cache)
				}
			})
		})
	}
}

// loadOnly loads what a cold read does.
func loadOnly(b *testing.B, dir string, a app.App) {
	tree, err := source.Read(dir)
	if err != nil {
		b.Fatal(err)
	}
	seen := map[string]bool{}
	var all []string
	add := func(p app.Package) {
		own, _, err := load.Own(tree, p.ImportPath)
		if err != nil {
			b.Fatal(err)
		}
		for _, importPath := range own {
			if !seen[importPath] {
				seen[importPath] = true
				all = append(all, importPath)
			}
		}
	}
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			add(r.Package)
		}
	}
	for _, t := range a.Topics {
		for _, s := range t.Subscribers {
			add(s.Package)
		}
	}
	if _, err := load.Packages(b.Context(), dir, toolchain.Target{}, all); err != nil {
		b.Fatal(err)
	}
}

// foodDelivery is a copy of this repository's application.
func foodDelivery(b *testing.B) string {
	dir := b.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "less"), os.DirFS(filepath.Join(projecttest.Checkout(), "less"))); err != nil {
		b.Fatal(err)
	}
	projecttest.WriteFile(b, dir, "go.mod", []byte("module example.com/food\n"))
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, bytes.ReplaceAll(content, []byte("github.com/less-go/less/less/"), []byte("example.com/food/less/")), 0o644)
	})
	if err != nil {
		b.Fatal(err)
	}
	return generated(b, dir)
}

// largeProject has 200 subscribers of 40 topics, each of which publishes to two
// others, and a route.
func largeProject(b *testing.B) string {
	const topics, subscribers = 40, 5
	dir := b.TempDir()
	write := func(name, format string, args ...any) {
		projecttest.WriteFile(b, dir, name, fmt.Appendf(nil, format, args...))
	}
	write("go.mod", "module example.com/large\n")
	write("less/shared/order/order.go", "package order\n\ntype Order struct {\n\tID     string\n\tAmount int\n}\n")
	write("less/apis/shop/orders/post.go", `package orders

import (
	"context"

	"example.com/large/less/shared/order"
	"example.com/large/less/topics"
)

func Post(ctx context.Context, o order.Order) (order.Order, error) {
	return o, topics.Topic000.Publish(ctx, o)
}
`)
	for t := range topics {
		write(fmt.Sprintf("less/topics/topic_%03d/message.go", t), "package topic%03d\n\nimport \"example.com/large/less/shared/order\"\n\ntype Message = order.Order\n", t)
		for s := range subscribers {
			write(fmt.Sprintf("less/topics/topic_%03d/step_%d/process.go", t, s), `package step%d

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/less-go/less"

	"example.com/large/less/topics"
	"example.com/large/less/topics/topic_%03d"
)

var errRefused = errors.New("refused")

func Process(ctx context.Context, m topic%03d.Message) error {
	less.Logger(ctx).Info("step", "order", m.ID)
	err := step(m)
	if errors.Is(err, errRefused) {
		return topics.Topic%03d.Publish(ctx, m)
	}
	if err != nil {
		return err
	}
	return topics.Topic%03d.Publish(ctx, m)
}

func step(m topic%03d.Message) error {
	if m.Amount > %d {
		return errRefused
	}
	_, err := json.Marshal(m)
	return err
}
`, s, t, t, (t*2+1)%topics, (t*2+2)%topics, t, s)
		}
	}
	return generated(b, dir)
}

// generated adds to the project in dir what follows from its tree.
func generated(b *testing.B, dir string) string {
	projecttest.UseCheckout(b, dir)
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		b.Fatal(err)
	}
	files, err := gen.Files(a)
	if err != nil {
		b.Fatal(err)
	}
	for name, content := range files {
		projecttest.WriteFile(b, dir, name, content)
	}
	return dir
}
