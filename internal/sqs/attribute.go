package sqs

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A MessageAttribute is the value of a message attribute.
type MessageAttribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
	// AWS has these in its model and refuses them.
	StringListValues []string `json:",omitempty" query:"StringListValue,flat"`
	BinaryListValues [][]byte `json:",omitempty" query:"BinaryListValue,flat"`
}

// maxAttributes is how many attributes a message may have.
const maxAttributes = 10

// Letters are those of any alphabet: AWS takes them, though its reference says
// alphanumeric.
var attributeName = regexp.MustCompile(`^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$`)

// attributesOf checks the attributes of a message.
func attributesOf(in map[string]MessageAttribute) (map[string]queue.Attribute, error) {
	if len(in) == 0 {
		return nil, nil
	}
	if len(in) > maxAttributes {
		return nil, invalid("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(in), maxAttributes)
	}
	out := make(map[string]queue.Attribute, len(in))
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if e := checkAttributeName(name); e != nil {
			return nil, e
		}
		attribute, e := attributeOf(name, in[name])
		if e != nil {
			return nil, e
		}
		out[name] = attribute
	}
	return out, nil
}

func checkAttributeName(name string) *awsapi.Error {
	lower := strings.ToLower(name)
	switch {
	case len(name) > 256:
		return invalid("Length of message (user) attribute name must be less than 256 bytes.")
	case !attributeName.MatchString(name):
		return invalid("Invalid non-alphanumeric character was found in the message (user) attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.")
	case strings.HasPrefix(lower, "aws."), strings.HasPrefix(lower, "amazon."):
		return invalid("You can't use message (user) attribute names beginning with 'AWS.' or 'Amazon.' because these strings are reserved for internal use.")
	}
	return nil
}

func attributeOf(name string, a MessageAttribute) (queue.Attribute, *awsapi.Error) {
	kind, _, _ := strings.Cut(a.DataType, ".")
	empty := a.StringValue == ""
	if kind == "Binary" {
		empty = len(a.BinaryValue) == 0
	}
	switch {
	case a.DataType == "":
		return queue.Attribute{}, invalid("The message (user) attribute '%s' must contain a non-empty message attribute type.", name)
	case kind != "String" && kind != "Number" && kind != "Binary":
		return queue.Attribute{}, invalid("The type of message (user) attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.", name)
	case len(a.DataType) > 256:
		return queue.Attribute{}, invalid("Length of the type of message (user) attribute '%s' must be less than 256 bytes.", name)
	case len(a.StringListValues) > 0, len(a.BinaryListValues) > 0:
		return queue.Attribute{}, modeled("UnsupportedOperation", "Message attribute list values in SendMessage operation are not supported.")
	case empty:
		return queue.Attribute{}, invalid("Message (user) attribute '%s' must contain a non-empty value of type '%s'.", name, kind)
	case kind == "Binary":
		return queue.Attribute{Type: a.DataType, Binary: a.BinaryValue}, nil
	case kind == "Number" && !ValidNumber(a.StringValue):
		return queue.Attribute{}, invalid("Can't cast the value of message (user) attribute '%s' to a number.", name)
	case !ValidText(a.StringValue), !ValidText(a.DataType):
		return queue.Attribute{}, invalid("Message (user) attribute '%s': %s", name, invalidText)
	}
	return queue.Attribute{Type: a.DataType, String: a.StringValue}, nil
}

const invalidText = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"

// ValidText says whether SQS takes s as a body or as an attribute's value. These
// are the characters that XML can say.
func ValidText(s string) bool {
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

var number = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)

// ValidNumber says whether s is a value for an attribute of type Number.
func ValidNumber(s string) bool { return number.MatchString(s) }

// BodyMD5 is the checksum of a body, by which clients check that it arrived whole.
func BodyMD5(body []byte) string {
	sum := md5.Sum(body)
	return hex.EncodeToString(sum[:])
}

// AttributesMD5 is the checksum of attributes, "" for none: in the order of
// their names, each name, type, kind of value and value, with their lengths.
func AttributesMD5(attributes map[string]queue.Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	const stringValue, binaryValue = 1, 2
	var text []byte
	part := func(s string) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(s)))
		text = append(text, s...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		part(name)
		part(a.Type)
		if strings.HasPrefix(a.Type, "Binary") {
			text = append(text, binaryValue)
			part(string(a.Binary))
		} else {
			text = append(text, stringValue)
			part(a.String)
		}
	}
	return BodyMD5(text)
}
