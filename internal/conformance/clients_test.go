package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// A clientCall is a call of a script that every client makes.
type clientCall struct {
	Service, Action string
	In              map[string]any
	Save            map[string]string // names, and where in the answer their values are
}

// A client makes the calls of a script, and returns an answer for each, normalised,
// or for as many as it has time for.
type client func(ctx context.Context, script string, endpoint string) ([]string, error)

// TestClients has AWS's SDK for Go, the command line and boto3 do the same, each
// with an empty cloud, and compares what they say.
func TestClients(t *testing.T) {
	scripts, err := filepath.Glob("testdata/clients/*.json")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".json"), func(t *testing.T) {
			t.Parallel()
			compareClients(t, script)
		})
	}
}

func compareClients(t *testing.T, script string) {
	calls, err := readCalls(script)
	if err != nil {
		t.Fatal(err)
	}
	want := runClient(t, script, goSDK)
	for i, answer := range want {
		if strings.HasPrefix(answer, "NotImplemented") {
			t.Errorf("%s: %s", calls[i].Action, answer)
		}
	}
	for name, c := range map[string]client{"boto3": boto3, "aws": commandLine} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				t.Skip("it starts programs in Python, which takes up to a second for each call")
			}
			got := runClient(t, script, c)
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Errorf("%s, call %d (-Go +%s):\n%s", calls[i].Action, i+1, name, cmp.Diff(want[i], got[i]))
				}
			}
			if len(got) != len(want) {
				t.Logf("the time was over after %d of %d calls", len(got), len(want))
			}
		})
	}
}

func readCalls(script string) (calls []clientCall, err error) {
	text, err := os.ReadFile(script)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &calls); err != nil {
		return nil, fmt.Errorf("%s: %w", script, err)
	}
	return calls, nil
}

// errMissing says that a client is not installed.
var errMissing = errors.New("not installed")

