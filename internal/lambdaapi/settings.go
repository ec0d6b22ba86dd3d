package lambdaapi

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// What AWS allows.
const (
	defaultTimeout     = 3 // s
	maxTimeout         = 900
	defaultMemory      = 128 // MB
	maxMemory          = 10_240
	maxDescription     = 256
	maxHandler         = 128
	maxEnvironment     = 4 << 10
	defaultEphemeral   = 512
	rolePattern        = `arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`
	variablePattern    = `[a-zA-Z]([a-zA-Z0-9_])+`
	logGroupPrefix     = "/aws/lambda/"
	tracingActive      = "Active"
	tracingPassThrough = "PassThrough"
	formatText         = "Text"
	formatJSON         = "JSON"
)

var (
	validRole     = regexp.MustCompile(`^` + rolePattern + `$`)
	validVariable = regexp.MustCompile(`^` + variablePattern + `$`)
)

// runtimes are those whose programs need nothing but a kernel.
var runtimes = []string{"provided.al2023", "provided.al2"}

// FunctionSettings are the settings of a function that a client may choose, when it
// makes the function or later. What is nil stays as it is.
type FunctionSettings struct {
	Role          *string
	Runtime       *string
	Handler       *string
	Description   *string
	Timeout       *int
	MemorySize    *int
	Environment   *Environment
	TracingConfig *TracingConfig
	LoggingConfig *LoggingSettings
	// EphemeralStorage is not limited here, so only its default is taken.
	EphemeralStorage *EphemeralStorage
	unsupported
}

// LoggingSettings say how a function logs, and where.
type LoggingSettings struct {
	LogFormat, LogGroup                 *string
	ApplicationLogLevel, SystemLogLevel *string
}

// unsupported are settings that change what a function is or does, and that would
// be lost if they were ignored.
type unsupported struct {
	VPCConfig              json.RawMessage `json:"VpcConfig"`
	DeadLetterConfig       json.RawMessage
	KMSKeyARN              json.RawMessage `json:"KMSKeyArn"`
	Layers                 json.RawMessage
	FileSystemConfigs      json.RawMessage
	ImageConfig            json.RawMessage
	SnapStart              json.RawMessage
	CodeSigningConfigARN   json.RawMessage `json:"CodeSigningConfigArn"`
	CapacityProviderConfig json.RawMessage
	DurableConfig          json.RawMessage
	TenancyConfig          json.RawMessage
}

// check refuses what is set to anything but what it is without being set.
func (u unsupported) check() error {
	for name, value := range map[string]json.RawMessage{
		"VpcConfig": u.VPCConfig, "DeadLetterConfig": u.DeadLetterConfig, "KMSKeyArn": u.KMSKeyARN, "Layers": u.Layers,
		"FileSystemConfigs": u.FileSystemConfigs, "ImageConfig": u.ImageConfig, "SnapStart": u.SnapStart,
		"CodeSigningConfigArn": u.CodeSigningConfigARN, "CapacityProviderConfig": u.CapacityProviderConfig,
		"DurableConfig": u.DurableConfig, "TenancyConfig": u.TenancyConfig,
	} {
		switch strings.ReplaceAll(string(value), " ", "") {
		case "", "null", "{}", "[]", `""`, `{"ApplyOn":"None"}`, `{"SubnetIds":[],"SecurityGroupIds":[]}`, `{"SecurityGroupIds":[],"SubnetIds":[]}`:
		default:
			return awsapi.NotImplemented("%s of a function", name)
		}
	}
	return nil
}

// apply gives f the settings that are chosen.
func (in *FunctionSettings) apply(f *Function) error {
	for _, apply := range []func(*Function) error{in.program, in.size, in.environment, in.observation} {
		if err := apply(f); err != nil {
			return err
		}
	}
	return in.check()
}

