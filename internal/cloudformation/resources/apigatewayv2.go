package resources

import (
	"context"
	"maps"
	"strings"

	"github.com/less-go/less/internal/apigatewayv2"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
)

// apis makes HTTP APIs.
type apis struct{ service *apigatewayv2.Service }

type apiProperties struct {
	Name                      string `cfn:",required"`
	ProtocolType              string `cfn:",required,replace"`
	Description               *string
	Version                   *string
	CORS                      *apiCORS `cfn:"CorsConfiguration"`
	DisableExecuteAPIEndpoint *bool    `cfn:"DisableExecuteApiEndpoint"`
	Tags                      map[string]string
}

type apiCORS struct {
	AllowCredentials                                        bool
	AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders []string
	MaxAge                                                  *int
}

func (apis) Schema() provider.Schema {
	return provider.SchemaOf[apiProperties](provider.Options{Attributes: []string{"ApiEndpoint", "ApiId"}})
}

func (p apiProperties) settings() apigatewayv2.APISettings {
	s := apigatewayv2.APISettings{
		Name: &p.Name, Description: new(or(p.Description, "")), Version: new(or(p.Version, "")),
		DisableExecuteAPIEndpoint: new(or(p.DisableExecuteAPIEndpoint, false)),
	}
	if c := p.CORS; c != nil {
		s.CORSConfiguration = &apigatewayv2.CORS{
			AllowCredentials: c.AllowCredentials, AllowHeaders: c.AllowHeaders, AllowMethods: c.AllowMethods,
			AllowOrigins: c.AllowOrigins, ExposeHeaders: c.ExposeHeaders, MaxAge: c.MaxAge,
		}
	}
	return s
}

// madeAPI is an API that exists.
func madeAPI(out *apigatewayv2.APIOutput) provider.Made {
	return provider.Made{PhysicalID: out.APIID, Attributes: map[string]any{"ApiEndpoint": out.APIEndpoint, "ApiId": out.APIID}}
}

// apiTags are those of an API or a stage, which are an object, with the stack's.
func apiTags(r provider.Resource, own map[string]string) map[string]string {
	out := tags(r, nil)
	maps.Copy(out, own)
	return out
}

// id is one of the form that API Gateway's have.
func id(r provider.Resource, n int) string { return strings.ToLower(r.ID(n)) }

func (a apis) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[apiProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	in := &apigatewayv2.CreateAPIInput{ID: id(r, 10), ProtocolType: p.ProtocolType, Tags: apiTags(r, p.Tags), APISettings: p.settings()}
	if err := r.Begin(in.ID); err != nil {
		return provider.Made{}, err
	}
	out, err := a.service.CreateAPI(ctx, in)
	if err != nil {
		return provider.Made{}, err
	}
	return madeAPI(out), nil
}

func (a apis) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[apiProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	in := &apigatewayv2.UpdateAPIInput{APIReference: apigatewayv2.APIReference{APIID: r.PhysicalID}, APISettings: p.settings(), NoCORS: p.CORS == nil}
	out, err := a.service.UpdateAPI(ctx, in)
	if err != nil {
		return provider.Made{}, err
	}
	return madeAPI(out), a.retag(ctx, apiARN(ctx, r.PhysicalID), apiTags(r, p.Tags))
}

func apiARN(ctx context.Context, id string) string {
	return "arn:aws:apigateway:" + awsapi.RequestFrom(ctx).Region + "::/apis/" + id
}

func (a apis) retag(ctx context.Context, arn string, now map[string]string) error {
	resource := apigatewayv2.TagsReference{ARN: arn}
	before, err := a.service.GetTags(ctx, &resource)
	if err != nil {
		return err
	}
	if gone := untag(before.Tags, now); len(gone) > 0 {
		if _, err := a.service.UntagResource(ctx, &apigatewayv2.UntagResourceInput{TagsReference: resource, TagKeys: gone}); err != nil {
			return err
		}
	}
	_, err = a.service.TagResource(ctx, &apigatewayv2.TagResourceInput{TagsReference: resource, Tags: now})
	return err
}

