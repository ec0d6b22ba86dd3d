package lambdaapi

import (
	"context"
	"net/http"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// Sources are the event source mappings that there are, and the queues there can
// be more for.
type Sources interface {
	Queue(name string) (queue.Info, bool)
	// Mappings returns the mappings in the order of their ids.
	Mappings() []Mapping
	// SetMapping makes a mapping, or changes the one with its id. It runs and is
	// durable when SetMapping returns.
	SetMapping(ctx context.Context, m Mapping) error
	// DeleteMapping ends a mapping, and lets run what it has begun.
	DeleteMapping(ctx context.Context, id string) error
}

// A Mapping is an event source mapping: it has a function run on a queue's
// messages.
type Mapping struct {
	ID string
	// Function is the identity of the function, and Queue the name of the queue.
	Function, Queue string
	BatchSize       int
	Window          time.Duration
	// Concurrency is how many batches run at a time; 0 is for the engine to choose.
	Concurrency int
	// ReportFailures lets the function's answer name the messages that failed.
	ReportFailures bool
	Disabled       bool
	Modified       time.Time
	// Planned says that the mapping is of the application's plan, which no client
	// changes.
	Planned bool
}

// What AWS allows.
const (
	defaultBatch     = 10
	maxBatch         = 10_000
	maxOrderedBatch  = 10
	maxWindow        = 300 // s
	minConcurrency   = 2
	maxConcurrency   = 1000
	reportFailures   = "ReportBatchItemFailures"
	mappingResource  = "event-source-mapping:" // what an ARN has before the id
	mappingPath      = "/2015-03-31/event-source-mappings"
	visibilityReason = "Queue visibility timeout: %d seconds is less than Function timeout: %d seconds"
)

// MappingSettings are the settings of a mapping that a client may choose.
type MappingSettings struct {
	BatchSize                      *int
	MaximumBatchingWindowInSeconds *int
	FunctionResponseTypes          *[]string
	Enabled                        *bool
	ScalingConfig                  *ScalingConfig
	// FilterCriteria and the like would lose or move messages if they were ignored.
	FilterCriteria          *struct{}
	DestinationConfig       *struct{}
	ProvisionedPollerConfig *struct{}
}

// ScalingConfig says how many batches run at a time.
type ScalingConfig struct {
	MaximumConcurrency *int `json:",omitempty"`
}

// apply gives m the settings that are chosen.
func (in *MappingSettings) apply(m *Mapping) error {
	for name, chosen := range map[string]bool{
		"FilterCriteria": in.FilterCriteria != nil, "DestinationConfig": in.DestinationConfig != nil,
		"ProvisionedPollerConfig": in.ProvisionedPollerConfig != nil,
	} {
		if chosen {
			return awsapi.NotImplemented("%s of an event source mapping", name)
		}
	}
	if n := in.BatchSize; n != nil {
		if err := checkRange(*n, "batchSize", 1, maxBatch); err != nil {
			return err
		}
		m.BatchSize = *n
	}
	if n := in.MaximumBatchingWindowInSeconds; n != nil {
		if err := checkRange(*n, "maximumBatchingWindowInSeconds", 0, maxWindow); err != nil {
			return err
		}
		m.Window = time.Duration(*n) * time.Second
	}
	if list := in.FunctionResponseTypes; list != nil {
		for _, name := range *list {
			if name != reportFailures {
				return invalidMember(name, "functionResponseTypes", "Member must satisfy enum value set: [ReportBatchItemFailures]")
			}
		}
		m.ReportFailures = len(*list) > 0
	}
	if in.ScalingConfig != nil {
		m.Concurrency = 0
		if n := in.ScalingConfig.MaximumConcurrency; n != nil {
			if err := checkRange(*n, "scalingConfig.maximumConcurrency", minConcurrency, maxConcurrency); err != nil {
				return err
			}
			m.Concurrency = *n
		}
	}
	if in.Enabled != nil {
		m.Disabled = !*in.Enabled
	}
	return nil
}

// checkMapping checks what a mapping's parts allow together, and that no other one
// has the same queue and function. The caller holds s.mapping.
func (s *Service) checkMapping(ctx context.Context, m Mapping) error {
	q, exists := s.sources.Queue(m.Queue)
	if !exists {
		return invalidValue("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. " +
			"SQS Error Message: The specified queue does not exist for this wsdl version.")
	}
	f := s.functions.Load().byID[m.Function]
	switch {
	case f == nil:
		return notFound(arn(awsapi.RequestFrom(ctx).Region, m.Function))
	case q.FIFO && m.BatchSize > maxOrderedBatch:
		return invalidValue("Batch size must not be greater than 10 for a FIFO queue.")
	case q.FIFO && m.Window > 0:
		return invalidValue("Batching window is not supported for FIFO queues.")
	case m.BatchSize > maxOrderedBatch && m.Window < time.Second:
		return invalidValue("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
	case q.Visibility < f.Timeout:
		return awsapi.Errorf("InvalidParameterValueException", visibilityReason, int(q.Visibility.Seconds()), int(f.Timeout.Seconds()))
	}
	if err := s.mayPoll(ctx, f, m.Queue); err != nil {
		return err
	}
	for _, other := range s.sources.Mappings() {
		if other.ID != m.ID && other.Function == m.Function && other.Queue == m.Queue {
			return mappingExists(awsapi.LocalARN("sqs", awsapi.RequestFrom(ctx).Region, m.Queue), f.Name, other.ID)
		}
	}
	return nil
}

// mayPoll checks that a function's role allows what Lambda does with the queue for it.
// The plan's functions have theirs by the plan.
func (s *Service) mayPoll(ctx context.Context, f *Function, queueName string) error {
	if f.Deployment == nil || s.roles == nil {
		return nil
	}
	resource := awsapi.LocalARN("sqs", awsapi.RequestFrom(ctx).Region, queueName)
	for _, action := range []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} {
		if !s.roles.Allows(f.Deployment.Role, "sqs:"+action, resource) {
			return invalidValue("The provided execution role does not have permissions to call " + action + " on SQS")
		}
	}
	return nil
}

// A MappingConfiguration is what Lambda tells of a mapping.
type MappingConfiguration struct {
	HTTPStatus                     int `json:"-" rest:"status"`
	UUID                           string
	EventSourceMappingARN          string `json:"EventSourceMappingArn"`
	EventSourceARN                 string `json:"EventSourceArn"`
	FunctionARN                    string `json:"FunctionArn"`
	BatchSize                      int
	MaximumBatchingWindowInSeconds int
	FunctionResponseTypes          []string
	ScalingConfig                  *ScalingConfig `json:",omitempty"`
	State                          string
	StateTransitionReason          string
	LastModified                   float64 // s since 1970
}

// describe tells of a mapping, in the given state or in the one that it is in.
func (s *Service) describe(ctx context.Context, m Mapping, state string) *MappingConfiguration {
	region := awsapi.RequestFrom(ctx).Region
	name := m.Function
	if f := s.functions.Load().byID[m.Function]; f != nil {
		name = f.Name
	}
	c := &MappingConfiguration{
		HTTPStatus:                     http.StatusAccepted,
		UUID:                           m.ID,
		EventSourceMappingARN:          awsapi.LocalARN("lambda", region, mappingResource+m.ID),
		EventSourceARN:                 awsapi.LocalARN("sqs", region, m.Queue),
		FunctionARN:                    arn(region, name),
		BatchSize:                      m.BatchSize,
		MaximumBatchingWindowInSeconds: int(m.Window / time.Second),
		FunctionResponseTypes:          []string{},
		State:                          state,
		StateTransitionReason:          "USER_INITIATED",
		LastModified:                   float64(m.Modified.UnixMilli()) / 1000,
	}
	if m.ReportFailures {
		c.FunctionResponseTypes = append(c.FunctionResponseTypes, reportFailures)
	}
	if m.Concurrency > 0 {
		c.ScalingConfig = &ScalingConfig{MaximumConcurrency: &m.Concurrency}
	}
	switch {
	case state != "":
	case m.Disabled:
		c.State = "Disabled"
	default:
		c.State = "Enabled"
	}
	return c
}
