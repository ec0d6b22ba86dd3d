package cloudformation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// The states of change sets.
const (
	available         = "AVAILABLE"
	unavailable       = "UNAVAILABLE"
	executeInProgress = "EXECUTE_IN_PROGRESS"
	executeComplete   = "EXECUTE_COMPLETE"
	executeFailed     = "EXECUTE_FAILED"
	setFailed         = "FAILED"
)

// A changeSet is what a stack could become.
type changeSet struct {
	ID, Name, StackID, Type, Description string
	Status, Reason, Execution            string
	Config                               configuration
	Changes                              []Change
	Nested                               bool
	OnFailure                            string `json:",omitempty"`
	Created                              time.Time
}

func (c *changeSet) document() queue.Document {
	return queue.Document{Kind: kindChangeSet, Name: c.ID, Value: encode(c)}
}

// CreateChangeSetInput is the input of CreateChangeSet.
type CreateChangeSetInput struct {
	StackName, ChangeSetName, ChangeSetType, Description, ClientToken string
	UsePreviousTemplate                                               bool
	IncludeNestedStacks                                               bool
	// ImportExistingResources is set by the CDK's bootstrap. A resource whose name is taken
	// fails, and says so, whether it is set or not.
	ImportExistingResources        bool
	DeploymentMode, OnStackFailure string
	ResourcesToImport              []struct{ ResourceType string }
	Settings
}

// CreateChangeSetOutput is the output of CreateChangeSet.
type CreateChangeSetOutput struct {
	ID      string `json:"Id"`
	StackID string `json:"StackId"`
}

func (in *CreateChangeSetInput) unsupported() error {
	switch {
	case in.ChangeSetType == "IMPORT", len(in.ResourcesToImport) > 0:
		return awsapi.NotImplemented("the import of resources into a stack")
	case in.DeploymentMode != "":
		return awsapi.NotImplemented("the deployment mode %s of a change set", in.DeploymentMode)
	case in.OnStackFailure != "" && !slices.Contains([]string{"ROLLBACK", "DO_NOTHING", "DELETE"}, in.OnStackFailure):
		return invalid("1 validation error detected: Value '%s' at 'onStackFailure' failed to satisfy constraint: Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]", in.OnStackFailure)
	}
	return in.Settings.unsupported()
}

// CreateChangeSet finds what a template would change. It is done when it returns.
func (s *Service) CreateChangeSet(ctx context.Context, in *CreateChangeSetInput) (*CreateChangeSetOutput, error) {
	if err := in.unsupported(); err != nil {
		return nil, err
	}
	if !stackName.MatchString(in.ChangeSetName) {
		return nil, invalid("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", in.ChangeSetName)
	}
	st, fresh, err := s.target(ctx, in)
	if err != nil {
		return nil, err
	}
	p, err := s.propose(ctx, st, source{in.TemplateBody, in.TemplateURL, in.UsePreviousTemplate}, &in.Settings)
	if err != nil {
		return nil, err
	}
	c := &changeSet{
		ID: awsapi.LocalARN("cloudformation", st.Region, "changeSet/"+in.ChangeSetName+"/"+uuid.NewString()), Name: in.ChangeSetName, StackID: st.ID,
		Type: in.ChangeSetType, Description: in.Description, Config: p.config, Changes: p.changes, Nested: in.IncludeNestedStacks, OnFailure: in.OnStackFailure,
		Status: createComplete, Execution: available, Created: now(),
	}
	if p.status != "" && p.status != reviewInProgress && !p.changed() {
		c.Status, c.Execution = setFailed, unavailable
		c.Reason = "The submitted information didn't contain changes. Submit different information to create a change set."
	}
	s.mu.Lock()
	if err := s.free(st, c.Name, fresh); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	text, name := s.keepTemplate(p.body)
	c.Config.Template = name
	s.changeSets[c.ID] = c
	documents := []queue.Document{text, c.document()}
	if fresh {
		s.stacks[st.ID], s.byName[st.Name] = st, st
		documents = append(documents, s.entered(st, reviewInProgress, "User Initiated")...)
	}
	s.mu.Unlock()
	return &CreateChangeSetOutput{c.ID, st.ID}, s.keep(documents...)
}

// free refuses a name that another change set, or in the meantime another stack, has. The caller holds mu.
func (s *Service) free(st *stack, name string, fresh bool) error {
	if fresh && s.byName[st.Name] != nil {
		return alreadyExists("Stack [%s] already exists", st.Name)
	}
	for _, c := range s.changeSets {
		if c.StackID == st.ID && c.Name == name {
			return alreadyExists("ChangeSet %s already exists", c.ID)
		}
	}
	return nil
}