func (a apis) Delete(ctx context.Context, r provider.Resource) error {
	_, err := a.service.DeleteAPI(ctx, &apigatewayv2.APIReference{APIID: r.PhysicalID})
	return unlessGone(err)
}

// stages has APIs served.
type stages struct{ service *apigatewayv2.Service }

type stageProperties struct {
	APIID        string `cfn:"ApiId,required,replace"`
	StageName    string `cfn:",required,replace"`
	AutoDeploy   *bool
	DeploymentID *string `cfn:"DeploymentId"`
	Description  *string
	AccessLog    *stageAccessLog `cfn:"AccessLogSettings"`
	Throttle     *stageThrottle  `cfn:"DefaultRouteSettings"`
	Tags         map[string]string
}

type stageAccessLog struct {
	DestinationARN string `cfn:"DestinationArn"`
	Format         string
}

type stageThrottle struct {
	Rate            float64 `cfn:"ThrottlingRateLimit"`
	Burst           int     `cfn:"ThrottlingBurstLimit"`
	DetailedMetrics bool    `cfn:"DetailedMetricsEnabled"`
}

func (stages) Schema() provider.Schema {
	return provider.SchemaOf[stageProperties](provider.Options{})
}

func (p stageProperties) settings() apigatewayv2.StageSettings {
	s := apigatewayv2.StageSettings{
		Description: new(or(p.Description, "")), AutoDeploy: new(or(p.AutoDeploy, false)), DeploymentID: p.DeploymentID,
		AccessLogSettings: &apigatewayv2.AccessLog{}, DefaultRouteSettings: &apigatewayv2.RouteThrottle{},
	}
	if l := p.AccessLog; l != nil {
		*s.AccessLogSettings = apigatewayv2.AccessLog{DestinationARN: l.DestinationARN, Format: l.Format}
	}
	if t := p.Throttle; t != nil {
		*s.DefaultRouteSettings = apigatewayv2.RouteThrottle{Burst: t.Burst, Rate: t.Rate, DetailedMetrics: t.DetailedMetrics}
	}
	return s
}

func (s stages) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[stageProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	api := apigatewayv2.APIReference{APIID: p.APIID}
	if _, err := s.service.GetStage(ctx, &apigatewayv2.StageReference{APIReference: api, StageName: p.StageName}); err == nil {
		return provider.Made{}, provider.AlreadyExists("AWS::ApiGatewayV2::Stage", p.StageName)
	}
	if err := r.Begin(p.StageName); err != nil {
		return provider.Made{}, err
	}
	_, err = s.service.CreateStage(ctx, &apigatewayv2.CreateStageInput{
		APIReference: api, StageName: p.StageName, Tags: apiTags(r, p.Tags), StageSettings: p.settings(),
	})
	return provider.Made{PhysicalID: p.StageName}, err
}

func (s stages) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[stageProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	if _, err := s.service.UpdateStage(ctx, &apigatewayv2.UpdateStageInput{
		StageReference: apigatewayv2.StageReference{APIReference: apigatewayv2.APIReference{APIID: p.APIID}, StageName: p.StageName}, StageSettings: p.settings(),
	}); err != nil {
		return provider.Made{}, err
	}
	arn := apiARN(ctx, p.APIID) + "/stages/" + p.StageName
	return provider.Made{PhysicalID: p.StageName}, apis(s).retag(ctx, arn, apiTags(r, p.Tags))
}

func (s stages) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[stageProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	_, err = s.service.DeleteStage(ctx, &apigatewayv2.StageReference{APIReference: apigatewayv2.APIReference{APIID: p.APIID}, StageName: r.PhysicalID})
	return unlessGone(err)
}

// integrations makes what routes lead to.
type integrations struct{ service *apigatewayv2.Service }

type integrationProperties struct {
	APIID                string  `cfn:"ApiId,required,replace"`
	IntegrationType      string  `cfn:",required"`
	IntegrationURI       *string `cfn:"IntegrationUri"`
	IntegrationMethod    *string
	PayloadFormatVersion *string
	TimeoutInMillis      *int
	Description          *string
	ConnectionType       *string
}

