package cloudwatch

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// A Dashboard is one as it is kept.
type Dashboard struct {
	Name, Body string
	Modified   time.Time
}

// dashboardARN has no region: dashboards are the account's.
func dashboardARN(name string) string {
	return "arn:aws:cloudwatch::" + awsapi.Account + ":dashboard/" + name
}

// PutDashboardInput is the input of PutDashboard.
type PutDashboardInput struct {
	DashboardName, DashboardBody string
	Tags                         []Tag
}

// Resource returns the dashboard's ARN.
func (in *PutDashboardInput) Resource(string) string { return dashboardARN(in.DashboardName) }

// PutDashboardOutput is the output of PutDashboard.
type PutDashboardOutput struct{ DashboardValidationMessages []struct{} }

var dashboardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// PutDashboard makes or replaces a dashboard. That its body is an object is all that
// is asked of it.
func (s *Service) PutDashboard(ctx context.Context, in *PutDashboardInput) (*PutDashboardOutput, error) {
	refused := func(why string) error {
		return &awsapi.Error{Code: "DashboardInvalidInputError", QueryCode: "InvalidParameterInput", Message: why} // AWS's words were not seen
	}
	if !dashboardName.MatchString(in.DashboardName) {
		return nil, refused("The name of a dashboard has 1 to 255 of the characters A-Z, a-z, 0-9, \"-\" and \"_\".")
	}
	if len(in.Tags) > 0 {
		return nil, awsapi.NotImplemented("tags of dashboards")
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal([]byte(in.DashboardBody), &body); err != nil {
		return nil, refused("The body of a dashboard is a JSON object.")
	}
	if err := s.dashboards.Change(ctx, in.DashboardName, func(Dashboard, bool) (*Dashboard, error) {
		return &Dashboard{in.DashboardName, in.DashboardBody, time.Now()}, nil
	}); err != nil {
		return nil, err
	}
	return &PutDashboardOutput{DashboardValidationMessages: []struct{}{}}, nil
}

// DashboardReference is the input of GetDashboard.
type DashboardReference struct{ DashboardName string }

// Resource returns the dashboard's ARN.
func (in *DashboardReference) Resource(string) string { return dashboardARN(in.DashboardName) }

// GetDashboardOutput is the output of GetDashboard.
type GetDashboardOutput struct {
	DashboardARN  string `json:"DashboardArn"`
	DashboardBody string
	DashboardName string
}

func noDashboard(name string) error {
	return &awsapi.Error{
		Code: "DashboardNotFoundError", QueryCode: "ResourceNotFound", Status: 404,
		Message: "Dashboard " + name + " does not exist",
	}
}

// GetDashboard returns a dashboard.
func (s *Service) GetDashboard(_ context.Context, in *DashboardReference) (*GetDashboardOutput, error) {
	d, exists := s.dashboards.Get(in.DashboardName)
	if !exists {
		return nil, noDashboard(in.DashboardName)
	}
	return &GetDashboardOutput{dashboardARN(d.Name), d.Body, d.Name}, nil
}

// ListDashboardsInput is the input of ListDashboards.
type ListDashboardsInput struct{ DashboardNamePrefix, NextToken string }

// A DashboardEntry is a dashboard as ListDashboards shows it.
type DashboardEntry struct {
	DashboardName string
	DashboardARN  string `json:"DashboardArn"`
	LastModified  awsapi.Timestamp
	Size          int64
}

// ListDashboardsOutput is the output of ListDashboards.
type ListDashboardsOutput struct {
	DashboardEntries []DashboardEntry
	NextToken        string `json:",omitempty"`
}

// maxDashboards is how many an answer has.
const maxDashboards = 1000

// ListDashboards lists the dashboards by their names.
func (s *Service) ListDashboards(_ context.Context, in *ListDashboardsInput) (*ListDashboardsOutput, error) {
	all := []DashboardEntry{}
	for _, d := range s.dashboards.All() {
		if strings.HasPrefix(d.Name, in.DashboardNamePrefix) {
			all = append(all, DashboardEntry{d.Name, dashboardARN(d.Name), awsapi.Timestamp(d.Modified), int64(len(d.Body))})
		}
	}
	out := &ListDashboardsOutput{}
	out.DashboardEntries, out.NextToken = page(all, func(d DashboardEntry) string { return d.DashboardName }, in.NextToken, maxDashboards)
	return out, nil
}

// DeleteDashboardsInput is the input of DeleteDashboards.
type DeleteDashboardsInput struct{ DashboardNames []string }

// DeleteDashboards deletes all of the dashboards, or none where one does not exist.
func (s *Service) DeleteDashboards(ctx context.Context, in *DeleteDashboardsInput) (*struct{}, error) {
	for _, name := range in.DashboardNames {
		if _, exists := s.dashboards.Get(name); !exists {
			return nil, noDashboard(name)
		}
	}
	for _, name := range in.DashboardNames {
		if err := s.dashboards.Change(ctx, name, func(Dashboard, bool) (*Dashboard, error) { return nil, nil }); err != nil {
			return nil, err
		}
	}
	return &struct{}{}, nil
}
