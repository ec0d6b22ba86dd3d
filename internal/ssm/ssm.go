// Package ssm is Systems Manager's Parameter Store: parameters with their versions, of
// the types String and StringList. The CDK's command keeps there which version of its
// bootstrap stack there is.
package ssm

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/shelf"
)

// A Service is the Parameter Store. Its methods are its actions; they may be called at
// the same time.
type Service struct{ parameters *shelf.Shelf[parameter] }

// A parameter is what the store keeps of one.
type parameter struct {
	Name, Type, DataType, Tier string
	AllowedPattern             string `json:",omitempty"`
	// Versions are the latest, the current one last.
	Versions []version
	Tags     map[string]string `json:",omitempty"`
}

type version struct {
	Number      int64
	Value       string
	Description string `json:",omitempty"`
	Modified    time.Time
}

func (p parameter) current() version { return p.Versions[len(p.Versions)-1] }

// Open returns the Parameter Store with what store has.
func Open(ctx context.Context, store shelf.Store) (*Service, error) {
	parameters, err := shelf.Open[parameter](ctx, store, "ssm parameter")
	if err != nil {
		return nil, err
	}
	return &Service{parameters}, nil
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:   "ssm",
		Target: "AmazonSSM",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "AccessDeniedException", Message: d.Sentence("ssm:" + d.Action)}
		},
	}
	awsapi.Register(api, "AddTagsToResource", s.AddTagsToResource)
	awsapi.Register(api, "DeleteParameter", s.DeleteParameter)
	awsapi.Register(api, "DeleteParameters", s.DeleteParameters)
	awsapi.Register(api, "DescribeParameters", s.DescribeParameters)
	awsapi.Register(api, "GetParameter", s.GetParameter)
	awsapi.Register(api, "GetParameterHistory", s.GetParameterHistory)
	awsapi.Register(api, "GetParameters", s.GetParameters)
	awsapi.Register(api, "GetParametersByPath", s.GetParametersByPath)
	awsapi.Register(api, "ListTagsForResource", s.ListTagsForResource)
	awsapi.Register(api, "PutParameter", s.PutParameter)
	awsapi.Register(api, "RemoveTagsFromResource", s.RemoveTagsFromResource)
	return api
}

// Empty is the output of an action that returns nothing.
type Empty struct{}

func arn(region, name string) string {
	return awsapi.LocalARN("ssm", region, "parameter/"+strings.TrimPrefix(name, "/"))
}

// nameOf is the name of a parameter that may be given by its ARN. As in AWS's ARNs one
// without a path has no slash before it.
func nameOf(text string) string {
	a, err := awsapi.ParseARN(text)
	if err != nil || a.Service != "ssm" {
		return text
	}
	name := strings.TrimPrefix(a.Resource, "parameter/")
	if strings.Contains(name, "/") {
		name = "/" + name
	}
	return name
}

// find returns a parameter and the version of it that a text selects: its name, or its
// name, a colon and the version's number.
func (s *Service) find(text string) (p parameter, v version, selector string, err error) {
	name, number, selected := cutSelector(nameOf(text))
	p, found := s.parameters.Get(name)
	if !found {
		return p, v, "", notFound(name)
	}
	if !selected {
		return p, p.current(), "", nil
	}
	i := slices.IndexFunc(p.Versions, func(v version) bool { return strconv.FormatInt(v.Number, 10) == number })
	if i < 0 { // labels, which a selector may be too, nobody can set here
		return p, v, "", awsapi.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", number, name)
	}
	return p, p.Versions[i], ":" + number, nil
}

func cutSelector(text string) (name, selector string, selected bool) { return strings.Cut(text, ":") }

// notFound is the error of a parameter that is not there. The code is AWS's; its message was not seen.
func notFound(name string) *awsapi.Error {
	return awsapi.Errorf("ParameterNotFound", "Parameter %s not found.", name)
}

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ValidationException", format, args...)
}

// A Tag is a tag of a parameter.
type Tag struct{ Key, Value string }

// A Parameter is what is told of one.
type Parameter struct {
	Name, Type, Value string
	Version           int64
	Selector          string  `json:",omitempty"`
	LastModifiedDate  float64 // s since 1970
	ARN               string
	DataType          string
}

func (p parameter) describe(region string, v version, selector string) Parameter {
	return Parameter{p.Name, p.Type, v.Value, v.Number, selector, seconds(v.Modified), arn(region, p.Name), p.DataType}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
