package stacks

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// Resources are what a deployment has, as people think of it. Lists are sorted.
type Resources struct {
	Name string `json:"name"`
	APIs []API  `json:"apis"`
	// TopicsAPI is the URL by which other systems publish, "" for none.
	TopicsAPI string   `json:"topics_api,omitempty"`
	Topics    []Topic  `json:"topics"`
	Functions []string `json:"functions"` // identities
	Crons     []Cron   `json:"crons"`
	// Kept are the queues and log groups that stay when it is deleted.
	Kept []string `json:"kept,omitempty"`
}

// An API is what a folder of less/apis has become.
type API struct {
	Name string `json:"name"`
	// ID is API Gateway's.
	ID string `json:"id"`
	// URL is "" where the stack does not tell it, as in some emulators.
	URL string `json:"url"`
}

// A Topic is what a folder of less/topics has become.
type Topic struct {
	Name        string       `json:"name"`
	Resource    string       `json:"resource"`
	Subscribers []Subscriber `json:"subscribers"`
}

// A Subscriber is a function with its queues.
type Subscriber struct {
	Function        string `json:"function"` // identity
	Queue           string `json:"queue"`
	DeadLetterQueue string `json:"dead_letter_queue"`
	// DeadLetters is about how many there are; nil where the queue does not tell.
	DeadLetters *int `json:"dead_letters"`

	url string // of the dead-letter queue
}

// A Cron is what a folder of less/crons has become.
type Cron struct {
	Name     string `json:"name"`
	Schedule string `json:"schedule"`
}

// atOnce is how many requests are made side by side: CloudFormation takes few.
const atOnce = 4

// Read finds what d has.
func Read(ctx context.Context, t *target.Target, d Deployment) (Resources, error) {
	r := &reader{target: t}
	urls := map[string]string{} // of APIs, by name
	ops := ""                   // the topic of alarms, which is no folder's
	topicsAPI := ""
	var ids []string
	for _, s := range d.stacks {
		ids = append(ids, aws.ToString(s.StackId))
		for _, o := range s.Outputs {
			if name, found := strings.CutPrefix(aws.ToString(o.Description), plan.APIOutput); found {
				urls[name] = aws.ToString(o.OutputValue)
			}
			switch aws.ToString(o.Description) {
			case plan.TopicsAPIOutput:
				topicsAPI = aws.ToString(o.OutputValue)
			case plan.OpsOutput:
				arn := aws.ToString(o.OutputValue)
				ops = arn[strings.LastIndexByte(arn, ':')+1:]
			}
		}
	}
	stacks, err := r.stacks(ctx, ids)
	if err != nil {
		return Resources{}, err
	}
	out := resources(d.Name, urls, stacks)
	out.TopicsAPI = topicsAPI
	out.Topics = slices.DeleteFunc(out.Topics, func(t Topic) bool { return t.Resource != "" && t.Resource == ops })
	return out, r.count(ctx, out)
}

// A stack is the template of one, and what its resources are called on AWS.
type stack struct {
	template
	physical map[string]string // by logical id
	nested   []string          // the ids of those in it
}

// reader asks about a deployment.
type reader struct {
	target *target.Target
}

// stacks reads the stacks with ids, and those that are in them.
func (r *reader) stacks(ctx context.Context, ids []string) ([]stack, error) {
	read := make([]stack, len(ids))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			read[i], err = r.stack(inner, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var below []string
	for _, s := range read {
		below = append(below, s.nested...)
	}
	if len(below) == 0 {
		return read, nil
	}
	nested, err := r.stacks(ctx, below)
	return append(read, nested...), err
}

func (r *reader) stack(ctx context.Context, id string) (stack, error) {
	out, err := r.target.CloudFormation().GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: aws.String(id)})
	if err != nil {
		return stack{}, r.target.Explain(err)
	}
	t, err := parseTemplate(aws.ToString(out.TemplateBody))
	if err != nil {
		return stack{}, fmt.Errorf("stack %s: %w", id, err)
	}
	s := stack{template: t, physical: map[string]string{}}
	all, err := stackResources(ctx, r.target, id)
	for _, one := range all {
		s.physical[aws.ToString(one.LogicalResourceId)] = aws.ToString(one.PhysicalResourceId)
		if isNested(one) {
			s.nested = append(s.nested, aws.ToString(one.PhysicalResourceId))
		}
	}
	return s, r.target.Explain(err)
}

