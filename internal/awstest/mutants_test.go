package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// A mutant is the template with one mistake.
type mutant struct {
	// of is the identity of what is wrong with it.
	of string
	// name says what was done to which resource.
	name string
	edit
	change func(*document)
}

// mutants are all of a template's, by what is wrong with them.
func mutants(a assembly) map[string][]mutant {
	out := map[string][]mutant{}
	doc := parse(a.template)
	parts := doc.parts(a.Deployment)
	ids := slices.Sorted(maps.Keys(parts))
	add := func(id, what string, e edit, change func(*document)) {
		p := parts[id]
		out[p.of] = append(out[p.of], mutant{of: p.of, name: what + " of " + p.kind, edit: e, change: change})
	}
	change := func(id string, e edit) {
		what := e.path
		if e.value != nil {
			what += fmt.Sprintf(" = %v", e.value)
		}
		add(id, what, e, func(d *document) { d.Resources[id].set(e.path, e.value) })
	}
	for _, id := range ids {
		kind := parts[id].kind
		if policy, found := policies[kind]; found {
			// A policy without its only statement is none: it is removed below.
			for i, n := 0, doc.Resources[id].statementsAt(policy.path); i < n && n > 1; i++ {
				path := fmt.Sprintf("%s/%d", policy.path, i)
				add(id, fmt.Sprintf("statement %d", i+1), edit{want: policy.want}, func(d *document) { d.Resources[id].set(path, nil) })
			}
		}
		for _, e := range edits[kind] {
			if e.each {
				change(id, e)
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(edits)) {
		for _, e := range edits[kind] {
			if e.each {
				continue
			}
			best := "" // of what has the fewest mutants yet
			for _, id := range ids {
				if parts[id].kind == kind && (best == "" || len(out[parts[id].of]) < len(out[parts[best].of])) {
					best = id
				}
			}
			if best != "" {
				change(best, e)
			}
		}
	}
	for _, last := range []bool{false, true} {
		for _, id := range ids {
			if want, found := removals[parts[id].kind]; found && last == (want == "mapping") {
				add(id, "all", edit{want: want}, func(d *document) { d.remove(id) })
			}
		}
	}
	return out
}

// TestEachMistakeInTheTemplateIsFound updates the deployed stack to each mutant. One update
// makes one mistake with each function, topic and API: a fault says what it is of, so that
// no mistake is found by another one. Each update also undoes the mistakes of that before,
// of which nothing may be left.
func TestEachMistakeInTheTemplateIsFound(t *testing.T) {
	a := synthesized(t)
	r := newRig(t, a)
	if _, err := r.create(string(a.template)); err != nil {
		t.Fatal(err)
	}
	for _, f := range r.wiring(t.Context(), a.Deployment, a.roles) {
		t.Errorf("without a mistake: %s", f)
	}
	var killed tally
	all := mutants(a)
	waves := 0
	for _, list := range all {
		waves = max(waves, len(list))
	}
	for wave := range waves {
		doc, made := parse(a.template), map[string]mutant{}
		for of, list := range all {
			if wave >= len(list) {
				continue
			}
			m := list[wave]
			if m.refused == "" {
				m.change(doc)
				made[of] = m
				continue
			}
			alone := parse(a.template)
			m.change(alone)
			err := r.update(alone.String())
			if err == nil || !strings.Contains(err.Error(), m.refused) {
				t.Errorf("%s: %s: %v, want that CloudFormation refuses %s", m.of, m.name, err, m.refused)
				continue
			}
			killed.add(m, "refused: "+m.refused)
		}
		if len(made) == 0 {
			continue
		}
		if err := r.update(doc.String()); err != nil {
			t.Errorf("wave %d: %v", wave, err)
			continue
		}
		told := r.told(t)
		for of, m := range made {
			if got := told[of]; got != m.want {
				t.Errorf("%s: %s: the faults are %q, want %q", of, m.name, got, m.want)
				continue
			}
			killed.add(m, m.want)
			delete(told, of)
		}
		for of, faults := range told {
			// The topic misses a subscription, and the API a route, with what is removed from them.
			if _, wrong := made[of]; !wrong && faults != "topic subscriptions" && faults != "routes" {
				t.Errorf("%s: the faults are %q, and nothing is wrong with it", of, faults)
			}
		}
	}
	if err := r.update(string(a.template)); err != nil {
		t.Fatal(err)
	}
	for _, f := range r.wiring(t.Context(), a.Deployment, a.roles) {
		t.Errorf("after all mistakes: %s", f)
	}
	if killed.count < 60 {
		t.Errorf("%d mutants only", killed.count)
	}
	t.Log(&killed)
}

// A tally is the mutants that were found, and by what.
type tally struct {
	count int
	rows  map[string]int
}

func (k *tally) add(m mutant, told string) {
	if k.rows == nil {
		k.rows = map[string]int{}
	}
	k.count++
	k.rows[m.name+"\t"+told]++
}

func (k *tally) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d mutants are found:\n", k.count)
	rows := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, row := range slices.Sorted(maps.Keys(k.rows)) {
		fmt.Fprintf(rows, "%d\t%s\n", k.rows[row], row)
	}
	rows.Flush()
	return out.String()
}

// told are, by what they are of, the names of the faults.
func (r *rig) told(t *testing.T) map[string]string {
	names := map[string][]string{}
	for _, f := range r.wiring(t.Context(), r.a.Deployment, r.a.roles) {
		names[f.Of] = append(names[f.Of], f.Name)
	}
	out := map[string]string{}
	for of, all := range names {
		slices.Sort(all)
		out[of] = strings.Join(slices.Compact(all), ", ")
	}
	return out
}
