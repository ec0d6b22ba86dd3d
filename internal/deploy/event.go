package deploy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/console"
)

// An Event is what CloudFormation tells of a resource.
type Event struct {
	Stack     string
	Status    string // CREATE_COMPLETE
	Type      string // AWS::Lambda::Function
	LogicalID string
	Reason    string
	// Done is how many of All resources have come to their end; All is 0 where that is
	// not known.
	Done, All int
	// Folder is the folder under less/ that the resource belongs to; "" for none.
	Folder string
}

// eventLine is how the CDK writes an event:
//
//	food-dev |  3/41 | 1:45:03 PM | CREATE_FAILED        | AWS::SQS::Queue | topics/paid/Queue (Queue4A7E3555) Queue already exists
//
// The counts are not there in the summary of failures, and All is not where it is unknown.
var eventLine = regexp.MustCompile(`^(\S+) \| +(?:(\d+)(?:/(\d+))? +\| )?([^|]*\d:\d[^|]*) \| ([A-Z_]+)(?: \(skipped\))? *\| ([A-Za-z0-9]+(?:::[A-Za-z0-9@_-]+)+) *\| (\S+)(?: \(([A-Za-z0-9]+)\))? ?(.*)$`)

// parseEvent reads a line of the CDK's. ok is false for one that tells no event.
func parseEvent(line string) (e Event, ok bool) {
	m := eventLine.FindStringSubmatch(console.Clean(line))
	if m == nil {
		return Event{}, false
	}
	e = Event{Stack: m[1], Status: m[5], Type: m[6], LogicalID: m[8], Reason: strings.TrimSpace(m[9])}
	if e.LogicalID == "" {
		e.LogicalID = m[7]
	}
	e.Done, _ = strconv.Atoi(m[2]) // digits, or nothing
	e.All, _ = strconv.Atoi(m[3])
	return e, true
}

// isStack says whether the resource is a stack, whose failures are those of something in it.
func (e Event) isStack() bool { return e.Type == "AWS::CloudFormation::Stack" }

// isCause says whether the event tells why a deployment fails: not what was given up
// because of it.
func (e Event) isCause() bool {
	return strings.HasSuffix(e.Status, "_FAILED") && !e.isStack() && !strings.Contains(e.Reason, "cancelled")
}

// addFailure adds e to all, where it is not told twice: the CDK tells failures when
// they happen and again at the end.
func addFailure(all []Event, e Event) []Event {
	if slices.ContainsFunc(all, func(other Event) bool { return other.Stack == e.Stack && other.LogicalID == e.LogicalID }) {
		return all
	}
	return append(all, e)
}

// verbs are the beginnings of statuses, in words for what could not be done.
var verbs = map[string]string{"CREATE": "created", "UPDATE": "updated", "DELETE": "deleted", "IMPORT": "imported"}

// Failure is what a failed event says to people.
func (e Event) Failure() string {
	action, _, _ := strings.Cut(e.Status, "_")
	verb, found := verbs[action]
	if !found {
		verb = "changed"
	}
	place := e.Stack
	if e.Folder != "" {
		place = "less/" + e.Folder
	}
	return fmt.Sprintf("%s: the %s %s could not be %s: %s", place, e.Type, e.LogicalID, verb, e.Reason)
}

// RollingBack says whether the event is that a stack which is not nested is undone.
func (e Event) RollingBack() bool {
	return e.isStack() && e.LogicalID == e.Stack && strings.HasSuffix(e.Status, "ROLLBACK_IN_PROGRESS")
}

// parts are the types of resources by which people know what has changed.
var parts = []string{
	"AWS::Lambda::Function", "AWS::SNS::Topic", "AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi", "AWS::Events::Rule",
}

// Change is what of the tree has changed, for an event that tells so: "created less/topics/paid".
func (e Event) Change() (string, bool) {
	action, rest, _ := strings.Cut(e.Status, "_")
	if rest != "COMPLETE" || e.Folder == "" || verbs[action] == "" || !slices.Contains(parts, e.Type) {
		return "", false
	}
	return verbs[action] + " less/" + e.Folder, true
}
