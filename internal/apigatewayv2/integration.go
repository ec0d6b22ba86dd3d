package apigatewayv2

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// An Integration is what a route leads to: a function.
type Integration struct {
	ID          string
	Description string
	// URI is as the client has given it, and Function the name in it.
	URI, Function string
	Timeout       time.Duration
}

// IntegrationSettings are the settings of an integration that a client may choose.
type IntegrationSettings struct {
	IntegrationType      *string `json:"integrationType"`
	IntegrationURI       *string `json:"integrationUri"`
	IntegrationMethod    *string `json:"integrationMethod"`
	PayloadFormatVersion *string `json:"payloadFormatVersion"`
	TimeoutInMillis      *int    `json:"timeoutInMillis"`
	Description          *string `json:"description"`
	ConnectionType       *string `json:"connectionType"`
	// What would be lost if it were ignored.
	ConnectionID       json.RawMessage `json:"connectionId"`
	Credentials        json.RawMessage `json:"credentialsArn"`
	Subtype            json.RawMessage `json:"integrationSubtype"`
	RequestParameters  json.RawMessage `json:"requestParameters"`
	ResponseParameters json.RawMessage `json:"responseParameters"`
	RequestTemplates   json.RawMessage `json:"requestTemplates"`
	TLS                json.RawMessage `json:"tlsConfig"`
}

const (
	proxy         = "AWS_PROXY"
	internet      = "INTERNET"
	payloadFormat = "2.0"
	// The bounds of a timeout, in ms. The longest is also the default.
	minTimeout, maxTimeout = 50, 30_000
)

func (in *IntegrationSettings) apply(i *Integration) error {
	if err := refuse("an integration", map[string]json.RawMessage{
		"connectionId": in.ConnectionID, "credentialsArn": in.Credentials, "integrationSubtype": in.Subtype, "requestParameters": in.RequestParameters,
		"responseParameters": in.ResponseParameters, "requestTemplates": in.RequestTemplates, "tlsConfig": in.TLS,
	}); err != nil {
		return err
	}
	switch {
	case in.IntegrationType != nil && *in.IntegrationType != proxy:
		return awsapi.NotImplemented("integrations of the type %s: only functions are behind a route here", *in.IntegrationType)
	case in.ConnectionType != nil && *in.ConnectionType != internet:
		return awsapi.NotImplemented("integrations over %s", *in.ConnectionType)
	case in.PayloadFormatVersion != nil && *in.PayloadFormatVersion != payloadFormat:
		return awsapi.NotImplemented("the payload format %s: functions here get %s", *in.PayloadFormatVersion, payloadFormat)
	case in.TimeoutInMillis != nil && (*in.TimeoutInMillis < minTimeout || *in.TimeoutInMillis > maxTimeout):
		return badRequest("Timeout should be between 50 ms and 30000 ms")
	}
	if in.IntegrationURI != nil {
		function, ok := functionOf(*in.IntegrationURI)
		if !ok {
			return badRequest("Invalid integration URI specified: %s", *in.IntegrationURI)
		}
		i.URI, i.Function = *in.IntegrationURI, function
	}
	if in.TimeoutInMillis != nil {
		i.Timeout = time.Duration(*in.TimeoutInMillis) * time.Millisecond
	}
	set(&i.Description, in.Description)
	return nil
}

// functionOf is the name of the function in an integration's URI: its ARN, or the
// path of Lambda's action Invoke, which has that.
func functionOf(uri string) (string, bool) {
	if _, path, found := strings.Cut(uri, ":lambda:path/"); found {
		_, uri, _ = strings.Cut(path, "/functions/")
		uri = strings.TrimSuffix(uri, "/invocations")
	}
	a, err := awsapi.ParseARN(uri)
	name, isFunction := strings.CutPrefix(a.Resource, "function:")
	name = strings.TrimSuffix(name, ":$LATEST")
	return name, err == nil && a.Service == "lambda" && isFunction && name != "" && !strings.ContainsAny(name, ":/")
}

// IntegrationOutput is what API Gateway tells of an integration.
type IntegrationOutput struct {
	Status               int    `json:"-" rest:"status"`
	ConnectionType       string `json:"connectionType"`
	Description          string `json:"description,omitempty"`
	IntegrationID        string `json:"integrationId"`
	IntegrationMethod    string `json:"integrationMethod"`
	IntegrationType      string `json:"integrationType"`
	IntegrationURI       string `json:"integrationUri"`
	PayloadFormatVersion string `json:"payloadFormatVersion"`
	TimeoutInMillis      int64  `json:"timeoutInMillis"`
}

