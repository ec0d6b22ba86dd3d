package cwlogs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/shelf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	chargeID    = "topics/order_placed/charge"
	chargeName  = "shop-order_placed-charge"
	chargeGroup = "/aws/lambda/" + chargeName
	groupARN    = "arn:aws:logs:eu-west-1:000000000000:log-group:" + chargeGroup
)

// noon is when the log of these tests begins.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// dayStream is the stream of a day after that of noon.
func dayStream(days int) string { return lambda.LogStream(chargeName, noon.AddDate(0, 0, days)) }

// A files is a source that has the logs of functions in memory.
type files map[string][]string // by function: the content of each file

func (f files) Open(function string) ([]fs.File, error) {
	var out []fs.File
	for _, content := range f[function] {
		if content == broken {
			return nil, errors.New("disk on fire")
		}
		file, err := fstest.MapFS{"log": {Data: []byte(content)}}.Open("log")
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	return out, nil
}

// broken is the content of a file that cannot be opened.
const broken = "broken"

// said is a file in which a function has said something, one line at each time.
func said(at time.Time, every time.Duration, lines ...string) string {
	var out []byte
	for i, line := range lines {
		record, err := json.Marshal(activity.Event{Time: at.Add(time.Duration(i) * every), Kind: activity.Log, Function: chargeID, Line: line})
		if err != nil {
			panic(err)
		}
		out = append(append(out, record...), '\n')
	}
	return string(out)
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("line %d", i)
	}
	return out
}

// client returns the SDK's client of logs that the function charge has written.
func client(t *testing.T, content ...string) *cloudwatchlogs.Client {
	t.Helper()
	return clientOf(t, files{chargeID: content}, cwlogs.Function{ID: chargeID, Name: chargeName})
}

func clientOf(t *testing.T, source cwlogs.Source, functions ...cwlogs.Function) *cloudwatchlogs.Client {
	t.Helper()
	return clientOver(t, openStore(t), source, functions...)
}

// clientOver returns the SDK's client of a service that keeps its groups in store.
func clientOver(t *testing.T, store shelf.Store, source cwlogs.Source, functions ...cwlogs.Function) *cloudwatchlogs.Client {
	t.Helper()
	service, err := cwlogs.New(t.Context(), source, store)
	if err != nil {
		t.Fatal(err)
	}
	service.SetFunctions(functions)
	server := awsapitest.Serve(t, awsapi.NewHandler(awsapi.Options{}, service.API()))
	return cloudwatchlogs.NewFromConfig(awsapitest.Config(server.URL, server.Client()), func(o *cloudwatchlogs.Options) {
		o.EndpointOptions.DisableHTTPS = true
	})
}

// failed returns the code and the message of an error of the service.
func failed(t *testing.T, err error) string {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	return api.ErrorCode() + ": " + api.ErrorMessage()
}
