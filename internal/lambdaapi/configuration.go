package lambdaapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
)

// A Configuration is what Lambda tells of a function, its fields as in its model.
type Configuration struct {
	HTTPStatus                 int `json:"-" rest:"status"`
	FunctionName               string
	FunctionARN                string `json:"FunctionArn"`
	Runtime                    string
	Role                       string
	Handler                    string
	CodeSize                   int64
	Description                string
	Timeout                    int
	MemorySize                 int
	LastModified               string
	CodeSHA256                 string `json:"CodeSha256"`
	Version                    string
	Environment                *Environment `json:",omitempty"`
	TracingConfig              TracingConfig
	RevisionID                 string `json:"RevisionId"`
	State                      string
	StateReason                string `json:",omitempty"`
	StateReasonCode            string `json:",omitempty"`
	LastUpdateStatus           string `json:",omitempty"`
	LastUpdateStatusReason     string `json:",omitempty"`
	LastUpdateStatusReasonCode string `json:",omitempty"`
	PackageType                string
	Architectures              []string
	EphemeralStorage           EphemeralStorage
	SnapStart                  SnapStart
	LoggingConfig              LoggingConfig
}

// The parts of a [Configuration].
type (
	// Environment are the variables that were set for the function.
	Environment struct{ Variables map[string]string }
	// TracingConfig says what X-Ray is told.
	TracingConfig struct{ Mode string }
	// EphemeralStorage is the size of /tmp in MB. It is not limited here.
	EphemeralStorage struct{ Size int }
	// SnapStart is for other runtimes.
	SnapStart struct{ ApplyOn, OptimizationStatus string }
	// LoggingConfig says where the function's log is.
	LoggingConfig struct{ LogFormat, LogGroup string }
)

// modified is how Lambda writes when a function was modified.
const modified = "2006-01-02T15:04:05.000-0700"

func (s *Service) configuration(ctx context.Context, f *Function, qualifier string) (*Configuration, error) {
	code := code{}
	if f.Deployment == nil {
		var err error
		if code, err = s.functions.Load().codeOf(f); err != nil {
			return nil, broken(err)
		}
	}
	c := &Configuration{
		FunctionName: f.Name,
		FunctionARN:  arn(awsapi.RequestFrom(ctx).Region, f.Name),
		Runtime:      "provided.al2023",
		Role:         "arn:aws:iam::" + awsapi.Account + ":role/" + f.Name,
		Handler:      "bootstrap",
		CodeSize:     code.size,
		Timeout:      int(f.Timeout / time.Second),
		MemorySize:   f.MemoryMB,
		LastModified: code.modified.UTC().Format(modified),
		CodeSHA256:   code.sum,
		Version:      latest,
		// It changes with the code, which is all that can change here.
		RevisionID:       uuid.NewSHA1(uuid.NameSpaceURL, []byte(f.Name+"/"+code.sum)).String(),
		TracingConfig:    TracingConfig{tracingPassThrough},
		State:            "Active",
		LastUpdateStatus: "Successful",
		PackageType:      "Zip",
		Architectures:    []string{machine()},
		EphemeralStorage: EphemeralStorage{defaultEphemeral},
		SnapStart:        SnapStart{"None", "Off"},
		LoggingConfig:    LoggingConfig{formatText, logGroupPrefix + f.Name},
	}
	if len(f.Env) > 0 {
		c.Environment = &Environment{f.Env}
	}
	if qualifier != "" {
		c.FunctionARN += ":" + qualifier
	}
	if f.Deployment != nil {
		f.Deployment.describe(c)
		return c, nil
	}
	if f.Binary == "" {
		c.State, c.StateReason, c.StateReasonCode = "Pending", "The function is being created.", "Creating"
	}
	return c, nil
}

// describe tells of f what a client has said.
func (d *Deployment) describe(c *Configuration) {
	c.Role, c.Runtime, c.Handler, c.Description = d.Role, d.Runtime, d.Handler, d.Description
	c.Architectures = []string{d.Architecture}
	c.TracingConfig.Mode = d.Tracing
	c.CodeSize, c.CodeSHA256 = d.Code.Size, d.Code.Base64()
	c.LastModified = d.Modified.UTC().Format(modified)
	c.RevisionID = d.Revision
	if d.JSON {
		c.LoggingConfig.LogFormat = formatJSON
	}
}

// A code is what is known of an executable.
type code struct {
	size     int64
	sum      string // SHA-256 in Base64
	modified time.Time
}

func (f *functions) codeOf(of *Function) (code, error) {
	if of.Binary == "" {
		return code{modified: f.since}, nil
	}
	if look := f.code[of.Binary]; look != nil {
		return look()
	}
	return codeOf(of.Binary)() // it has been replaced since it was found
}

// codeOf returns what looks at a binary, once, when somebody wants to know.
func codeOf(path string) func() (code, error) {
	return sync.OnceValues(func() (code, error) {
		file, err := os.Open(path)
		if err != nil {
			return code{}, fmt.Errorf("look at a function's code: %w", err)
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return code{}, fmt.Errorf("look at a function's code: %w", err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, file); err != nil {
			return code{}, fmt.Errorf("look at a function's code: %w", err)
		}
		return code{info.Size(), base64.StdEncoding.EncodeToString(sum.Sum(nil)), info.ModTime()}, nil
	})
}

func fileURL(path string) string {
	if path == "" {
		return ""
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
