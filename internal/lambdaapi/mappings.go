package lambdaapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
)

// CreateEventSourceMappingInput is the input of CreateEventSourceMapping.
type CreateEventSourceMappingInput struct {
	// ID is the mapping's, for callers in this process; empty lets the service choose.
	ID             string `json:"-"`
	EventSourceARN string `json:"EventSourceArn"`
	FunctionName   string
	// Tags would be lost if they were ignored.
	Tags map[string]string
	MappingSettings
}

// Resource returns the function's ARN.
func (in *CreateEventSourceMappingInput) Resource(region string) string {
	return Reference{FunctionName: in.FunctionName}.Resource(region)
}

// CreateEventSourceMapping has a function run on the messages of a queue from now on.
func (s *Service) CreateEventSourceMapping(ctx context.Context, in *CreateEventSourceMappingInput) (*MappingConfiguration, error) {
	source, err := awsapi.ParseARN(in.EventSourceARN)
	switch {
	case in.EventSourceARN == "":
		return nil, invalidValue("Unrecognized event source.")
	case err != nil:
		return nil, invalidValue("Invalid event source ARN: " + in.EventSourceARN)
	case source.Service != "sqs":
		return nil, awsapi.NotImplemented("event source mappings of the service %s", source.Service)
	case len(in.Tags) > 0:
		return nil, awsapi.NotImplemented("Tags of an event source mapping")
	}
	f, _, err := s.find(ctx, Reference{FunctionName: in.FunctionName})
	if err != nil {
		return nil, err
	}
	m := Mapping{ID: cmp.Or(in.ID, uuid.NewString()), Function: f.ID, Queue: source.Resource, BatchSize: defaultBatch, Modified: time.Now()}
	if err := in.apply(&m); err != nil {
		return nil, err
	}
	s.mapping.Lock()
	defer s.mapping.Unlock()
	if err := s.checkMapping(ctx, m); err != nil {
		return nil, err
	}
	if err := s.sources.SetMapping(ctx, m); err != nil {
		return nil, broken(err)
	}
	return s.describe(ctx, m, "Creating"), nil
}

// MappingReference is the part of an input that says which mapping is meant.
type MappingReference struct {
	UUID string `json:"-" rest:"path=UUID"`
}

// GetEventSourceMapping returns a mapping's settings.
func (s *Service) GetEventSourceMapping(ctx context.Context, in *MappingReference) (*MappingConfiguration, error) {
	m, err := s.findMapping(in.UUID)
	if err != nil {
		return nil, err
	}
	c := s.describe(ctx, m, "")
	c.HTTPStatus = http.StatusOK
	return c, nil
}

// UpdateEventSourceMappingInput is the input of UpdateEventSourceMapping.
type UpdateEventSourceMappingInput struct {
	MappingReference
	FunctionName string
	MappingSettings
}

// UpdateEventSourceMapping changes a mapping's settings. Its function runs on with
// what it has begun.
func (s *Service) UpdateEventSourceMapping(ctx context.Context, in *UpdateEventSourceMappingInput) (*MappingConfiguration, error) {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	m, err := s.changeable(in.UUID)
	if err != nil {
		return nil, err
	}
	if in.FunctionName != "" {
		f, _, err := s.find(ctx, Reference{FunctionName: in.FunctionName})
		if err != nil {
			return nil, err
		}
		m.Function = f.ID
	}
	if err := in.apply(&m); err != nil {
		return nil, err
	}
	if err := s.checkMapping(ctx, m); err != nil {
		return nil, err
	}
	m.Modified = time.Now()
	if err := s.sources.SetMapping(ctx, m); err != nil {
		return nil, broken(err)
	}
	return s.describe(ctx, m, "Updating"), nil
}

// DeleteEventSourceMapping ends a mapping. The messages of its queue stay.
func (s *Service) DeleteEventSourceMapping(ctx context.Context, in *MappingReference) (*MappingConfiguration, error) {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	m, err := s.changeable(in.UUID)
	if err != nil {
		return nil, err
	}
	if err := s.sources.DeleteMapping(ctx, m.ID); err != nil {
		return nil, broken(err)
	}
	return s.describe(ctx, m, "Deleting"), nil
}

func (s *Service) findMapping(id string) (Mapping, error) {
	all := s.sources.Mappings()
	i := slices.IndexFunc(all, func(m Mapping) bool { return m.ID == id })
	if i < 0 {
		return Mapping{}, missing("The resource you requested does not exist.")
	}
	return all[i], nil
}

// changeable returns a mapping that a client may change.
func (s *Service) changeable(id string) (Mapping, error) {
	m, err := s.findMapping(id)
	if err == nil && m.Planned {
		err = invalidValue("This mapping belongs to the subscriber " + m.Function + ". Change its Config in less/" + m.Function + ".")
	}
	return m, err
}

// ListEventSourceMappingsInput is the input of ListEventSourceMappings.
type ListEventSourceMappingsInput struct {
	EventSourceARN string `json:"-" rest:"query=EventSourceArn"`
	FunctionName   string `json:"-" rest:"query=FunctionName"`
	Marker         string `json:"-" rest:"query=Marker"`
	MaxItems       *int   `json:"-" rest:"query=MaxItems"`
}

// ListEventSourceMappingsOutput is the output of ListEventSourceMappings.
type ListEventSourceMappingsOutput struct {
	NextMarker          *string
	EventSourceMappings []*MappingConfiguration
}

const maxMappings = 100

// ListEventSourceMappings returns the mappings of a queue, of a function or all.
func (s *Service) ListEventSourceMappings(ctx context.Context, in *ListEventSourceMappingsInput) (*ListEventSourceMappingsOutput, error) {
	limit, err := pageSize(in.MaxItems, maxMappings)
	if err != nil {
		return nil, err
	}
	function := ""
	if in.FunctionName != "" {
		f, _, err := s.find(ctx, Reference{FunctionName: in.FunctionName})
		if err != nil {
			return nil, err
		}
		function = f.ID
	}
	queueName := in.EventSourceARN[strings.LastIndexByte(in.EventSourceARN, ':')+1:]
	out := &ListEventSourceMappingsOutput{EventSourceMappings: []*MappingConfiguration{}}
	for _, m := range s.sources.Mappings() {
		switch {
		case function != "" && m.Function != function, queueName != "" && m.Queue != queueName, m.ID <= in.Marker:
		case len(out.EventSourceMappings) == limit:
			last := out.EventSourceMappings[limit-1].UUID
			out.NextMarker = &last
			return out, nil
		default:
			out.EventSourceMappings = append(out.EventSourceMappings, s.describe(ctx, m, ""))
		}
	}
	return out, nil
}
