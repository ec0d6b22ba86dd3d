package blueprint

import (
	"github.com/less-go/less/internal/cloudformation/provider"
)

// The types of resources that a plan is made of.
const (
	queueType        = "AWS::SQS::Queue"
	queuePolicyType  = "AWS::SQS::QueuePolicy"
	topicType        = "AWS::SNS::Topic"
	topicPolicyType  = "AWS::SNS::TopicPolicy"
	subscriptionType = "AWS::SNS::Subscription"
	functionType     = "AWS::Lambda::Function"
	mappingType      = "AWS::Lambda::EventSourceMapping"
	permissionType   = "AWS::Lambda::Permission"
	roleType         = "AWS::IAM::Role"
	ruleType         = "AWS::Events::Rule"
	apiType          = "AWS::ApiGatewayV2::Api"
	stageType        = "AWS::ApiGatewayV2::Stage"
	routeType        = "AWS::ApiGatewayV2::Route"
	integrationType  = "AWS::ApiGatewayV2::Integration"
	keyType          = "AWS::KMS::Key"
	aliasType        = "AWS::KMS::Alias"
	logGroupType     = "AWS::Logs::LogGroup"
	alarmType        = "AWS::CloudWatch::Alarm"
	dashboardType    = "AWS::CloudWatch::Dashboard"
	metadataType     = "AWS::CDK::Metadata"
)

// The properties that are read. One that is not here changes what runs in a way that a
// plan cannot say, or nobody has thought about it yet: both are refused.
type (
	nestedProperties struct {
		TemplateURL string `cfn:",required"`
		Parameters  map[string]string
		Tags        any
	}
	queueProperties struct {
		QueueName                     string `cfn:",required"`
		VisibilityTimeout             *int
		MessageRetentionPeriod        *int
		ReceiveMessageWaitTimeSeconds int
		SqsManagedSseEnabled          *bool
		KmsMasterKeyID                string `cfn:"KmsMasterKeyId"`
		RedrivePolicy                 *redrive
		RedriveAllowPolicy            *redriveAllow
		Tags                          any
	}
	redrive struct {
		DeadLetterTargetARN string `cfn:"deadLetterTargetArn,required"`
		MaxReceiveCount     int    `cfn:"maxReceiveCount"`
	}
	redriveAllow struct {
		RedrivePermission string   `cfn:"redrivePermission,required"`
		SourceQueueARNs   []string `cfn:"sourceQueueArns"`
	}
	queuePolicyProperties struct {
		Queues         []string       `cfn:",required"`
		PolicyDocument map[string]any `cfn:",required"`
	}
	topicProperties struct {
		TopicName      string `cfn:",required"`
		KmsMasterKeyID string `cfn:"KmsMasterKeyId"`
		TracingConfig  string
		Tags           any
	}
	topicPolicyProperties struct {
		Topics         []string       `cfn:",required"`
		PolicyDocument map[string]any `cfn:",required"`
	}
	subscriptionProperties struct {
		TopicARN           string `cfn:"TopicArn,required"`
		Protocol           string `cfn:",required"`
		Endpoint           string `cfn:",required"`
		RawMessageDelivery bool
		RedrivePolicy      *redrive
	}
	functionProperties struct {
		FunctionName  string `cfn:",required"`
		Description   string
		Code          codeProperties `cfn:",required"`
		Role          string         `cfn:",required"`
		Runtime       string         `cfn:",required"`
		Handler       string
		Architectures []string
		Timeout       *int
		MemorySize    *int
		Environment   struct{ Variables map[string]string }
		TracingConfig struct{ Mode string }
		LoggingConfig struct{ LogFormat, LogGroup string }
		Tags          any
	}
	codeProperties struct {
		S3Bucket string `cfn:",required"`
		S3Key    string `cfn:",required"`
	}
	mappingProperties struct {
		EventSourceARN                 string `cfn:"EventSourceArn,required"`
		FunctionName                   string `cfn:",required"`
		BatchSize                      *int
		MaximumBatchingWindowInSeconds int
		FunctionResponseTypes          []string
		ScalingConfig                  struct{ MaximumConcurrency int }
		Tags                           any
	}
	permissionProperties struct {
		Action       string `cfn:",required"`
		FunctionName string `cfn:",required"`
		Principal    string `cfn:",required"`
		SourceARN    string `cfn:"SourceArn"`
	}
	roleProperties struct {
		AssumeRolePolicyDocument map[string]any `cfn:",required"`
		Description              string
		Policies                 []rolePolicy
		Tags                     any
	}
	rolePolicy struct {
		PolicyName     string
		PolicyDocument map[string]any
	}
	ruleProperties struct {
		Name               string `cfn:",required"`
		Description        string
		ScheduleExpression string `cfn:",required"`
		State              string
		Targets            []struct {
			ID  string `cfn:"Id"`
			ARN string `cfn:"Arn"`
		}
		Tags any
	}
	apiProperties struct {
		Name              string `cfn:",required"`
		ProtocolType      string `cfn:",required"`
		Description       string
		CorsConfiguration *corsProperties
		Tags              any
	}
	corsProperties struct {
		AllowOrigins, AllowMethods, AllowHeaders, ExposeHeaders []string
		AllowCredentials                                        bool
		MaxAge                                                  *int
	}
	stageProperties struct {
		APIID                string `cfn:"ApiId,required"`
		StageName            string `cfn:",required"`
		AutoDeploy           bool
		AccessLogSettings    any
		DefaultRouteSettings struct {
			ThrottlingRateLimit, ThrottlingBurstLimit float64
			DetailedMetricsEnabled                    bool
		}
		Tags any
	}
	routeProperties struct {
		APIID             string `cfn:"ApiId,required"`
		RouteKey          string `cfn:",required"`
		AuthorizationType string
		Target            string
	}
	integrationProperties struct {
		APIID                string `cfn:"ApiId,required"`
		IntegrationType      string
		IntegrationURI       string `cfn:"IntegrationUri"`
		PayloadFormatVersion string
		TimeoutInMillis      *int
	}
	keyProperties struct {
		Description       string
		EnableKeyRotation bool
		KeyPolicy         map[string]any `cfn:",required"`
		Tags              any
	}
	aliasProperties struct {
		AliasName   string `cfn:",required"`
		TargetKeyID string `cfn:"TargetKeyId,required"`
	}
	logGroupProperties struct {
		LogGroupName    string
		RetentionInDays int
		Tags            any
	}
)

// decode reads properties into a T, or says what is wrong with them.
func decode[T any](properties map[string]any) (T, []string) {
	if problems := provider.SchemaOf[T](provider.Options{}).Problems(properties); len(problems) > 0 {
		var none T
		return none, problems
	}
	out, err := provider.Decode[T]("", properties)
	if err != nil {
		return out, []string{err.Error()}
	}
	return out, nil
}