func (i *Integration) describe() *IntegrationOutput {
	return &IntegrationOutput{
		ConnectionType: internet, Description: i.Description, IntegrationID: i.ID, IntegrationMethod: http.MethodPost,
		IntegrationType: proxy, IntegrationURI: i.URI, PayloadFormatVersion: payloadFormat, TimeoutInMillis: i.Timeout.Milliseconds(),
	}
}

// CreateIntegrationInput is the input of CreateIntegration.
type CreateIntegrationInput struct {
	APIReference
	// ID is the integration's, for callers in this process; empty lets the service choose.
	ID string `json:"-"`
	IntegrationSettings
}

// CreateIntegration makes an integration with a function.
func (s *Service) CreateIntegration(ctx context.Context, in *CreateIntegrationInput) (*IntegrationOutput, error) {
	switch {
	case in.IntegrationType == nil:
		return nil, badRequest("Integration type is required")
	case *in.IntegrationType == proxy && in.PayloadFormatVersion == nil:
		// AWS takes 1.0 then.
		return nil, awsapi.NotImplemented("the payload format 1.0: set payloadFormatVersion to %s", payloadFormat)
	case *in.IntegrationType == proxy && in.IntegrationURI == nil:
		return nil, badRequest("Integration URI is required for AWS_PROXY integrations") // AWS's words were not seen
	}
	i := Integration{ID: in.ID, Timeout: maxTimeout * time.Millisecond}
	if i.ID == "" {
		i.ID = newID(7)
	}
	if err := in.apply(&i); err != nil {
		return nil, err
	}
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.integration(i.ID) != nil {
			return conflict("There is an integration %s already.", i.ID)
		}
		a.Integrations = append(a.Integrations, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := i.describe()
	out.Status = http.StatusCreated
	return out, nil
}

func (a *API) integration(id string) *Integration {
	i := slices.IndexFunc(a.Integrations, func(i Integration) bool { return i.ID == id })
	if i < 0 {
		return nil
	}
	return &a.Integrations[i]
}

var errNoIntegration = notFound("Invalid Integration identifier specified")

// IntegrationReference is the part of an input that says which integration is meant.
type IntegrationReference struct {
	APIReference
	IntegrationID string `json:"-" rest:"path=integrationId"`
}

// GetIntegration returns what there is to know about an integration.
func (s *Service) GetIntegration(_ context.Context, in *IntegrationReference) (*IntegrationOutput, error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	if i := a.integration(in.IntegrationID); i != nil {
		return i.describe(), nil
	}
	return nil, errNoIntegration
}

// GetIntegrations lists the integrations of an API.
func (s *Service) GetIntegrations(_ context.Context, in *ListInput) (*List[*IntegrationOutput], error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	out := &List[*IntegrationOutput]{Items: []*IntegrationOutput{}}
	for i := range a.Integrations {
		out.Items = append(out.Items, a.Integrations[i].describe())
	}
	return out, nil
}

// UpdateIntegrationInput is the input of UpdateIntegration.
type UpdateIntegrationInput struct {
	IntegrationReference
	IntegrationSettings
}

// UpdateIntegration changes settings of an integration.
func (s *Service) UpdateIntegration(ctx context.Context, in *UpdateIntegrationInput) (*IntegrationOutput, error) {
	var out *IntegrationOutput
	err := s.change(ctx, in.APIID, func(a *API) error {
		i := a.integration(in.IntegrationID)
		if i == nil {
			return errNoIntegration
		}
		err := in.apply(i)
		out = i.describe()
		return err
	})
	return out, err
}

// DeleteIntegration ends an integration that no route leads to any more.
func (s *Service) DeleteIntegration(ctx context.Context, in *IntegrationReference) (*NoContent, error) {
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.integration(in.IntegrationID) == nil {
			return errNoIntegration
		}
		for _, r := range a.Routes {
			if r.Integration == in.IntegrationID { // AWS's words were not seen
				return conflict("Cannot delete Integration %s, which the route %s targets", in.IntegrationID, r.Key)
			}
		}
		a.Integrations = slices.DeleteFunc(a.Integrations, func(i Integration) bool { return i.ID == in.IntegrationID })
		return nil
	})
	return &NoContent{http.StatusNoContent}, err
}
