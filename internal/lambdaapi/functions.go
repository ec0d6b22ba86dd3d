package lambdaapi

import (
	"context"
	"encoding/base64"
	"strings"
)

// GetFunctionInput is the input of GetFunction and GetFunctionConfiguration.
type GetFunctionInput struct {
	Reference
}

// GetFunctionOutput is the output of GetFunction.
type GetFunctionOutput struct {
	Configuration *Configuration
	Code          CodeLocation
	Tags          map[string]string `json:",omitempty"`
}

// CodeLocation says where a function's code is.
type CodeLocation struct {
	RepositoryType string
	// Location is the URL of the archive, or of the executable of a function of the plan.
	Location string
}

// GetFunction returns what there is to know about a function.
func (s *Service) GetFunction(ctx context.Context, in *GetFunctionInput) (*GetFunctionOutput, error) {
	f, qualifier, err := s.find(ctx, in.Reference)
	if err != nil {
		return nil, err
	}
	c, err := s.configuration(ctx, f, qualifier)
	if err != nil {
		return nil, err
	}
	out := &GetFunctionOutput{Configuration: c, Code: CodeLocation{RepositoryType: "S3", Location: fileURL(f.Binary)}}
	if d := f.Deployment; d != nil {
		out.Code.Location = fileURL(s.deployer.Zip(d.Code))
		out.Tags = d.Tags
	}
	return out, nil
}

// GetFunctionConfiguration returns a function's settings.
func (s *Service) GetFunctionConfiguration(ctx context.Context, in *GetFunctionInput) (*Configuration, error) {
	f, qualifier, err := s.find(ctx, in.Reference)
	if err != nil {
		return nil, err
	}
	return s.configuration(ctx, f, qualifier)
}

// maxPage is how many functions one answer lists, also where more are asked for.
const maxPage = 50

// pageSize is how many items one answer lists of the maxItems that are asked for: not
// more than most, and most where nothing is asked for.
func pageSize(maxItems *int, most int) (int, error) {
	if maxItems == nil {
		return most, nil
	}
	return min(*maxItems, most), checkRange(*maxItems, "maxItems", 1, 10_000)
}

// ListFunctionsInput is the input of ListFunctions.
type ListFunctionsInput struct {
	// FunctionVersion lists all versions where it is ALL, which are qualified then.
	FunctionVersion string `json:"-" rest:"query=FunctionVersion"`
	Marker          string `json:"-" rest:"query=Marker"`
	MaxItems        *int   `json:"-" rest:"query=MaxItems"`
}

// ListFunctionsOutput is the output of ListFunctions.
type ListFunctionsOutput struct {
	NextMarker *string
	Functions  []*Configuration
}

// ListFunctions returns the functions in the order of their names.
func (s *Service) ListFunctions(ctx context.Context, in *ListFunctionsInput) (*ListFunctionsOutput, error) {
	limit, err := pageSize(in.MaxItems, maxPage)
	if err != nil {
		return nil, err
	}
	qualifier := ""
	switch in.FunctionVersion {
	case "":
	case "ALL":
		qualifier = latest
	default:
		return nil, invalidMember(in.FunctionVersion, "functionVersion", "Member must satisfy enum value set: [ALL]")
	}
	after, err := base64.StdEncoding.DecodeString(in.Marker)
	if err != nil {
		return nil, invalidValue("Invalid Marker") // AWS's words were not seen
	}
	out := &ListFunctionsOutput{Functions: []*Configuration{}}
	for _, f := range s.functions.Load().sorted() {
		if strings.Compare(f.Name, string(after)) <= 0 {
			continue
		}
		if n := len(out.Functions); n == limit {
			marker := base64.StdEncoding.EncodeToString([]byte(out.Functions[n-1].FunctionName))
			out.NextMarker = &marker
			break
		}
		c, err := s.configuration(ctx, f, qualifier)
		if err != nil {
			return nil, err
		}
		out.Functions = append(out.Functions, c)
	}
	return out, nil
}

// FunctionOnly is an input that says which function is meant, and nothing else.
type FunctionOnly struct {
	FunctionName string `json:"-" rest:"path=FunctionName"`
}

// Resource returns the function's ARN.
func (in FunctionOnly) Resource(region string) string {
	return Reference{FunctionName: in.FunctionName}.Resource(region)
}

// Concurrency is the output of GetFunctionConcurrency. No function here has
// reserved any, and none is what AWS says then.
type Concurrency struct {
	ReservedConcurrentExecutions *int `json:",omitempty"`
}

// GetFunctionConcurrency returns the concurrency that is reserved for a function.
func (s *Service) GetFunctionConcurrency(ctx context.Context, in *FunctionOnly) (*Concurrency, error) {
	if _, _, err := s.find(ctx, Reference{FunctionName: in.FunctionName}); err != nil {
		return nil, err
	}
	return &Concurrency{}, nil
}
