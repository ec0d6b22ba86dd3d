package cli_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/projecttest"
)

// synthesized is a folder that holds cdk.out, for machines of an architecture.
func synthesized(t *testing.T, architecture string) *project {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("..", "blueprint", "testdata", "shop.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, dir: t.TempDir(), signals: make(chan os.Signal, 2)}
	for _, f := range a.Files {
		text := strings.NewReplacer(`"arm64"`, `"`+architecture+`"`, `"path": "program"`, `"path": "program.zip"`).Replace(string(f.Data))
		projecttest.WriteFile(t, p.dir, "cdk.out/"+f.Name, []byte(text))
	}
	var program bytes.Buffer
	z := zip.NewWriter(&program)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	if w, err := z.CreateHeader(header); err != nil {
		t.Fatal(err)
	} else if _, err := w.Write([]byte("#!/bin/sh\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	projecttest.WriteFile(t, p.dir, "cdk.out/program.zip", program.Bytes())
	return p
}

// here is the architecture of this machine, as Lambda calls it, and another one.
func here() (own, other string) {
	if runtime.GOARCH == "amd64" {
		return "x86_64", "arm64"
	}
	return runtime.GOARCH, "x86_64"
}

func TestRunServesWhatWasSynthesized(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what is synthesized runs on Linux only")
	}
	own, _ := here()
	r := synthesized(t, own).run("--template", "cdk.out")
	defer r.end(t)
	got := r.engine.nextApply(t)
	if s := got.plan.Topics[0].Subscriptions[0]; got.plan.Name != "shop-dev" || s.Function != "topics/paid/ship" || s.Mapping.BatchSize != 4 {
		t.Errorf("the plan is %+v", got.plan)
	}
	for _, id := range []string{"apis/orders/orders/post", "crons/report", "topics/paid/ship"} {
		if info, err := os.Stat(got.binaries[id]); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s has no program at %s: %v", id, got.binaries[id], err)
		}
	}
	want := `[less-cli] The deployment "shop-dev", as it was synthesized, is running ✅

Resources:

List of APIs:
- orders: http://localhost:3333
  - POST /orders

List of Topics:
- paid
  - ship

List of Crons:
- report: rate(1 day)

AWS services: http://localhost:4566

🇨🇻

`
	r.out.wait(t, "🇨🇻")
	if diff := cmp.Diff(want, r.out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestWhatWasSynthesizedAndCannotRunHere(t *testing.T) {
	own, other := here()
	if runtime.GOOS == "linux" {
		r := synthesized(t, other).run("--template", "cdk.out")
		r.wantExit(t, 1)
		if want := "built for " + other + ", and this machine is " + own + ". Synthesize for it: cdk synth -c architecture=" + own; !strings.Contains(r.err.String(), want) {
			t.Errorf("%s\nwant %q in it", r.err.String(), want)
		}
	}
	p := synthesized(t, own)
	topic := p.read("cdk.out/topic.json")
	p.write("cdk.out/topic.json", strings.Replace(topic, `"RawMessageDelivery": true`, `"FilterPolicy": {"a": ["b"]}`, 1))
	r := p.run("--template", "cdk.out")
	r.wantExit(t, 1)
	if want := "shop-dev/Paid/Subscription: #: extraneous key [FilterPolicy]"; !strings.Contains(r.err.String(), want) {
		t.Errorf("%s\nwant %q in it", r.err.String(), want)
	}
	p.write("cdk.out/topic.json", topic)
	r = p.run("--template", "cdk.out", "--visibility", "5s")
	r.wantExit(t, 2)
	if want := "--visibility does not go with --template"; !strings.Contains(r.err.String(), want) {
		t.Errorf("%s\nwant %q in it", r.err.String(), want)
	}
}
