package cli_test

import (
	"slices"
	"strings"
	"testing"
)

func TestAllMissingVariablesAreNamedBeforeAnythingStarts(t *testing.T) {
	p := newProject(t)
	p.write("less.config", "env_vars: [PAYMENT_URL, PAYMENT_KEY, PAYMENT_TOKEN]\n")
	p.environ = map[string]string{"PAYMENT_KEY": "hunter2"}
	started := false
	r := p.start(func(e *fakeEngine) { e.started = func() { started = true } }, "--no-watch")
	r.wantExit(t, 1)
	want := `[less-cli] ERROR: Environment variable 'PAYMENT_URL' must be defined
Environment variable 'PAYMENT_TOKEN' must be defined
The functions get what env_vars in less.config lists. Export it in your shell, or take it off the list
`
	if got := r.err.String(); got != want || started {
		t.Errorf("started %t, got:\n%s\nwant:\n%s", started, got, want)
	}
}

func TestTheOriginsOfAnAPIAreServedAndAWrongNameIsTold(t *testing.T) {
	p := newProject(t)
	p.write("less.config", "cors: {order: ['https://shop.example']}\n")
	r := p.run("--no-watch")
	r.wantExit(t, 1)
	if want := `less.config:1: cors names the API "order", and there is no folder less/apis/order. Did you mean orders?`; !strings.Contains(r.err.String(), want) {
		t.Errorf("got:\n%s", r.err.String())
	}
	p.write("less.config", "cors: {orders: ['https://shop.example']}\n")
	r = p.run("--no-watch")
	defer r.end(t)
	if got := r.engine.nextApply(t).plan.APIs[0].CORS; got == nil || !slices.Equal(got.Origins, []string{"https://shop.example"}) {
		t.Errorf("pages may do %+v", got)
	}
}

func TestTheTopicsAPIIsServedByAFlagOrASetting(t *testing.T) {
	for name, config := range map[string]string{"flag": "", "setting": "topics_api: true\n"} {
		p := newProject(t)
		p.write("less.config", config)
		args := []string{"--no-watch"}
		if name == "flag" {
			args = append(args, "--topics-api")
		}
		r := p.run(args...)
		if !r.engine.nextApply(t).plan.TopicsAPI {
			t.Errorf("%s: it is not planned", name)
		}
		r.out.wait(t, "Topics API: http://localhost:3334/topics/{topic}, open to programs of this machine\n")
		r.end(t)
	}
	r := newProject(t).run("--no-watch", "--topics-api", "--aws-port", "3334")
	r.wantExit(t, 1)
	if !strings.Contains(r.err.String(), "the APIs listen on the ports 3333 to 3334, and the AWS services on 3334") {
		t.Errorf("got:\n%s", r.err.String())
	}
}

func TestVariablesReachTheFunctionsAndAChangeOfTheListIsApplied(t *testing.T) {
	p := newProject(t)
	p.write("less.config", "env_vars: [PAYMENT_KEY]\n")
	p.environ = map[string]string{"PAYMENT_KEY": "hunter2", "PAYMENT_URL": "https://payment.example"}
	r := p.run()
	want := func(want map[string]string) {
		t.Helper()
		for _, f := range r.engine.nextApply(t).plan.Functions {
			for name, value := range want {
				if string(f.Env[name]) != value || len(f.Env) != len(want) {
					t.Errorf("%s has %d variables, and not %s alone", f.ID, len(f.Env), name)
				}
			}
		}
	}
	want(map[string]string{"PAYMENT_KEY": "hunter2"})
	r.out.wait(t, "is running")

	p.write("less.config", "env_vars: [PAYMENT_URL]\n")
	want(map[string]string{"PAYMENT_URL": "https://payment.example"})
	r.out.wait(t, "[less-cli] Applied the settings in ")

	p.write("less.config", "env_vars: [PAYMENT_URLS]\nalarm: full\n")
	r.err.wait(t, `less.config:2: there is no setting "alarm". Did you mean alarms?`)
	p.write("less.config", "env_vars: [PAYMENT_URLS]\n")
	r.err.wait(t, "Environment variable 'PAYMENT_URLS' must be defined")
	r.end(t)
	if said := r.out.String() + r.err.String(); strings.Contains(said, "hunter2") || strings.Contains(said, "payment.example") {
		t.Errorf("a value is shown:\n%s", said)
	}
}
