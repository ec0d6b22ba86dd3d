package ecr_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/ecr"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) (*queue.Store, *ecr.Service) {
	t.Helper()
	store, err := queue.Open(context.WithoutCancel(t.Context()), path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s, err := ecr.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return store, s
}

func code(err error) string {
	e, _ := errors.AsType[*awsapi.Error](err)
	if e == nil {
		return ""
	}
	return e.Code
}

func TestRepositories(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	store, s := open(t, path)
	assets := ecr.RepositoryName{RepositoryName: "cdk/assets"}
	create := func(name, mutability string) error {
		_, err := s.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: ecr.RepositoryName{RepositoryName: name}, ImageTagMutability: mutability})
		return err
	}
	for _, tt := range []struct{ name, mutability, want string }{
		{"cdk/assets", "IMMUTABLE", ""},
		{"cdk/assets", "", "RepositoryAlreadyExistsException"},
		{"Upper", "", "InvalidParameterException"},
		{"other", "SOMETIMES", "NotImplemented"},
	} {
		if err := create(tt.name, tt.mutability); code(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := s.SetRepositoryPolicy(t.Context(), &ecr.SetRepositoryPolicyInput{RepositoryName: assets, PolicyText: "{}"}); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, path)
	out, err := s.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	if err != nil || len(out.Repositories) != 1 || out.Repositories[0].ImageTagMutability != "IMMUTABLE" ||
		out.Repositories[0].ARN != "arn:aws:ecr:us-east-1:000000000000:repository/cdk/assets" {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := s.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"none"}}); code(err) != "RepositoryNotFoundException" {
		t.Errorf("%v", err)
	}
	for _, want := range []string{"", "RepositoryNotFoundException"} {
		if _, err := s.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: assets}); code(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
