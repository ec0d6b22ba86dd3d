package lambdaapi

import (
	"context"
	"io"
	"time"

	"github.com/less-go/less/internal/bundle"
)

// A Deployer runs the functions that clients have made.
type Deployer interface {
	// Unpack keeps the zip that r has, and returns it with the folder of its files. The
	// error wraps those of [bundle.Store.Add].
	Unpack(r io.Reader) (b bundle.Bundle, folder string, err error)
	// Zip is the path of a zip that was unpacked.
	Zip(b bundle.Bundle) string
	// Deploy makes a function, or changes the one of its name. It is durable when
	// Deploy returns, and what is invoked from then on runs it.
	Deploy(ctx context.Context, f Function) error
	// Withdraw removes a function, with the events that wait for it.
	Withdraw(ctx context.Context, name string) error
}

// Objects are what S3 keeps.
type Objects interface {
	// Object returns the content of an object, its current version where version is
	// empty. The error is what Lambda is to say of one that cannot be read.
	Object(ctx context.Context, bucket, key, version string) (io.ReadCloser, error)
}

// Roles are IAM's.
type Roles interface {
	// Assumable says whether there is a role of that ARN which a service may assume.
	Assumable(ctx context.Context, roleARN, service string) bool
	// Allows says whether a role may do action on the resource with an ARN.
	Allows(roleARN, action, resource string) bool
}

// A Deployment is what is known of a function because a client has said it.
type Deployment struct {
	// Region is where the client made it.
	Region                              string
	Role, Runtime, Handler, Description string
	Architecture                        string
	// Tracing is Active or PassThrough. Nothing is traced here.
	Tracing string
	// JSON says that the function's log is to be in JSON.
	JSON bool
	Code bundle.Bundle
	// Modified is when it was made or changed, Revision which state of it that was.
	Modified time.Time
	Revision string
	Tags     map[string]string
	// Permissions say who may invoke it.
	Permissions []Permission
}
