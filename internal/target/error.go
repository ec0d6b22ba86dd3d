package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"

	"github.com/aws/smithy-go"
)

// Explain turns what a client returns into what people can do something about:
// there is nobody there, or it does not let them in. What the service itself says
// it leaves in the service's words. Not-found errors are better explained by who
// asked, and knows for what: see [NotFound].
func (t *Target) Explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if slices.Contains(refused, api.ErrorCode()) {
			return fmt.Errorf("%s does not let these credentials do that: %s", t.Name, api.ErrorMessage())
		}
		return fmt.Errorf("%s answers %s: %s", t.Name, api.ErrorCode(), api.ErrorMessage())
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		if t.Local && !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("%s has broken off: %w. Try again", t.Name, root(err))
		}
		if t.Local && t.opts.DefaultPort == 0 {
			return fmt.Errorf("nothing answers at %s. Start what should, or name another place with --endpoint", t.Name)
		}
		if t.Local {
			return fmt.Errorf("nothing answers at %s. Start the engine with 'less-cli run' in the project, or name another place with --aws-port, --endpoint or --aws", t.Name)
		}
		if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
			return fmt.Errorf("%s cannot be reached, as there is no %s. Look at the name of the region, and at the network", t.Name, dns.Name)
		}
		return fmt.Errorf("%s cannot be reached: %w. Look at the network, or name another place with --endpoint", t.Name, root(err))
	}
	return fmt.Errorf("%s: %w", t.Name, err)
}

// NotFound says whether a service has answered that a resource does not exist.
func NotFound(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(missing, api.ErrorCode())
}

var missing = []string{
	"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", // SQS
	"NotFound", "NotFoundException", // SNS
	"ResourceNotFoundException", // Lambda, CloudWatch Logs
}

var refused = []string{
	"AccessDenied", "AccessDeniedException", "AuthorizationError", "ExpiredToken", "ExpiredTokenException",
	"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
}

// root is the innermost error, without the SDK's words around it.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
