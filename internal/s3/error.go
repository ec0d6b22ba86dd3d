package s3

import (
	"net/http"

	"github.com/less-go/less/internal/awsapi"
)

func failure(status int, code, message string) *awsapi.Error {
	return &awsapi.Error{Code: code, Status: status, Message: message}
}

func noBucket() *awsapi.Error {
	return failure(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
}

func noKey() *awsapi.Error {
	return failure(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
}

func noUpload() *awsapi.Error {
	return failure(http.StatusNotFound, "NoSuchUpload",
		"The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

func malformedXML() *awsapi.Error {
	return failure(http.StatusBadRequest, "MalformedXML",
		"The XML you provided was not well-formed or did not validate against our published schema")
}

func notAllowed() *awsapi.Error {
	return failure(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
}

func invalidArgument(message string) *awsapi.Error {
	return failure(http.StatusBadRequest, "InvalidArgument", message)
}

func incomplete() *awsapi.Error {
	return failure(http.StatusBadRequest, "IncompleteBody",
		"You did not provide the number of bytes specified by the Content-Length HTTP header")
}

func tooLarge() *awsapi.Error {
	return failure(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
}
