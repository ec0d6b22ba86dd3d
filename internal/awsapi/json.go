package awsapi

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// defaultJSON is the content type of an answer to a request that has none.
const defaultJSON = "application/x-amz-json-1.0"

// A jsonCodec is AWS JSON 1.0 or 1.1, which differ in the content type alone.
type jsonCodec struct {
	service     *Service
	contentType string
	body        []byte
}

func (c *jsonCodec) decode(input any, _ *plan) *Error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	// Both would become U+FFFD without a word, and the message another one.
	if !utf8.Valid(c.body) || loneSurrogate(c.body) {
		return Errorf("SerializationException", "The body is not valid UTF-8.")
	}
	if err := json.Unmarshal(c.body, input); err != nil {
		return Errorf("SerializationException", "The body cannot be read: %v.", err)
	}
	return nil
}

func (c *jsonCodec) output(output any, p *plan) (string, []byte) {
	if p.t.NumField() == 0 {
		return c.answerType(), nil
	}
	return c.answerType(), marshal(output)
}

func (c *jsonCodec) failure(e *Error) (string, []byte) {
	shape := e.Code
	if c.service.Name != "" {
		shape = "com.amazonaws." + c.service.Name + "#" + shape
	}
	return c.answerType(), marshal(struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{shape, e.Message})
}

func (c *jsonCodec) answerType() string {
	if c.contentType == "application/x-amz-json-1.1" {
		return c.contentType
	}
	return defaultJSON
}

// marshal leaves <, > and & as they are, as AWS does.
func marshal(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("awsapi: an output that JSON cannot say: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// loneSurrogate says whether the JSON text body has an escaped half of a UTF-16
// pair without its other half.
func loneSurrogate(body []byte) bool {
	for {
		i := bytes.IndexByte(body, '\\')
		if i < 0 {
			return false
		}
		body = body[i:]
		switch unit := escapedUnit(body); {
		case unit >= 0xDC00 && unit < 0xE000:
			return true
		case unit >= 0xD800 && unit < 0xDC00:
			low := escapedUnit(body[6:])
			if low < 0xDC00 || low >= 0xE000 {
				return true
			}
			body = body[12:]
		default:
			body = body[min(2, len(body)):]
		}
	}
}

// escapedUnit returns the UTF-16 unit that s begins with as \uXXXX, or -1.
func escapedUnit(s []byte) int {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}
