package cloudformation

import (
	"context"
	"slices"
	"strings"
)

// A Stack is a stack as clients see it.
type Stack struct {
	StackID           string `json:"StackId"`
	StackName         string
	ChangeSetID       string `json:"ChangeSetId"`
	Description       string
	Parameters        []Parameter
	CreationTime      string
	DeletionTime      string
	LastUpdatedTime   string
	StackStatus       string
	StackStatusReason string
	DisableRollback   bool
	Capabilities      []string
	Outputs           []Output
	RoleARN           string
	Tags              []Tag

	EnableTerminationProtection bool
	ParentID                    string `json:"ParentId"`
	RootID                      string `json:"RootId"`
	DriftInformation            Drift
}

// An Output is an output of a stack.
type Output struct{ OutputKey, OutputValue, Description, ExportName string }

// A Drift says whether somebody has changed the resources of a stack behind its back, which nobody looks for.
type Drift struct{ StackDriftStatus string }

func (st *stack) described() Stack {
	out := Stack{
		StackID: st.ID, StackName: st.Name, ChangeSetID: st.ChangeSetID, Description: st.Config.Description, Parameters: st.Config.parameters(),
		CreationTime: stamp(st.Created), DeletionTime: stamp(st.Deleted), LastUpdatedTime: stamp(st.Updated), StackStatus: st.Status, StackStatusReason: st.Reason,
		DisableRollback: st.DisableRollback && st.ParentID == "", Capabilities: st.Config.Capabilities, RoleARN: st.Config.RoleARN, Tags: st.Config.tags(),
		EnableTerminationProtection: st.Protected, ParentID: st.ParentID, RootID: st.RootID, DriftInformation: Drift{"NOT_CHECKED"},
	}
	for _, o := range st.Config.Outputs {
		out.Outputs = append(out.Outputs, Output{o.Name, o.Value, o.Description, o.Export})
	}
	return out
}

// DescribeStacksInput is the input of DescribeStacks.
type DescribeStacksInput struct{ StackName, NextToken string }

// DescribeStacksOutput is the output of DescribeStacks.
type DescribeStacksOutput struct{ Stacks []Stack }

// DescribeStacks returns one stack, or all that are not deleted.
func (s *Service) DescribeStacks(_ context.Context, in *DescribeStacksInput) (*DescribeStacksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &DescribeStacksOutput{}
	if in.StackName != "" {
		st := s.find(in.StackName)
		if st == nil {
			return nil, noStack(in.StackName)
		}
		out.Stacks = append(out.Stacks, st.described())
		return out, nil
	}
	for _, st := range s.newestFirst() {
		if st.Status != deleteComplete {
			out.Stacks = append(out.Stacks, st.described())
		}
	}
	return out, nil
}