// target returns the stack that a change set is for, a new one where it says so.
func (s *Service) target(ctx context.Context, in *CreateChangeSetInput) (st *stack, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st = s.find(in.StackName)
	if st != nil && st.Status == deleteComplete {
		st = nil
	}
	switch in.ChangeSetType {
	case "CREATE":
		if st != nil && st.Status != reviewInProgress {
			return nil, false, invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", in.StackName, in.ChangeSetName)
		}
		if st != nil {
			return st, false, nil
		}
		if err := checkName(in.StackName); err != nil {
			return nil, false, err
		}
		return newStack(ctx, in.StackName), true, nil
	case "", "UPDATE":
		if st == nil {
			return nil, false, invalid("Stack [%s] does not exist", in.StackName)
		}
		return st, false, s.updatable(st)
	}
	return nil, false, invalid("1 validation error detected: Value '%s' at 'changeSetType' failed to satisfy constraint: Member must satisfy enum value set: [IMPORT, CREATE, UPDATE]", in.ChangeSetType)
}

func newStack(ctx context.Context, name string) *stack {
	region := awsapi.RequestFrom(ctx).Region
	return &stack{resources: map[string]*resource{}, stackState: stackState{ID: newStackID(region, name), Name: name, Region: region, Created: now()}}
}

// updatable refuses to update a stack whose state does not allow it. The caller holds mu.
func (s *Service) updatable(st *stack) error {
	switch st.Status {
	case createComplete, updateComplete, updateRollbackComplete, createFailed, updateFailed:
		return nil
	}
	return invalid("Stack:%s is in %s state and can not be updated.", st.ID, st.Status)
}

// propose reads what a stack is to become.
func (s *Service) propose(ctx context.Context, st *stack, from source, in *Settings) (*proposal, error) {
	body, err := s.body(ctx, from, st)
	if err != nil {
		return nil, refused(err)
	}
	s.mu.Lock()
	before, status := st.Config, st.Status
	s.mu.Unlock()
	given, err := in.given(before.Given)
	if err != nil {
		return nil, err
	}
	p := &proposal{
		st: st, before: before, status: status, body: body,
		config: configuration{Tags: in.tags(), Capabilities: in.Capabilities, RoleARN: in.RoleARN},
	}
	if p.config.RoleARN == "" {
		p.config.RoleARN = before.RoleARN
	}
	if in.Tags == nil {
		p.config.Tags = before.Tags
	}
	if err := s.complete(ctx, p, given); err != nil {
		return nil, refused(err)
	}
	if err := checkLimits(p.t); err != nil {
		return nil, err
	}
	return p, capabilities(p)
}

// changed says that the proposal is not what the stack is.
func (p *proposal) changed() bool {
	return len(p.changes) > 0 || p.outputs || p.status == createFailed || p.status == updateFailed || !slices.Equal(p.config.Tags, p.before.Tags)
}

// ChangeSetReference says which change set is meant.
type ChangeSetReference struct{ StackName, ChangeSetName string }

// changeSet returns the change set that is meant. The caller holds mu.
func (s *Service) changeSet(in ChangeSetReference) (*changeSet, *stack, error) {
	if c := s.changeSets[in.ChangeSetName]; c != nil {
		return c, s.stacks[c.StackID], nil
	}
	st := s.find(in.StackName)
	if st == nil {
		if strings.HasPrefix(in.ChangeSetName, "arn:") {
			return nil, nil, noChangeSet(in.ChangeSetName)
		}
		return nil, nil, invalid("Stack [%s] does not exist", in.StackName)
	}
	for _, c := range s.changeSets {
		if c.StackID == st.ID && c.Name == in.ChangeSetName {
			return c, st, nil
		}
	}
	return nil, st, noChangeSet(in.ChangeSetName)
}

// DescribeChangeSetInput is the input of DescribeChangeSet.
type DescribeChangeSetInput struct {
	ChangeSetReference
	NextToken             string
	IncludePropertyValues bool
}

// DescribeChangeSetOutput is the output of DescribeChangeSet.
type DescribeChangeSetOutput struct {
	ChangeSetName   string
	ChangeSetID     string `json:"ChangeSetId"`
	StackID         string `json:"StackId"`
	StackName       string
	Description     string
	Parameters      []Parameter
	CreationTime    string
	ExecutionStatus string
	Status          string
	StatusReason    string
	Capabilities    []string
	Tags            []Tag
	Changes         []Change
	IncludeNested   bool `json:"IncludeNestedStacks"`
}

// DescribeChangeSet returns what a change set changes.
func (s *Service) DescribeChangeSet(_ context.Context, in *DescribeChangeSetInput) (*DescribeChangeSetOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, st, err := s.changeSet(in.ChangeSetReference)
	if err != nil {
		return nil, err
	}
	out := &DescribeChangeSetOutput{
		ChangeSetName: c.Name, ChangeSetID: c.ID, StackID: st.ID, StackName: st.Name, Description: c.Description, Parameters: c.Config.parameters(),
		CreationTime: stamp(c.Created), ExecutionStatus: c.Execution, Status: c.Status, StatusReason: c.Reason,
		Capabilities: c.Config.Capabilities, Tags: c.Config.tags(), Changes: slices.Clone(c.Changes), IncludeNested: c.Nested,
	}
	if !in.IncludePropertyValues {
		for i := range out.Changes {
			out.Changes[i].ResourceChange.BeforeContext, out.Changes[i].ResourceChange.AfterContext = "", ""
		}
	}
	return out, nil
}

