package lambda

import "encoding/json"

// Message is why the function failed, in its own words or Lambda's, for people;
// empty for an answer.
func (r Result) Message() string {
	if r.FunctionError == "" {
		return ""
	}
	var failed struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	switch err := json.Unmarshal(r.Payload, &failed); {
	case err == nil && failed.ErrorMessage != "":
		return failed.ErrorMessage
	case err == nil && failed.ErrorType != "":
		return failed.ErrorType
	}
	return r.FunctionError
}
