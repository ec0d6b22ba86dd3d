package apigatewayv2

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// A Stage is what of an API is served, and how.
type Stage struct {
	Name        string
	Description string
	// AutoDeploy has the stage serve the API as it is. Another serves a deployment.
	AutoDeploy bool
	Deployment string `json:",omitempty"`
	AccessLog  *AccessLog
	Throttle   RouteThrottle
	Tags       map[string]string
	Created    time.Time
	Updated    time.Time
}

// DefaultStage is the stage whose name is in no path.
const DefaultStage = "$default"

// AccessLog says where the requests of a stage are written down. It is kept, and
// nothing is written: what the engine shows of each request has the same facts.
type AccessLog struct {
	DestinationARN string `json:"destinationArn,omitempty"`
	Format         string `json:"format,omitempty"`
}

// A RouteThrottle is how many requests a route takes; 0 is any number.
type RouteThrottle struct {
	Burst int     `json:"throttlingBurstLimit,omitempty"`
	Rate  float64 `json:"throttlingRateLimit,omitempty"`
	// DetailedMetrics is kept: there are no metrics here.
	DetailedMetrics bool `json:"detailedMetricsEnabled"`
	// DataTrace and LoggingLevel are WebSocket APIs'.
	DataTrace    bool   `json:"dataTraceEnabled,omitempty"`
	LoggingLevel string `json:"loggingLevel,omitempty"`
}

// StageSettings are the settings of a stage that a client may choose.
type StageSettings struct {
	Description          *string        `json:"description"`
	AutoDeploy           *bool          `json:"autoDeploy"`
	DeploymentID         *string        `json:"deploymentId"`
	AccessLogSettings    *AccessLog     `json:"accessLogSettings"`
	DefaultRouteSettings *RouteThrottle `json:"defaultRouteSettings"`
	// What would be lost if it were ignored.
	RouteSettings       json.RawMessage `json:"routeSettings"`
	StageVariables      json.RawMessage `json:"stageVariables"`
	ClientCertificateID json.RawMessage `json:"clientCertificateId"`
}

var validStage = regexp.MustCompile(`^(\$default|[a-zA-Z0-9_-]{1,128})$`)

func (in *StageSettings) apply(a *API, s *Stage) error {
	if err := refuse("a stage", map[string]json.RawMessage{
		"routeSettings": in.RouteSettings, "stageVariables": in.StageVariables, "clientCertificateId": in.ClientCertificateID,
	}); err != nil {
		return err
	}
	set(&s.Description, in.Description)
	set(&s.AutoDeploy, in.AutoDeploy)
	set(&s.Throttle, in.DefaultRouteSettings)
	if l := in.AccessLogSettings; l != nil {
		if s.AccessLog = l; *l == (AccessLog{}) {
			s.AccessLog = nil
		}
	}
	if s.Throttle.Burst < 0 || s.Throttle.Rate < 0 {
		return badRequest("Throttling limits must not be negative") // AWS's words were not seen
	}
	if id := in.DeploymentID; id != nil {
		if s.AutoDeploy {
			return badRequest("Deployment ID cannot be set on a stage with autoDeploy") // AWS's words were not seen
		}
		if a.deployment(*id) == nil {
			return errNoDeployment
		}
		s.Deployment = *id
	}
	s.Updated = time.Now()
	return nil
}

// StageOutput is what API Gateway tells of a stage.
type StageOutput struct {
	Status               int               `json:"-" rest:"status"`
	AccessLogSettings    *AccessLog        `json:"accessLogSettings,omitempty"`
	AutoDeploy           bool              `json:"autoDeploy"`
	CreatedDate          string            `json:"createdDate"`
	DefaultRouteSettings RouteThrottle     `json:"defaultRouteSettings"`
	DeploymentID         string            `json:"deploymentId,omitempty"`
	Description          string            `json:"description,omitempty"`
	LastUpdatedDate      string            `json:"lastUpdatedDate"`
	RouteSettings        map[string]string `json:"routeSettings"`
	StageName            string            `json:"stageName"`
	StageVariables       map[string]string `json:"stageVariables"`
	Tags                 map[string]string `json:"tags"`
}

