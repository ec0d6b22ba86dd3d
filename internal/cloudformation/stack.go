package cloudformation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/queue"
)

const stackType = "AWS::CloudFormation::Stack"

// The states of stacks and resources.
const (
	reviewInProgress         = "REVIEW_IN_PROGRESS"
	createInProgress         = "CREATE_IN_PROGRESS"
	createComplete           = "CREATE_COMPLETE"
	createFailed             = "CREATE_FAILED"
	rollbackInProgress       = "ROLLBACK_IN_PROGRESS"
	rollbackComplete         = "ROLLBACK_COMPLETE"
	rollbackFailed           = "ROLLBACK_FAILED"
	updateInProgress         = "UPDATE_IN_PROGRESS"
	updateCleanup            = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	updateComplete           = "UPDATE_COMPLETE"
	updateFailed             = "UPDATE_FAILED"
	updateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS"
	updateRollbackCleanup    = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
	updateRollbackComplete   = "UPDATE_ROLLBACK_COMPLETE"
	updateRollbackFailed     = "UPDATE_ROLLBACK_FAILED"
	deleteInProgress         = "DELETE_IN_PROGRESS"
	deleteComplete           = "DELETE_COMPLETE"
	deleteFailed             = "DELETE_FAILED"
	deleteSkipped            = "DELETE_SKIPPED"
)

// inProgress says that an operation is needed to leave the status.
func inProgress(status string) bool {
	return strings.HasSuffix(status, "_IN_PROGRESS") && status != reviewInProgress
}

// A stack is a stack as it is kept in memory. The service's mu guards it.
type stack struct {
	stackState
	resources map[string]*resource
	// events are in the order in which they happened.
	events []event
	// cancel ends the update that runs, which is then rolled back; nil where none does.
	cancel func()
}

// A configuration is what a stack is made from.
type configuration struct {
	// Template is the name of the template's document.
	Template string
	// Given are the values of parameters as they were given, by name.
	Given map[string]string
	// Looked are those that Given names in the Parameter Store.
	Looked map[string]string `json:",omitempty"`
	// Hidden are the parameters whose values are not shown.
	Hidden       []string `json:",omitempty"`
	Tags         []provider.Tag
	Capabilities []string
	RoleARN      string
	Description  string
	// Outputs and Imports are what has come of it.
	Outputs []output
	Imports []string
}

// An output is an output with its value.
type output struct {
	Name, Value, Description, Export string
}

// stackState is what is written of a stack.
type stackState struct {
	ID, Name, Region string
	// ParentID and RootID are a nested stack's.
	ParentID, RootID string `json:",omitempty"`
	Status, Reason   string
	Config           configuration
	Previous         *configuration `json:",omitempty"` // what to go back to
	ChangeSetID      string         `json:",omitempty"`
	Protected        bool
	DisableRollback  bool
	DeleteOnFailure  bool `json:",omitempty"`
	Token            string
	Retain           []string `json:",omitempty"` // by the caller of DeleteStack
	Created, Updated time.Time
	Deleted          time.Time
}

func newStackID(region, name string) string {
	return awsapi.LocalARN("cloudformation", region, "stack/"+name+"/"+uuid.NewString())
}

func (st *stack) document() queue.Document {
	return queue.Document{Kind: kindStack, Name: st.ID, Value: encode(st.stackState)}
}

// An event is a step of an operation, as it is told.
type event struct {
	ID, LogicalID, PhysicalID, Type, Status, Reason, Token string
	Time                                                   time.Time
}

// add notes an event and returns its document. The caller holds mu.
func (st *stack) add(e event) queue.Document {
	e.Time, e.Token = now(), st.Token
	// Clients sort events by their times.
	if n := len(st.events); n > 0 && !e.Time.After(st.events[n-1].Time) {
		e.Time = st.events[n-1].Time.Add(time.Millisecond)
	}
	e.ID = e.LogicalID + "-" + e.Status + "-" + stamp(e.Time)
	if e.PhysicalID == st.ID {
		e.ID = uuid.NewString()
	}
	st.events = append(st.events, e)
	return queue.Document{Kind: kindEvent, Name: fmt.Sprintf("%s/%08d", st.ID, len(st.events)), Value: encode(e)}
}

// now has the precision that AWS tells times with.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// stamp writes a time as the service does.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// enter gives the stack another status and tells it, with what change does to it.
func (s *Service) enter(st *stack, status, reason string, change func(), more ...queue.Document) error {
	s.mu.Lock()
	if change != nil {
		change()
	}
	documents := append(more, s.entered(st, status, reason)...)
	s.mu.Unlock()
	return s.keep(documents...)
}

// entered is enter for those who hold mu and write the documents themselves.
func (s *Service) entered(st *stack, status, reason string) []queue.Document {
	st.Status, st.Reason = status, reason
	if status == deleteComplete {
		st.Deleted = now()
		if s.byName[st.Name] == st {
			delete(s.byName, st.Name)
		}
	}
	e := st.add(event{LogicalID: st.Name, PhysicalID: st.ID, Type: stackType, Status: status, Reason: reason})
	return []queue.Document{st.document(), e}
}

// find returns the stack that a name or an ID means. A name means no deleted one. The caller holds mu.
func (s *Service) find(nameOrID string) *stack {
	if st := s.stacks[nameOrID]; st != nil {
		return st
	}
	if st := s.byName[nameOrID]; st != nil {
		return st
	}
	for _, st := range s.stacks { // a nested one
		if st.Name == nameOrID && st.Status != deleteComplete {
			return st
		}
	}
	return nil
}

// sortedResources are in the order of their names. The caller holds mu.
func (st *stack) sortedResources() []*resource {
	all := make([]*resource, 0, len(st.resources))
	for _, r := range st.resources {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *resource) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return all
}
