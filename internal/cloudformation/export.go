package cloudformation

import (
	"context"
	"slices"
	"strings"
)

// exporter returns the stack that exports name, with its output. The caller holds mu.
func (s *Service) exporter(name string) (*stack, output) {
	for _, st := range s.stacks {
		if st.Status == deleteComplete {
			continue
		}
		for _, o := range st.Config.Outputs {
			if o.Export == name {
				return st, o
			}
		}
	}
	return nil, output{}
}

// imported returns what another stack exports as name.
func (s *Service) imported(name string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, o := s.exporter(name)
	if st == nil {
		return nil, invalid("No export named %s found.", name)
	}
	return o.Value, nil
}

// importers are the stacks that import name, by name and sorted. The caller holds mu.
func (s *Service) importers(name string) []string {
	var all []string
	for _, st := range s.stacks {
		if st.Status != deleteComplete && slices.Contains(st.Config.Imports, name) {
			all = append(all, st.Name)
		}
	}
	slices.Sort(all)
	return all
}

// exportInUse returns an export of st that another stack imports, and the first that does.
func (s *Service) exportInUse(st *stack) (name, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range st.Config.Outputs {
		if o.Export == "" {
			continue
		}
		if users := s.importers(o.Export); len(users) > 0 {
			return o.Export, users[0]
		}
	}
	return "", ""
}

// checkExports refuses outputs that another stack exports already, and those that take away or change what another stack imports. The
// caller holds mu.
func (s *Service) checkExports(st *stack, next []output) error {
	before := st.Config.Outputs
	if st.Previous != nil {
		before = st.Previous.Outputs
	}
	for _, o := range before {
		if o.Export == "" {
			continue
		}
		users := s.importers(o.Export)
		if len(users) == 0 {
			continue
		}
		i := slices.IndexFunc(next, func(n output) bool { return n.Export == o.Export })
		switch {
		case i < 0:
			return invalid("Export %s cannot be deleted as it is in use by %s", o.Export, strings.Join(users, ", "))
		case next[i].Value != o.Value:
			return invalid("Export %s cannot be updated as it is in use by %s", o.Export, strings.Join(users, ", "))
		}
	}
	for _, o := range next {
		if o.Export == "" {
			continue
		}
		if other, _ := s.exporter(o.Export); other != nil && other != st {
			return invalid("Export with name %s is already exported by stack %s. Export names must be unique across a given region.", o.Export, other.Name)
		}
	}
	return nil
}

// ListExportsInput is the input of ListExports.
type ListExportsInput struct{ NextToken string }

// ListExportsOutput is the output of ListExports.
type ListExportsOutput struct{ Exports []Export }

// An Export is a value that other stacks can import.
type Export struct {
	ExportingStackID string `json:"ExportingStackId"`
	Name, Value      string
}

// ListExports returns the exports of all stacks.
func (s *Service) ListExports(context.Context, *ListExportsInput) (*ListExportsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &ListExportsOutput{}
	for _, st := range s.stacks {
		if st.Status == deleteComplete {
			continue
		}
		for _, o := range st.Config.Outputs {
			if o.Export != "" {
				out.Exports = append(out.Exports, Export{st.ID, o.Export, o.Value})
			}
		}
	}
	slices.SortFunc(out.Exports, func(a, b Export) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// ListImportsInput is the input of ListImports.
type ListImportsInput struct{ ExportName, NextToken string }

// ListImportsOutput is the output of ListImports.
type ListImportsOutput struct{ Imports []string }

// ListImports returns the stacks that import a value.
func (s *Service) ListImports(_ context.Context, in *ListImportsInput) (*ListImportsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := s.importers(in.ExportName)
	if len(users) == 0 {
		return nil, invalid("Export '%s' is not imported by any stack.", in.ExportName)
	}
	return &ListImportsOutput{users}, nil
}
