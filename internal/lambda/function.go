package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strconv"
	"time"

	"github.com/less-go/less/internal/secret"
)

// A Function is what the host runs.
type Function struct {
	// ID is the function's identity, under which it is invoked.
	ID string
	// Name is its name on AWS, as in its ARN.
	Name string
	// Region is where it is told that it runs; the host's where it is empty.
	Region string
	// Binary is the path of the executable.
	Binary string
	// Timeout bounds one invocation, 3 seconds where it is 0.
	Timeout time.Duration
	// MemoryMB is how much a process may use, 128 where it is 0.
	MemoryMB int
	// MaxConcurrency is how many processes it may have, 10 where it is 0.
	MaxConcurrency int
	// Env is added to the environment; a variable that Lambda reserves cannot be replaced.
	Env map[string]string
	// Secrets are added like Env, which wins, and shown to nobody.
	Secrets     map[string]secret.Text
	Credentials Credentials
}

// Credentials are the keys that a function finds in its environment.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
}

// arn is the function's unqualified ARN.
func (f *Function) arn(opts Options) string {
	return "arn:aws:lambda:" + or(f.Region, opts.Region) + ":" + opts.Account + ":function:" + f.Name
}

// environ is the whole environment of one of the function's processes: Lambda's
// reserved variables, a few fixed ones, and the function's own. It takes nothing
// from the host's environment, which is the developer's.
func (f *Function) environ(opts Options, root, runtimeAPI, temp string) []string {
	unreserved := map[string]string{
		"LANG":                      "en_US.UTF-8",
		"TZ":                        ":UTC",
		"PATH":                      "/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TMPDIR":                    temp,
		"AWS_EC2_METADATA_DISABLED": "true",
	}
	reserved := map[string]string{
		"_HANDLER":                        "bootstrap",
		"AWS_REGION":                      or(f.Region, opts.Region),
		"AWS_DEFAULT_REGION":              or(f.Region, opts.Region),
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      LogStream(f.Name, time.Now()),
		"AWS_ACCESS_KEY_ID":               f.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           f.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN":               f.Credentials.SessionToken,
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"LAMBDA_TASK_ROOT":                root,
		"LAMBDA_RUNTIME_DIR":              root,
	}
	merged := maps.Clone(unreserved)
	for name, value := range f.Secrets {
		merged[name] = string(value)
	}
	maps.Copy(merged, f.Env)
	maps.Copy(merged, reserved)
	env := make([]string, 0, len(merged))
	for key, value := range merged {
		env = append(env, key+"="+value)
	}
	return env
}

// LogStream names the log stream that a function's lines of this time belong to,
// as Lambda does. There it is one for each environment; here it is one for each
// day, which is what can be told of lines that are stored without it.
func LogStream(function string, at time.Time) string {
	id := sha256.Sum256([]byte(function))
	return at.UTC().Format("2006/01/02") + "/[$LATEST]" + hex.EncodeToString(id[:16])
}
