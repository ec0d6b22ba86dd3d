package apigatewayv2

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Deployment is an API as it was at one time, for stages to serve.
type Deployment struct {
	ID           string
	Description  string
	Created      time.Time
	Routes       []Route
	Integrations []Integration
}

// DeploymentOutput is what API Gateway tells of a deployment.
type DeploymentOutput struct {
	Status           int    `json:"-" rest:"status"`
	AutoDeployed     bool   `json:"autoDeployed"`
	CreatedDate      string `json:"createdDate"`
	DeploymentID     string `json:"deploymentId"`
	DeploymentStatus string `json:"deploymentStatus"`
	Description      string `json:"description,omitempty"`
}

func (d *Deployment) describe() *DeploymentOutput {
	return &DeploymentOutput{CreatedDate: iso(d.Created), DeploymentID: d.ID, DeploymentStatus: "DEPLOYED", Description: d.Description}
}

// CreateDeploymentInput is the input of CreateDeployment.
type CreateDeploymentInput struct {
	APIReference
	Description string `json:"description"`
	// StageName is the stage that serves it from now on, "" for none.
	StageName string `json:"stageName"`
}

// CreateDeployment keeps an API as it is now.
func (s *Service) CreateDeployment(ctx context.Context, in *CreateDeploymentInput) (*DeploymentOutput, error) {
	d := Deployment{ID: newID(6), Description: in.Description, Created: time.Now()}
	err := s.change(ctx, in.APIID, func(a *API) error {
		d.Routes, d.Integrations = slices.Clone(a.Routes), slices.Clone(a.Integrations)
		a.Deployments = append(a.Deployments, d)
		if in.StageName == "" {
			return nil
		}
		stage := a.stage(in.StageName)
		switch {
		case stage == nil:
			return errNoStage
		case stage.AutoDeploy: // AWS's words were not seen
			return badRequest("The stage %s deploys by itself", in.StageName)
		}
		stage.Deployment, stage.Updated = d.ID, d.Created
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := d.describe()
	out.Status = http.StatusCreated
	return out, nil
}

func (a *API) deployment(id string) *Deployment {
	i := slices.IndexFunc(a.Deployments, func(d Deployment) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &a.Deployments[i]
}

var errNoDeployment = notFound("Invalid deployment identifier specified")

// DeploymentReference is the part of an input that says which deployment is meant.
type DeploymentReference struct {
	APIReference
	DeploymentID string `json:"-" rest:"path=deploymentId"`
}

// GetDeployment returns what there is to know about a deployment.
func (s *Service) GetDeployment(_ context.Context, in *DeploymentReference) (*DeploymentOutput, error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	if d := a.deployment(in.DeploymentID); d != nil {
		return d.describe(), nil
	}
	return nil, errNoDeployment
}

// GetDeployments lists the deployments of an API.
func (s *Service) GetDeployments(_ context.Context, in *ListInput) (*List[*DeploymentOutput], error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	out := &List[*DeploymentOutput]{Items: []*DeploymentOutput{}}
	for i := range a.Deployments {
		out.Items = append(out.Items, a.Deployments[i].describe())
	}
	return out, nil
}

// DeleteDeployment forgets a deployment that no stage serves.
func (s *Service) DeleteDeployment(ctx context.Context, in *DeploymentReference) (*NoContent, error) {
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.deployment(in.DeploymentID) == nil {
			return errNoDeployment
		}
		for _, stage := range a.Stages {
			if stage.Deployment == in.DeploymentID { // AWS's words were not seen
				return badRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		a.Deployments = slices.DeleteFunc(a.Deployments, func(d Deployment) bool { return d.ID == in.DeploymentID })
		return nil
	})
	return &NoContent{http.StatusNoContent}, err
}

// routeResource is how an execute-api ARN writes a route: POST/orders/{order_id}.
func routeResource(key string) string {
	method, path, found := strings.Cut(key, " ")
	switch {
	case !found:
		return key
	case method == anyMethod:
		method = "*"
	}
	return method + path
}
