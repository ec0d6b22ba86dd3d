package cloud

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// An answer stands in the SDK's stack before its own deserializer of Publish. Of
// a success it wants to know only that SNS says so, which needs no XML parser;
// everything else, errors above all, goes to the SDK's.
type answer struct {
	sdk middleware.DeserializeMiddleware
}

// ID is the name of the SDK's deserializer, whose place it takes.
func (answer) ID() string { return "OperationDeserializer" }

// HandleDeserialize makes a [sns.PublishOutput], without its fields, of an HTTP response.
func (a answer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleDeserialize(ctx, in)
	response, isHTTP := out.RawResponse.(*smithyhttp.Response)
	if err == nil && isHTTP && response.StatusCode/100 == 2 {
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			return out, metadata, &smithy.DeserializationError{Err: fmt.Errorf("read the response: %w", err)}
		}
		if bytes.Contains(body, []byte("<MessageId>")) {
			out.Result = &sns.PublishOutput{}
			return out, metadata, nil
		}
		// Not what SNS says. The SDK finds out what is wrong with it.
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	return a.sdk.HandleDeserialize(ctx, in, middleware.DeserializeHandlerFunc(
		func(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
			return out, metadata, err
		}))
}

// lean gives a stack that publishes its serializer and deserializer.
func lean(stack *middleware.Stack) error {
	if _, err := stack.Serialize.Swap(form{}.ID(), form{}); err != nil {
		return err
	}
	sdk, found := stack.Deserialize.Get(answer{}.ID())
	if !found {
		_, err := stack.Deserialize.Swap(answer{}.ID(), answer{}) // says what is missing
		return err
	}
	_, err := stack.Deserialize.Swap(answer{}.ID(), answer{sdk})
	return err
}