func (s *Stage) describe() *StageOutput {
	out := &StageOutput{
		AccessLogSettings: s.AccessLog, AutoDeploy: s.AutoDeploy, CreatedDate: iso(s.Created), DefaultRouteSettings: s.Throttle,
		DeploymentID: s.Deployment, Description: s.Description, LastUpdatedDate: iso(s.Updated), RouteSettings: map[string]string{},
		StageName: s.Name, StageVariables: map[string]string{}, Tags: s.Tags,
	}
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out
}

// CreateStageInput is the input of CreateStage.
type CreateStageInput struct {
	APIReference
	StageName string            `json:"stageName"`
	Tags      map[string]string `json:"tags"`
	StageSettings
}

// CreateStage has an API served.
func (s *Service) CreateStage(ctx context.Context, in *CreateStageInput) (*StageOutput, error) {
	if !validStage.MatchString(in.StageName) {
		return nil, badRequest("Stage name only allows a-zA-Z0-9_- or $default") // AWS's words were not seen
	}
	stage := Stage{Name: in.StageName, Tags: in.Tags, Created: time.Now()}
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.stage(stage.Name) != nil {
			return conflict("Stage already exists")
		}
		err := in.apply(a, &stage)
		a.Stages = append(a.Stages, stage)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := stage.describe()
	out.Status = http.StatusCreated
	return out, nil
}

func (a *API) stage(name string) *Stage {
	i := slices.IndexFunc(a.Stages, func(s Stage) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &a.Stages[i]
}

var errNoStage = notFound("Invalid stage identifier specified")

// StageReference is the part of an input that says which stage is meant.
type StageReference struct {
	APIReference
	StageName string `json:"-" rest:"path=stageName"`
}

// GetStage returns what there is to know about a stage.
func (s *Service) GetStage(_ context.Context, in *StageReference) (*StageOutput, error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	if stage := a.stage(in.StageName); stage != nil {
		return stage.describe(), nil
	}
	return nil, errNoStage
}

// GetStages lists the stages of an API.
func (s *Service) GetStages(_ context.Context, in *ListInput) (*List[*StageOutput], error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	out := &List[*StageOutput]{Items: []*StageOutput{}}
	for i := range a.Stages {
		out.Items = append(out.Items, a.Stages[i].describe())
	}
	return out, nil
}

// UpdateStageInput is the input of UpdateStage.
type UpdateStageInput struct {
	StageReference
	StageSettings
}

// UpdateStage changes settings of a stage.
func (s *Service) UpdateStage(ctx context.Context, in *UpdateStageInput) (*StageOutput, error) {
	var out *StageOutput
	err := s.change(ctx, in.APIID, func(a *API) error {
		stage := a.stage(in.StageName)
		if stage == nil {
			return errNoStage
		}
		err := in.apply(a, stage)
		out = stage.describe()
		return err
	})
	return out, err
}

// DeleteStage ends a stage, which is not served any more.
func (s *Service) DeleteStage(ctx context.Context, in *StageReference) (*NoContent, error) {
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.stage(in.StageName) == nil {
			return errNoStage
		}
		a.Stages = slices.DeleteFunc(a.Stages, func(stage Stage) bool { return stage.Name == in.StageName })
		return nil
	})
	return &NoContent{http.StatusNoContent}, err
}

// A ServedRoute is a route with what it leads to.
type ServedRoute struct {
	Key      string
	Function string // its name
	Timeout  time.Duration
}

// Served are the routes that a stage serves: those of its deployment, or of the API
// as it is. A route without an integration is not served.
func (a *API) Served(stage Stage) []ServedRoute {
	routes, integrations := a.Routes, a
	if !stage.AutoDeploy {
		d := a.deployment(stage.Deployment)
		if d == nil {
			return nil
		}
		routes, integrations = d.Routes, &API{Integrations: d.Integrations}
	}
	var out []ServedRoute
	for _, r := range routes {
		if i := integrations.integration(r.Integration); i != nil {
			out = append(out, ServedRoute{r.Key, i.Function, i.Timeout})
		}
	}
	return out
}

// SourceARN is what invokes a function for a route of a stage, as its permission
// names it.
func (a *API) SourceARN(stage, routeKey string) string {
	return awsapi.LocalARN("execute-api", a.Region, a.ID+"/"+stage+"/"+routeResource(routeKey))
}
