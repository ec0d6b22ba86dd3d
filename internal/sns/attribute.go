package sns

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/sqs"
)

// A MessageAttribute is the value of a message attribute.
type MessageAttribute struct {
	DataType    string
	StringValue string
	BinaryValue []byte
}

// binary says which of the values counts.
func (a MessageAttribute) binary() bool { return strings.HasPrefix(a.DataType, "Binary") }

// maxAttributeName is in bytes.
const maxAttributeName = 256

// checkAttributes says what SNS would say against attributes that the request has
// at the given place.
func checkAttributes(attributes map[string]MessageAttribute, place string) *awsapi.Error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if e := checkAttributeName(name); e != nil {
			return e
		}
		a := attributes[name]
		if a.DataType == "" {
			return validation("Value null at '%smessageAttributes.%s.member.dataType' failed to satisfy constraint: Member must not be null", place, name)
		}
		if e := a.check(name); e != nil {
			return e
		}
	}
	return nil
}

func refuseAttribute(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ParameterValueInvalid", format, args...)
}

const attributeNameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

func checkAttributeName(name string) *awsapi.Error {
	bad := strings.IndexFunc(name, func(r rune) bool { return !strings.ContainsRune(attributeNameLetters, r) })
	switch {
	case len(name) > maxAttributeName:
		return refuseAttribute("Length of message attribute name must be less than %d bytes.", maxAttributeName)
	case name == "":
		// These words were not seen on AWS.
		return refuseAttribute("Message attribute name can not be empty.")
	case name[0] == '.':
		return refuseAttribute("Invalid message attribute name starting with character '.' was found.")
	case name[len(name)-1] == '.':
		return refuseAttribute("Invalid message attribute name ending with character '.' was found.")
	case bad >= 0:
		return refuseAttribute("Invalid non-alphanumeric character '#x%X' was found in the message attribute name. "+
			"Can only include alphanumeric characters, hyphens, underscores, or dots.", []rune(name[bad:])[0])
	case strings.Contains(name, ".."):
		return refuseAttribute("Message attribute name can not have successive '.' character.")
	}
	return nil
}

func (a MessageAttribute) check(name string) *awsapi.Error {
	kind, label, labelled := strings.Cut(a.DataType, ".")
	known := kind == "String" || kind == "Number" || kind == "Binary"
	field, given, other := "String", a.StringValue != "", len(a.BinaryValue) > 0
	if kind == "Binary" {
		field, given, other = kind, other, given
	}
	switch {
	case !known, labelled && label == "":
		return refuseAttribute("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case !given && other:
		return refuseAttribute("The message attribute '%s' with type '%s' must use field '%s'.", name, a.DataType, field)
	case !given:
		return refuseAttribute("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
	case kind == "Number" && !sqs.ValidNumber(a.StringValue):
		return refuseAttribute("Could not cast message attribute '%s' value to number.", name)
	case a.DataType == "String.Array" && !isArray(a.StringValue):
		return refuseAttribute("The message attribute '%s' must contain a JSON array for message attribute type 'String.Array'.", name)
	case kind != "Binary" && !sqs.ValidText(a.StringValue), !sqs.ValidText(a.DataType):
		// A queue cannot take it; AWS accepts it and fails to deliver.
		return refuseAttribute("The message attribute '%s' has a character that SQS does not allow.", name)
	}
	return nil
}

func isArray(text string) bool {
	var list []any
	return json.Unmarshal([]byte(text), &list) == nil && list != nil // null is none
}
