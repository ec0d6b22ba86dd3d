// Package stacks finds what is deployed, reads what is in it, and deletes it, by
// what CloudFormation says alone: the project need not be there. A deployment is the
// stacks that have its name in their tag.
package stacks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// A Deployment is a project under a name, as CloudFormation knows it.
type Deployment struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	// Updated is when its last update began; that of the creation where there was none.
	Updated time.Time `json:"updated"`
	// Status is CloudFormation's word, of the stack that is worst where there are several.
	Status string `json:"status"`
	// Reason is what CloudFormation says about the status.
	Reason string `json:"reason,omitempty"`

	stacks []types.Stack // those that are not nested, by name
}

// List finds the deployments at a place, by name.
func List(ctx context.Context, t *target.Target) ([]Deployment, error) {
	groups := map[string][]types.Stack{}
	pages := cloudformation.NewDescribeStacksPaginator(t.CloudFormation(), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, t.Explain(err)
		}
		for _, s := range page.Stacks {
			if name := tag(s, plan.AppTag); name != "" && s.ParentId == nil && s.StackStatus != types.StackStatusDeleteComplete {
				groups[name] = append(groups[name], s)
			}
		}
	}
	out := make([]Deployment, 0, len(groups))
	for name, stacks := range groups {
		out = append(out, newDeployment(name, roots(stacks)))
	}
	slices.SortFunc(out, func(a, b Deployment) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// roots leaves out stacks that another one has made: nested ones have its tags, and
// its name before theirs. Not every emulator says of a nested stack whose it is.
func roots(stacks []types.Stack) []types.Stack {
	slices.SortFunc(stacks, func(a, b types.Stack) int { return strings.Compare(*a.StackName, *b.StackName) })
	return slices.DeleteFunc(slices.Clone(stacks), func(s types.Stack) bool {
		return slices.ContainsFunc(stacks, func(parent types.Stack) bool { return nestedIn(*s.StackName, *parent.StackName) })
	})
}

// nestedIn says whether a stack's name is what CloudFormation calls a nested one:
// its parent's name, its logical id, which has no dash, and 12 or 13 letters and digits.
func nestedIn(name, parent string) bool {
	rest, found := strings.CutPrefix(name, parent+"-")
	if !found {
		return false
	}
	logical, random, found := strings.Cut(rest, "-")
	return found && strings.Contains(logical, "NestedStack") && !strings.Contains(random, "-")
}

func newDeployment(name string, stacks []types.Stack) Deployment {
	d := Deployment{Name: name, stacks: stacks}
	for i, s := range stacks {
		created := aws.ToTime(s.CreationTime)
		updated := created
		if s.LastUpdatedTime != nil {
			updated = *s.LastUpdatedTime
		}
		if i == 0 || created.Before(d.Created) {
			d.Created = created
		}
		if updated.After(d.Updated) {
			d.Updated = updated
		}
		if i == 0 || severity(s.StackStatus) > severity(types.StackStatus(d.Status)) {
			d.Status, d.Reason = string(s.StackStatus), aws.ToString(s.StackStatusReason)
		}
	}
	return d
}

// severity is how much a status wants attention: failed, rolled back, at work, done.
func severity(s types.StackStatus) int {
	switch text := string(s); {
	case strings.HasSuffix(text, "_FAILED"):
		return 3
	case strings.HasSuffix(text, "_IN_PROGRESS"):
		return 2
	case strings.Contains(text, "ROLLBACK"):
		return 1
	}
	return 0
}

func tag(s types.Stack, key string) string {
	for _, t := range s.Tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// A NotFoundError is a deployment that is not there.
type NotFoundError struct {
	Name, Place string
	Others      []string
}

// Error tells which ones are.
func (e *NotFoundError) Error() string {
	if len(e.Others) == 0 {
		return fmt.Sprintf("%s has no deployment %s, nor any other. 'less-cli deploy %[2]s' makes it; --region, --profile and --endpoint name another place", e.Place, e.Name)
	}
	return fmt.Sprintf("%s has no deployment %s. %sThere is %s. Name another place with --region, --profile or --endpoint", e.Place, e.Name,
		near.Hint(e.Name, e.Others), strings.Join(e.Others, ", "))
}

// Find returns the deployment with a name.
func Find(ctx context.Context, t *target.Target, name string) (Deployment, error) {
	all, err := List(ctx, t)
	if err != nil {
		return Deployment{}, err
	}
	missing := &NotFoundError{Name: name, Place: t.Name}
	for _, d := range all {
		if d.Name == name {
			return d, nil
		}
		missing.Others = append(missing.Others, d.Name)
	}
	return Deployment{}, missing
}

// Protected are the names of the stacks that refuse to be deleted.
func (d Deployment) Protected() []string {
	var out []string
	for _, s := range d.stacks {
		if aws.ToBool(s.EnableTerminationProtection) {
			out = append(out, *s.StackName)
		}
	}
	return out
}

// Stacks are the names of its stacks that are not nested, in the order in which
// they can be deleted: what is needed by another one goes after it.
func (d Deployment) Stacks() []string {
	stacks := d.inOrder()
	names := make([]string, len(stacks))
	for i, s := range stacks {
		names[i] = *s.StackName
	}
	return names
}

func (d Deployment) inOrder() []types.Stack {
	// The subscribers of a topic may be in stacks of their own, which need the topic's;
	// so may the functions of an API, whose gateway needs them. Of each folder's stacks,
	// the one with the shortest name has the topic or the gateway.
	shortest := map[string]string{}
	for _, s := range d.stacks {
		of := aws.ToString(s.Description)
		if name, found := shortest[of]; !found || len(*s.StackName) < len(name) {
			shortest[of] = *s.StackName
		}
	}
	const first, then, last = 0, 1, 2
	order := func(s types.Stack) int {
		of := aws.ToString(s.Description)
		main := shortest[of] == *s.StackName
		switch {
		case !strings.HasPrefix(of, "less/"):
			return last // the root, by which the deployment is known until the end
		case strings.HasPrefix(of, "less/topics/") == main:
			return then
		}
		return first
	}
	out := slices.Clone(d.stacks)
	slices.SortStableFunc(out, func(a, b types.Stack) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), strings.Compare(*a.StackName, *b.StackName))
	})
	return out
}