// stackResources are the resources of a stack as they are now.
func stackResources(ctx context.Context, t *target.Target, id string) ([]types.StackResourceSummary, error) {
	var out []types.StackResourceSummary
	pages := cloudformation.NewListStackResourcesPaginator(t.CloudFormation(), &cloudformation.ListStackResourcesInput{StackName: aws.String(id)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.StackResourceSummaries...)
	}
	return out, nil
}

// isNested says whether a resource is a stack that is there.
func isNested(r types.StackResourceSummary) bool {
	return aws.ToString(r.ResourceType) == "AWS::CloudFormation::Stack" && aws.ToString(r.PhysicalResourceId) != "" &&
		r.ResourceStatus != types.ResourceStatusDeleteComplete
}

// resources puts together what the templates tell.
func resources(name string, urls map[string]string, stacks []stack) Resources {
	out := Resources{Name: name, APIs: []API{}, Topics: []Topic{}, Functions: []string{}, Crons: []Cron{}}
	topics := map[string]*Topic{}
	topic := func(name string) *Topic {
		if topics[name] == nil {
			topics[name] = &Topic{Name: name, Subscribers: []Subscriber{}}
		}
		return topics[name]
	}
	for _, s := range stacks {
		out.Kept = append(out.Kept, s.kept()...)
		for id, r := range s.Resources {
			p := r.Properties
			of := folder(p.Description)
			switch r.Type {
			case "AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi":
				if api, found := strings.CutPrefix(of, "apis/"); found {
					out.APIs = append(out.APIs, API{Name: api, ID: s.physical[id], URL: urls[api]})
				}
			case "AWS::SNS::Topic":
				resource := text(p.TopicName)
				if short, found := strings.CutPrefix(resource, name+"-"); found {
					topic(short).Resource = resource
				}
			case "AWS::Lambda::Function":
				if function := r.function(); function != "" {
					out.Functions = append(out.Functions, function)
				}
			case "AWS::Events::Rule":
				if cron, found := strings.CutPrefix(of, "crons/"); found {
					out.Crons = append(out.Crons, Cron{Name: cron, Schedule: text(p.ScheduleExpression)})
				}
			case "AWS::Lambda::EventSourceMapping":
				if sub, found := s.subscriber(r); found {
					t := topic(strings.TrimPrefix(path.Dir(sub.Function), "topics/"))
					t.Subscribers = append(t.Subscribers, sub)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(topics)) {
		t := topics[name]
		slices.SortFunc(t.Subscribers, func(a, b Subscriber) int { return strings.Compare(a.Function, b.Function) })
		out.Topics = append(out.Topics, *t)
	}
	slices.SortFunc(out.APIs, func(a, b API) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Crons, func(a, b Cron) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(out.Functions)
	slices.Sort(out.Kept)
	return out
}

// subscriber is the one whose event source mapping r is.
func (s stack) subscriber(r resource) (Subscriber, bool) {
	queue := s.Resources[refers(r.Properties.EventSourceArn)]
	id := s.Resources[refers(r.Properties.FunctionName)].function()
	if id == "" || queue.Type != "AWS::SQS::Queue" {
		return Subscriber{}, false // the project's own
	}
	dead := queue.deadLetters()
	return Subscriber{
		Function: id, Queue: text(queue.Properties.QueueName),
		DeadLetterQueue: text(s.Resources[dead].Properties.QueueName), url: s.physical[dead],
	}, true
}