func (integrations) Schema() provider.Schema {
	return provider.SchemaOf[integrationProperties](provider.Options{Attributes: []string{"IntegrationId"}})
}

func (p integrationProperties) settings() apigatewayv2.IntegrationSettings {
	return apigatewayv2.IntegrationSettings{
		IntegrationType: &p.IntegrationType, IntegrationURI: p.IntegrationURI, IntegrationMethod: p.IntegrationMethod, PayloadFormatVersion: p.PayloadFormatVersion,
		TimeoutInMillis: new(or(p.TimeoutInMillis, 30_000)), Description: new(or(p.Description, "")), ConnectionType: p.ConnectionType,
	}
}

// part is a part of an API that exists: its id is also an attribute.
func part(attribute, id string) provider.Made {
	return provider.Made{PhysicalID: id, Attributes: map[string]any{attribute: id}}
}

func (i integrations) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[integrationProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	in := &apigatewayv2.CreateIntegrationInput{APIReference: apigatewayv2.APIReference{APIID: p.APIID}, ID: id(r, 7), IntegrationSettings: p.settings()}
	if err := r.Begin(in.ID); err != nil {
		return provider.Made{}, err
	}
	_, err = i.service.CreateIntegration(ctx, in)
	return part("IntegrationId", in.ID), err
}

func (i integrations) reference(r provider.Resource, api string) apigatewayv2.IntegrationReference {
	return apigatewayv2.IntegrationReference{APIReference: apigatewayv2.APIReference{APIID: api}, IntegrationID: r.PhysicalID}
}

func (i integrations) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[integrationProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	_, err = i.service.UpdateIntegration(ctx, &apigatewayv2.UpdateIntegrationInput{IntegrationReference: i.reference(r, p.APIID), IntegrationSettings: p.settings()})
	return part("IntegrationId", r.PhysicalID), err
}

func (i integrations) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[integrationProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	_, err = i.service.DeleteIntegration(ctx, new(i.reference(r, p.APIID)))
	return unlessGone(err)
}

// routes makes routes.
type routes struct{ service *apigatewayv2.Service }

type routeProperties struct {
	APIID             string `cfn:"ApiId,required,replace"`
	RouteKey          string `cfn:",required"`
	Target            *string
	AuthorizationType *string
	OperationName     *string
}

func (routes) Schema() provider.Schema {
	return provider.SchemaOf[routeProperties](provider.Options{Attributes: []string{"RouteId"}})
}

func (p routeProperties) settings() apigatewayv2.RouteSettings {
	return apigatewayv2.RouteSettings{
		RouteKey: &p.RouteKey, Target: p.Target, AuthorizationType: p.AuthorizationType, OperationName: new(or(p.OperationName, "")),
	}
}

func (s routes) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[routeProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	in := &apigatewayv2.CreateRouteInput{APIReference: apigatewayv2.APIReference{APIID: p.APIID}, ID: id(r, 7), RouteSettings: p.settings()}
	if err := r.Begin(in.ID); err != nil {
		return provider.Made{}, err
	}
	_, err = s.service.CreateRoute(ctx, in)
	return part("RouteId", in.ID), err
}

func (s routes) reference(r provider.Resource, api string) apigatewayv2.RouteReference {
	return apigatewayv2.RouteReference{APIReference: apigatewayv2.APIReference{APIID: api}, RouteID: r.PhysicalID}
}

func (s routes) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[routeProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	settings := p.settings()
	settings.Target = new(or(settings.Target, ""))
	_, err = s.service.UpdateRoute(ctx, &apigatewayv2.UpdateRouteInput{RouteReference: s.reference(r, p.APIID), RouteSettings: settings})
	return part("RouteId", r.PhysicalID), err
}

func (s routes) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[routeProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	_, err = s.service.DeleteRoute(ctx, new(s.reference(r, p.APIID)))
	return unlessGone(err)
}