// newestFirst are all stacks. The caller holds mu.
func (s *Service) newestFirst() []*stack {
	all := make([]*stack, 0, len(s.stacks))
	for _, st := range s.stacks {
		all = append(all, st)
	}
	slices.SortFunc(all, func(a, b *stack) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// ListStacksInput is the input of ListStacks.
type ListStacksInput struct {
	NextToken         string
	StackStatusFilter []string
}

// ListStacksOutput is the output of ListStacks.
type ListStacksOutput struct{ StackSummaries []StackSummary }

// A StackSummary is a stack in a list.
type StackSummary struct {
	StackID             string `json:"StackId"`
	StackName           string
	TemplateDescription string
	CreationTime        string
	LastUpdatedTime     string
	DeletionTime        string
	StackStatus         string
	StackStatusReason   string
	ParentID            string `json:"ParentId"`
	RootID              string `json:"RootId"`
	DriftInformation    Drift
}

// ListStacks returns the stacks with certain states, or all of the last 90 days.
func (s *Service) ListStacks(_ context.Context, in *ListStacksInput) (*ListStacksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &ListStacksOutput{}
	for _, st := range s.newestFirst() {
		if len(in.StackStatusFilter) > 0 && !slices.Contains(in.StackStatusFilter, st.Status) {
			continue
		}
		out.StackSummaries = append(out.StackSummaries, StackSummary{
			st.ID, st.Name, st.Config.Description, stamp(st.Created), stamp(st.Updated), stamp(st.Deleted), st.Status, st.Reason, st.ParentID, st.RootID, Drift{"NOT_CHECKED"},
		})
	}
	return out, nil
}

// DescribeStackEventsInput is the input of DescribeStackEvents.
type DescribeStackEventsInput struct{ StackName, NextToken string }

// DescribeStackEventsOutput is the output of DescribeStackEvents.
type DescribeStackEventsOutput struct {
	StackEvents []StackEvent
	NextToken   string
}

// A StackEvent is a step of an operation.
type StackEvent struct {
	StackID              string `json:"StackId"`
	EventID              string `json:"EventId"`
	StackName            string
	LogicalResourceID    string `json:"LogicalResourceId"`
	PhysicalResourceID   string `json:"PhysicalResourceId"`
	ResourceType         string
	Timestamp            string
	ResourceStatus       string
	ResourceStatusReason string
	ClientRequestToken   string
}

// maxEvents is how many events a page has.
const maxEvents = 100

// DescribeStackEvents returns the events of a stack, the newest first.
func (s *Service) DescribeStackEvents(_ context.Context, in *DescribeStackEventsInput) (*DescribeStackEventsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if st == nil {
		return nil, invalid("Stack [%s] does not exist", in.StackName)
	}
	// A page goes on behind an event, so that those that have come since do not move it.
	end := len(st.events)
	if in.NextToken != "" {
		end = slices.IndexFunc(st.events, func(e event) bool { return e.ID == in.NextToken })
		if end < 0 {
			return nil, invalid("The specified pagination token is not valid.")
		}
	}
	out := &DescribeStackEventsOutput{}
	for i := end - 1; i >= 0; i-- {
		if len(out.StackEvents) == maxEvents {
			out.NextToken = out.StackEvents[maxEvents-1].EventID
			break
		}
		e := st.events[i]
		out.StackEvents = append(out.StackEvents, StackEvent{st.ID, e.ID, st.Name, e.LogicalID, e.PhysicalID, e.Type, stamp(e.Time), e.Status, e.Reason, e.Token})
	}
	return out, nil
}

// A StackResource is a resource of a stack.
type StackResource struct {
	StackName            string
	StackID              string `json:"StackId"`
	LogicalResourceID    string `json:"LogicalResourceId"`
	PhysicalResourceID   string `json:"PhysicalResourceId"`
	ResourceType         string
	Timestamp            string
	LastUpdatedTimestamp string
	ResourceStatus       string
	ResourceStatusReason string
	DriftInformation     ResourceDrift
}

// A ResourceDrift says whether somebody has changed a resource behind its stack's back.
type ResourceDrift struct{ StackResourceDriftStatus string }

func (st *stack) describedResource(r *resource) StackResource {
	return StackResource{
		st.Name, st.ID, r.LogicalID, r.Now.PhysicalID, r.Now.Type, stamp(r.Updated), stamp(r.Updated), r.Status, r.Reason, ResourceDrift{"NOT_CHECKED"},
	}
}

// DescribeStackResourcesInput is the input of DescribeStackResources.
type DescribeStackResourcesInput struct {
	StackName          string
	LogicalResourceID  string `json:"LogicalResourceId"`
	PhysicalResourceID string `json:"PhysicalResourceId"`
}

// DescribeStackResourcesOutput is the output of DescribeStackResources.
type DescribeStackResourcesOutput struct{ StackResources []StackResource }

// DescribeStackResources returns the resources of a stack, or of the stack that has a certain one.
func (s *Service) DescribeStackResources(_ context.Context, in *DescribeStackResourcesInput) (*DescribeStackResourcesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if in.StackName == "" && in.PhysicalResourceID != "" {
		if st = s.owner(in.PhysicalResourceID); st == nil {
			return nil, invalid("Stack for %s does not exist", in.PhysicalResourceID)
		}
	}
	if st == nil {
		return nil, noStack(in.StackName)
	}
	out := &DescribeStackResourcesOutput{}
	for _, r := range st.sortedResources() {
		if in.LogicalResourceID == "" || in.LogicalResourceID == r.LogicalID {
			out.StackResources = append(out.StackResources, st.describedResource(r))
		}
	}
	return out, nil
}

// owner returns the stack that has a resource. The caller holds mu.
func (s *Service) owner(physicalID string) *stack {
	for _, st := range s.newestFirst() {
		for _, r := range st.resources {
			if r.Now.PhysicalID == physicalID && st.Status != deleteComplete {
				return st
			}
		}
	}
	return nil
}

// DescribeStackResourceInput is the input of DescribeStackResource.
type DescribeStackResourceInput struct {
	StackName         string
	LogicalResourceID string `json:"LogicalResourceId"`
}

// DescribeStackResourceOutput is the output of DescribeStackResource.
type DescribeStackResourceOutput struct{ StackResourceDetail StackResource }

// DescribeStackResource returns a resource of a stack.
func (s *Service) DescribeStackResource(_ context.Context, in *DescribeStackResourceInput) (*DescribeStackResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if st == nil {
		return nil, invalid("Stack '%s' does not exist", in.StackName)
	}
	r := st.resources[in.LogicalResourceID]
	if r == nil {
		return nil, invalid("Resource %s does not exist for stack %s", in.LogicalResourceID, st.Name)
	}
	return &DescribeStackResourceOutput{st.describedResource(r)}, nil
}

// ListStackResourcesInput is the input of ListStackResources.
type ListStackResourcesInput struct{ StackName, NextToken string }

// ListStackResourcesOutput is the output of ListStackResources.
type ListStackResourcesOutput struct{ StackResourceSummaries []StackResource }

// ListStackResources returns the resources of a stack.
func (s *Service) ListStackResources(_ context.Context, in *ListStackResourcesInput) (*ListStackResourcesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if st == nil {
		return nil, noStack(in.StackName)
	}
	out := &ListStackResourcesOutput{}
	for _, r := range st.sortedResources() {
		d := st.describedResource(r)
		d.StackName, d.StackID, d.Timestamp = "", "", "" // a summary has none
		out.StackResourceSummaries = append(out.StackResourceSummaries, d)
	}
	return out, nil
}
