package s3_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/s3"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is S3 over a folder, that can be started again.
type rig struct {
	*awss3.Client
	t       *testing.T
	dir     string
	store   *queue.Store
	service *s3.Service
	server  *httptest.Server
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir()}
	r.start()
	t.Cleanup(func() { r.store.Close() })
	return r
}

func (r *rig) start() {
	r.t.Helper()
	var err error
	if r.store, err = queue.Open(context.WithoutCancel(r.t.Context()), filepath.Join(r.dir, "store"), queue.Options{}); err != nil {
		r.t.Fatal(err)
	}
	if r.service, err = s3.Open(r.t.Context(), r.store, filepath.Join(r.dir, "s3")); err != nil {
		r.t.Fatal(err)
	}
	other := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	r.server = awsapitest.Serve(r.t, r.service.Handler(s3.Options{Failed: func(err error) { r.t.Error(err) }}, other))
	config := awsapitest.Config(r.server.URL, r.server.Client())
	config.Region = "us-east-1"
	r.Client = awss3.NewFromConfig(config, func(o *awss3.Options) { o.UsePathStyle = true })
}

// restart ends all and begins again with what is on disk.
func (r *rig) restart() {
	r.t.Helper()
	r.server.Close()
	if err := r.store.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.start()
}

func (r *rig) createBucket(name string) {
	r.t.Helper()
	if _, err := r.CreateBucket(r.t.Context(), &awss3.CreateBucketInput{Bucket: &name}); err != nil {
		r.t.Fatal(err)
	}
}

// code is the code of an error of S3's, "" of none.
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("%v is no error of S3's", err)
	}
	return api.ErrorCode()
}

// files are the contents that are kept.
func (r *rig) files() (n int) {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.dir, "s3", "*"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range names {
		if filepath.Base(name) != "incomplete" {
			n++
		}
	}
	return n
}

var str = aws.String