// program sets what the function runs as.
func (in *FunctionSettings) program(f *Function) error {
	switch {
	case in.Role != nil && !validRole.MatchString(*in.Role):
		return invalidMember(*in.Role, "role", "Member must satisfy regular expression pattern: "+rolePattern)
	case in.Runtime != nil && !slices.Contains(runtimes, *in.Runtime):
		return awsapi.NotImplemented("the runtime %s: a function here is a program of its own, of the runtime %s", *in.Runtime, runtimes[0])
	case in.Handler != nil && (len(*in.Handler) > maxHandler || *in.Handler == "" || strings.ContainsAny(*in.Handler, " \t\n")):
		return invalidMember(*in.Handler, "handler", `Member must satisfy regular expression pattern: [^\s]+`)
	case in.Description != nil && len(*in.Description) > maxDescription:
		return invalidMember(*in.Description, "description", "Member must have length less than or equal to 256")
	}
	set(&f.Deployment.Role, in.Role)
	set(&f.Deployment.Runtime, in.Runtime)
	set(&f.Deployment.Handler, in.Handler)
	set(&f.Deployment.Description, in.Description)
	return nil
}

// size sets how much the function may take.
func (in *FunctionSettings) size(f *Function) error {
	if n := in.Timeout; n != nil {
		if err := checkRange(*n, "timeout", 1, maxTimeout); err != nil {
			return err
		}
		f.Timeout = time.Duration(*n) * time.Second
	}
	if n := in.MemorySize; n != nil {
		if err := checkRange(*n, "memorySize", defaultMemory, maxMemory); err != nil {
			return err
		}
		f.MemoryMB = *n
	}
	if e := in.EphemeralStorage; e != nil && e.Size != defaultEphemeral {
		return awsapi.NotImplemented("an EphemeralStorage of %d MB: the folder of temporary files is not limited", e.Size)
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// environment sets the function's own variables.
func (in *FunctionSettings) environment(f *Function) error {
	if in.Environment == nil {
		return nil
	}
	const wontDo = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	var taken []string
	size := 0
	for _, name := range slices.Sorted(maps.Keys(in.Environment.Variables)) {
		size += len(name) + len(in.Environment.Variables[name])
		switch {
		case !validVariable.MatchString(name):
			return invalidMember(in.Environment.Variables, "environment.variables",
				"Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "+variablePattern+"]")
		case reserved[name]:
			taken = append(taken, name)
		}
	}
	switch {
	case len(taken) > 0:
		return invalidValue(wontDo + "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: " +
			strings.Join(taken, ", "))
	case size > maxEnvironment:
		// AWS adds the variables that it measured, which are secrets at times.
		return invalidValue(wontDo + "exceeded the 4KB limit.")
	}
	f.Env = in.Environment.Variables
	return nil
}

// reserved are the variables that Lambda sets.
var reserved = func() map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(`_HANDLER _X_AMZN_TRACE_ID AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE
		AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY
		AWS_SECRET_KEY AWS_SESSION_TOKEN LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT`) {
		out[name] = true
	}
	return out
}()

// observation sets what is told of the function, and where.
func (in *FunctionSettings) observation(f *Function) error {
	d := f.Deployment
	if t := in.TracingConfig; t != nil {
		if t.Mode != tracingActive && t.Mode != tracingPassThrough {
			return invalidMember(t.Mode, "tracingConfig.mode", "Member must satisfy enum value set: [Active, PassThrough]")
		}
		d.Tracing = t.Mode
	}
	l := in.LoggingConfig
	if l == nil {
		return nil
	}
	own := logGroupPrefix + f.Name
	switch {
	case l.ApplicationLogLevel != nil, l.SystemLogLevel != nil:
		return awsapi.NotImplemented("log levels of a function")
	case l.LogGroup != nil && *l.LogGroup != own:
		return awsapi.NotImplemented("the log group %s: a function here logs to %s", *l.LogGroup, own)
	case l.LogFormat != nil && *l.LogFormat != formatText && *l.LogFormat != formatJSON:
		return invalidMember(*l.LogFormat, "loggingConfig.logFormat", "Member must satisfy enum value set: [JSON, Text]")
	case l.LogFormat != nil:
		d.JSON = *l.LogFormat == formatJSON
	}
	return nil
}
