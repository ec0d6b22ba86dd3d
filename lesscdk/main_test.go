package lesscdk

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/blueprint"
	"github.com/less-go/less/internal/gen"
	lessproject "github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scaffold"
)

// newProject writes a project with one subscriber, whose generated code is old.
func newProject(t *testing.T, process string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: the CDK app is not tested")
	}
	dir := projecttest.Write(t, []txtar.File{
		{Name: "go.mod", Data: []byte("module example.com/shop\n\ngo 1.26\n")},
		{Name: "less/topics/paid/message.go", Data: []byte("package paid\n\ntype Message struct{ ID string }\n")},
		{Name: "less/topics/paid/notify/process.go", Data: []byte(process)},
	})
	projecttest.UseCheckout(t, dir)
	return dir
}

func TestAProjectWithOldGeneratedCodeIsRefused(t *testing.T) {
	dir := newProject(t, "package notify\n\nimport (\n\t\"context\"\n\n\t\"example.com/shop/less/topics/paid\"\n)\n\nfunc Process(ctx context.Context, m paid.Message) error { return nil }\n")
	var stderr bytes.Buffer
	if code := run(dir, nil, &stderr); code != 1 || !strings.Contains(stderr.String(), "Run 'less-cli gen' and try again") {
		t.Errorf("code %d: %s", code, stderr.String())
	}
}

func TestWithoutNodeNothingIsDone(t *testing.T) {
	t.Setenv("JSII_NODE", filepath.Join(t.TempDir(), "node"))
	dir := t.TempDir()
	var stderr bytes.Buffer
	const want = "Install Node 20 or newer from https://nodejs.org\n"
	if code := run(dir, nil, &stderr); code != 1 || !strings.HasPrefix(stderr.String(), "the CDK needs Node (") || !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("code %d: %s", code, stderr.String())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are written", left, err)
	}
}

func TestAProblemInTheTreeIsToldWithItsPlace(t *testing.T) {
	dir := newProject(t, "package notify\n\nfunc Process(s string) error { return nil }\n")
	var stderr bytes.Buffer
	if code := run(dir, nil, &stderr); code != 1 || !strings.Contains(stderr.String(), "less/topics/paid/notify/process.go:3: ") {
		t.Errorf("code %d: %s", code, stderr.String())
	}
}

// TestANewProjectIsSynthesized is of what less-cli init and create write.
func TestANewProjectIsSynthesized(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a function for another machine")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: the CDK app is not tested")
	}
	dir := t.TempDir()
	p, err := scaffold.New(dir, "shop", projecttest.Checkout())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Topic("paid", []string{"ship"}); err != nil {
		t.Fatal(err)
	}
	_, files, err := lessproject.Scan(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gen.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	cdkJSON, err := os.ReadFile(filepath.Join(dir, "cdk.json"))
	if err != nil {
		t.Fatal(err)
	}
	var settings struct{ Context json.RawMessage }
	if err := json.Unmarshal(cdkJSON, &settings); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	t.Setenv("CDK_OUTDIR", out)
	t.Setenv("CDK_VALIDATION", "false")
	t.Setenv("CDK_CONTEXT_JSON", string(settings.Context))
	jsii.Close() // a process of Node that another test has started knows another environment
	var stderr bytes.Buffer
	if code := run(dir, nil, &stderr); code != 0 {
		t.Fatalf("code %d: %s", code, stderr.String())
	}
	if _, err := os.Stat(filepath.Join(out, "shop-dev.template.json")); err != nil {
		t.Error(err)
	}
	if got := machineOf(t, out); got != elf.EM_AARCH64 {
		t.Errorf("the function is a program for %s", got)
	}

	// Whoever says it, the functions are for what it says.
	for _, said := range []struct{ config, context string }{{"architecture: x86_64\n", string(settings.Context)}, {"", `{"stage":"dev","architecture":"x86_64"}`}} {
		if err := os.WriteFile(filepath.Join(dir, "less.config"), []byte(said.config), 0o600); err != nil {
			t.Fatal(err)
		}
		out := t.TempDir()
		t.Setenv("CDK_OUTDIR", out)
		t.Setenv("CDK_CONTEXT_JSON", said.context)
		jsii.Close()
		if code := run(dir, nil, &stderr); code != 0 {
			t.Fatalf("code %d: %s", code, stderr.String())
		}
		if got := machineOf(t, out); got != elf.EM_X86_64 {
			t.Errorf("with %q and %s the function is a program for %s", said.config, said.context, got)
		}
		templates, err := filepath.Glob(filepath.Join(out, "*.template.json"))
		if err != nil {
			t.Fatal(err)
		}
		declared := 0
		for _, path := range templates {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			declared += strings.Count(string(content), `"x86_64"`)
		}
		if declared != 1 {
			t.Errorf("with %q and %s the templates name the architecture %d times", said.config, said.context, declared)
		}
	}
}

// machineOf is what the one program in out is for.
func machineOf(t *testing.T, out string) elf.Machine {
	t.Helper()
	zips, err := filepath.Glob(filepath.Join(out, "asset.*.zip"))
	if err != nil || len(zips) != 1 {
		t.Fatalf("programs %v, %v", zips, err)
	}
	z, err := zip.OpenReader(zips[0])
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	content, err := fs.ReadFile(z, "bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	program, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return program.Machine
}

// TestTheFoodDeliveryIsSynthesized builds its functions for Lambda, and adds
// something of its own.
func TestTheFoodDeliveryIsSynthesized(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds 13 functions for another machine")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: the CDK app is not tested")
	}
	out := t.TempDir()
	t.Setenv("CDK_OUTDIR", out)
	t.Setenv("CDK_VALIDATION", "false")
	t.Setenv("CDK_CONTEXT_JSON", `{"stage":"test"}`)
	jsii.Close() // a process of Node that another test has started knows another environment
	var stderr bytes.Buffer
	names := ""
	code := run(projecttest.Checkout(), func(app *App) {
		names = *app.Stack().StackName() + " " + *app.Function("less/topics/order_placed/payment_service_process_payment").Node().Path()
	}, &stderr)
	if code != 0 {
		t.Fatalf("code %d: %s", code, stderr.String())
	}
	if want := "less-test less-test/topics/order_placed/payment_service_process_payment/Function"; names != want {
		t.Errorf("%q, want %q", names, want)
	}
	programs, err := filepath.Glob(filepath.Join(out, "asset.*.zip"))
	if err != nil || len(programs) != 13 {
		t.Errorf("%d programs (%v), want 13", len(programs), err)
	}
	if _, err := os.Stat(filepath.Join(out, "less-test.template.json")); err != nil {
		t.Error(err)
	}
	read, err := blueprint.Read(out)
	if err != nil || len(read.Plan.Functions) != 13 || read.Stage != "test" {
		t.Errorf("read back it is %d functions of the stage %q, %v; want 13 of test", len(read.Plan.Functions), read.Stage, err)
	}
	for id, program := range read.Programs {
		if !slices.Contains(programs, program) {
			t.Errorf("%s is made of %s, which is none of the programs", id, program)
		}
	}
	code = run(projecttest.Checkout(), func(app *App) { app.Function("topics/order_placed/payment_service_process") }, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "there is no function less/topics/order_placed/payment_service_process. ") {
		t.Errorf("code %d: %s", code, stderr.String())
	}
}