func runClient(t *testing.T, script string, c client) []string {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	answers, err := c(ctx, script, socketDoor(t, newCloud(t)).endpoint)
	if errors.Is(err, errMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// A session is one client's run of a script.
type session struct {
	saved map[string]any
	norm  *normaliser
}

func newSession(endpoint string) *session {
	return &session{map[string]any{}, newNormaliser(endpoint)}
}

// input replaces the names in a call's parameters.
func (s *session) input(v any) any {
	switch v := v.(type) {
	case string:
		if name, is := strings.CutPrefix(v, "$"); is {
			return s.saved[name]
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = s.input(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			out[key] = s.input(member)
		}
		return out
	}
	return v
}

// save keeps the values of an answer that the script has names for.
func (s *session) save(call clientCall, output any) error {
	for name, path := range call.Save {
		v := output
		for step := range strings.SplitSeq(path, ".") {
			switch at := v.(type) {
			case []any:
				i, err := strconv.Atoi(step)
				if err != nil || i >= len(at) {
					return fmt.Errorf("%s: the answer has no %s: %s", call.Action, path, show(output))
				}
				v = at[i]
			case map[string]any:
				v = at[step]
			}
		}
		s.saved[name] = v
	}
	return nil
}

// goSDK calls the method of the client that has the action's name.
func goSDK(ctx context.Context, script, endpoint string) ([]string, error) {
	calls, err := readCalls(script)
	if err != nil {
		return nil, err
	}
	sdk := newSide("ours", endpoint)
	clients := map[string]reflect.Value{"sqs": reflect.ValueOf(sdk.sqs), "sns": reflect.ValueOf(sdk.sns)}
	s := newSession(endpoint)
	var answers []string
	for _, call := range calls {
		method := clients[call.Service].MethodByName(call.Action)
		if !method.IsValid() {
			return nil, fmt.Errorf("the SDK has no %s", call.Action)
		}
		input := reflect.New(method.Type().In(1).Elem())
		encoded, _ := json.Marshal(s.input(call.In)) // it was JSON
		if err := json.Unmarshal(encoded, input.Interface()); err != nil {
			return nil, fmt.Errorf("%s: %w", call.Action, err)
		}
		results := method.Call([]reflect.Value{reflect.ValueOf(ctx), input})
		if err, failed := reflect.TypeAssert[error](results[1]); failed {
			e, ok := errors.AsType[smithy.APIError](err)
			if !ok {
				return nil, err
			}
			answers = append(answers, s.norm.text(e.ErrorCode()+": "+e.ErrorMessage()))
			continue
		}
		encoded, err := json.Marshal(results[0].Interface())
		if err != nil {
			return nil, err
		}
		if err := s.answered(call, encoded, &answers); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// answered takes in an answer in JSON.
func (s *session) answered(call clientCall, encoded []byte, answers *[]string) error {
	output := any(map[string]any{})
	if len(bytes.TrimSpace(encoded)) > 0 {
		var err error
		if output, err = decodeJSON(encoded); err != nil {
			return fmt.Errorf("%s: %w: %s", call.Action, err, encoded)
		}
	}
	if err := s.save(call, output); err != nil {
		return err
	}
	text, _ := json.Marshal(withoutZeros(s.norm.value("", output))) // it was JSON
	*answers = append(*answers, string(text))
	return nil
}

// withoutZeros drops what the SDK for Go cannot tell from what is not there, and
// the numbers that depend on how fast a client is.
func withoutZeros(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutZeros(v[i])
		}
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			if member = withoutZeros(member); member != any(jsonZero) && member != false && key != "ApproximateNumberOfMessagesMoved" && key != "StartedTimestamp" {
				out[strings.ToUpper(key[:1])+key[1:]] = member // a field of Go's begins so
			}
		}
		return out
	}
	return v
}

// environment is what a program gets, so that it knows nothing of the developer's.
func environment() []string {
	return append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=", "AWS_DEFAULT_REGION="+awsRegion,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "PYTHONIOENCODING=utf-8")
}

// boto3 runs the script in Python.
func boto3(ctx context.Context, script, endpoint string) ([]string, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return nil, fmt.Errorf("python3: %w", errMissing)
	}
	if exec.CommandContext(ctx, python, "-c", "import boto3").Run() != nil {
		return nil, fmt.Errorf("boto3: %w (pip install boto3)", errMissing)
	}
	command := exec.CommandContext(ctx, python, "testdata/clients/boto.py", script, endpoint)
	command.Env = environment()
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("boto.py: %w\n%s", err, &complaint)
	}
	s := newSession(endpoint)
	var answers []string
	for line := range strings.Lines(string(output)) {
		var answer struct {
			Out   json.RawMessage
			Error *string
		}
		if ctx.Err() != nil && !strings.HasSuffix(line, "\n") {
			break // it was ended in the middle
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			return nil, err
		}
		if answer.Error != nil {
			answers = append(answers, s.norm.text(*answer.Error))
		} else if err := s.answered(clientCall{}, answer.Out, &answers); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

var (
	capital  = regexp.MustCompile(`([a-z])([A-Z])`)
	cliError = regexp.MustCompile(`(?s)An error occurred \((.+?)\) when calling the \w+ operation: (.+)`)
)

// commandLine runs the program aws for each call.
func commandLine(ctx context.Context, script, endpoint string) ([]string, error) {
	aws, err := exec.LookPath("aws")
	if err != nil {
		return nil, fmt.Errorf("aws: %w (pip install awscli)", errMissing)
	}
	calls, err := readCalls(script)
	if err != nil {
		return nil, err
	}
	s := newSession(endpoint)
	var answers []string
	for _, call := range calls {
		input, _ := json.Marshal(s.input(call.In)) // it was JSON
		if ctx.Err() != nil {
			break
		}
		command := exec.CommandContext(ctx, aws, "--endpoint-url", endpoint, "--output", "json", "--no-paginate",
			call.Service, strings.ToLower(capital.ReplaceAllString(call.Action, "$1-$2")), "--cli-input-json", string(input))
		command.Env = environment()
		var complaint bytes.Buffer
		command.Stderr = &complaint
		output, err := command.Output()
		if ctx.Err() != nil {
			break // it was ended
		}
		if err != nil {
			m := cliError.FindStringSubmatch(strings.TrimSpace(complaint.String()))
			if m == nil {
				return nil, fmt.Errorf("aws %s: %w\n%s", call.Action, err, &complaint)
			}
			answers = append(answers, s.norm.text(m[1]+": "+m[2]))
			continue
		}
		if err := s.answered(call, output, &answers); err != nil {
			return nil, err
		}
	}
	return answers, nil
}