// Nothing is the output of actions that return nothing.
type Nothing struct{}

// Empty is the output of actions that return a result with nothing in it, for which clients wait.
type Empty struct{ None *string }

// DeleteChangeSet forgets a change set. One that is not there is no error.
func (s *Service) DeleteChangeSet(_ context.Context, in *ChangeSetReference) (*Empty, error) {
	s.mu.Lock()
	c, st, err := s.changeSet(*in)
	if c == nil {
		s.mu.Unlock()
		if st != nil || strings.HasPrefix(in.ChangeSetName, "arn:") {
			return &Empty{}, nil
		}
		return nil, err
	}
	if c.Execution == executeInProgress {
		s.mu.Unlock()
		return nil, awsapi.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in %s status", c.ID, c.Execution)
	}
	delete(s.changeSets, c.ID)
	s.mu.Unlock()
	return &Empty{}, s.keep(queue.Document{Kind: kindChangeSet, Name: c.ID})
}

// ListChangeSetsInput is the input of ListChangeSets.
type ListChangeSetsInput struct{ StackName, NextToken string }

// ListChangeSetsOutput is the output of ListChangeSets.
type ListChangeSetsOutput struct{ Summaries []ChangeSetSummary }

// A ChangeSetSummary is a change set in a list.
type ChangeSetSummary struct {
	StackID         string `json:"StackId"`
	StackName       string
	ChangeSetID     string `json:"ChangeSetId"`
	ChangeSetName   string
	ExecutionStatus string
	Status          string
	StatusReason    string
	CreationTime    string
	Description     string
}

// ListChangeSets returns the change sets of a stack.
func (s *Service) ListChangeSets(_ context.Context, in *ListChangeSetsInput) (*ListChangeSetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if st == nil {
		return nil, noStack(in.StackName)
	}
	out := &ListChangeSetsOutput{}
	for _, id := range sortedKeys(s.changeSets) {
		if c := s.changeSets[id]; c.StackID == st.ID {
			out.Summaries = append(out.Summaries, ChangeSetSummary{st.ID, st.Name, c.ID, c.Name, c.Execution, c.Status, c.Reason, stamp(c.Created), c.Description})
		}
	}
	return out, nil
}

// ExecuteChangeSetInput is the input of ExecuteChangeSet.
type ExecuteChangeSetInput struct {
	ChangeSetReference
	ClientRequestToken string
	DisableRollback    bool
}

// ExecuteChangeSet begins to make a stack what a change set says.
func (s *Service) ExecuteChangeSet(ctx context.Context, in *ExecuteChangeSetInput) (*Empty, error) {
	s.mu.Lock()
	c, st, err := s.changeSet(in.ChangeSetReference)
	if err == nil && c.Execution != available {
		err = awsapi.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", c.ID, c.Status)
	}
	if err == nil && st.Status != reviewInProgress {
		err = s.updatable(st)
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	p := &proposal{st: st, body: s.templates[c.Config.Template], config: c.Config}
	documents := []queue.Document{s.adopt(st, p)}
	st.ChangeSetID, st.Token = c.ID, in.ClientRequestToken
	st.DisableRollback, st.DeleteOnFailure = in.DisableRollback || c.OnFailure == "DO_NOTHING", c.OnFailure == "DELETE"
	c.Execution = executeInProgress
	documents = append(documents, c.document())
	for id, other := range s.changeSets {
		if other.StackID == st.ID && other != c {
			delete(s.changeSets, id)
			documents = append(documents, queue.Document{Kind: kindChangeSet, Name: id})
		}
	}
	s.mu.Unlock()
	return &Empty{}, s.launch(st, documents...)
}

// launch begins to create or update a stack that has its new configuration, which documents are a part of.
func (s *Service) launch(st *stack, documents ...queue.Document) error {
	s.mu.Lock()
	status, run := updateInProgress, s.update
	if st.Status == reviewInProgress || st.Status == "" {
		status, run = createInProgress, s.create
	} else {
		st.Updated = now()
	}
	documents = append(documents, s.entered(st, status, "User Initiated")...)
	s.mu.Unlock()
	if err := s.keep(documents...); err != nil {
		return err
	}
	return s.begin(func(ctx context.Context) error {
		if err := run(ctx, st); err != nil {
			return err
		}
		return s.executed(st)
	})
}

// executed says of the change set that st was made by, if one was, that it is not being executed any more.
func (s *Service) executed(st *stack) error {
	s.mu.Lock()
	c := s.changeSets[st.ChangeSetID]
	if c == nil || c.Execution != executeInProgress {
		s.mu.Unlock()
		return nil
	}
	c.Execution = executeComplete
	if st.Status != createComplete && st.Status != updateComplete {
		c.Execution = executeFailed
	}
	d := c.document()
	s.mu.Unlock()
	return s.keep(d)
}
