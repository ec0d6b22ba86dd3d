package awsapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// A cborCodec is Smithy's RPC v2 with CBOR, in which today's SDKs call CloudWatch. The
// values are those of JSON, but for bytes and times.
type cborCodec struct {
	service *Service
	body    []byte
}

const (
	cborType = "application/cbor"
	// cborProtocol is the value of the header Smithy-Protocol, in both directions.
	cborProtocol = "rpc-v2-cbor"
)

// cborAction is what a request of the protocol asks for: its path is
// /service/<target>/operation/<action>.
func cborAction(r *http.Request) (target, action string, ok bool) {
	if r.Header.Get("Smithy-Protocol") != cborProtocol || r.Method != http.MethodPost {
		return "", "", false
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if len(parts) != 4 || parts[0] != "service" || parts[2] != "operation" {
		return "", "", false
	}
	return parts[1], parts[3], true
}

func (c *cborCodec) decode(input any, _ *plan) *Error {
	if len(c.body) == 0 {
		return nil
	}
	unreadable := func(err error) *Error { return Errorf("SerializationException", "The body cannot be read: %v.", err) }
	var content any
	if err := cbor.Unmarshal(c.body, &content); err != nil {
		return unreadable(err)
	}
	plain, err := plainOf(content)
	if err != nil {
		return unreadable(err)
	}
	text, err := json.Marshal(plain)
	if err != nil {
		return unreadable(err)
	}
	if err := json.Unmarshal(text, input); err != nil {
		return unreadable(err)
	}
	return nil
}

// plainOf returns a value of CBOR's as one of JSON's.
func plainOf(v any) (any, error) {
	switch v := v.(type) {
	case map[any]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			name, ok := key.(string)
			if !ok {
				return nil, fmt.Errorf("a key is %v", key)
			}
			var err error
			if out[name], err = plainOf(value); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			var err error
			if out[i], err = plainOf(value); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil
	case cbor.Tag:
		return plainOf(v.Content)
	}
	return v, nil
}

func (c *cborCodec) output(output any, p *plan) (string, []byte) {
	return cborType, encodeCBOR(cborOf(reflect.ValueOf(output).Elem(), p))
}

// cborOf returns an output as CBOR has it. What JSON omits is omitted.
func cborOf(v reflect.Value, p *plan) any {
	if t, ok := reflect.TypeAssert[Timestamp](v); ok {
		return cbor.Tag{Number: 1, Content: t.seconds()}
	}
	switch p.kind {
	case reflect.Pointer:
		return cborOf(v.Elem(), p.elem)
	case reflect.Struct:
		out := map[string]any{}
		for i := range p.fields {
			f := &p.fields[i]
			value := v.FieldByIndex(f.index)
			if f.plan.kind == reflect.Pointer && value.IsNil() || f.omitEmpty && (value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0) {
				continue
			}
			out[f.name] = cborOf(value, f.plan)
		}
		return out
	case reflect.Slice:
		if p.bytes() {
			return v.Bytes()
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = cborOf(v.Index(i), p.elem)
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[key.String()] = cborOf(v.MapIndex(key), p.elem)
		}
		return out
	}
	return v.Interface()
}

func (c *cborCodec) failure(e *Error) (string, []byte) {
	return cborType, encodeCBOR(map[string]any{"__type": "com.amazonaws." + c.service.Name + "#" + e.Code, "message": e.Message})
}

func encodeCBOR(v any) []byte {
	out, err := cbor.Marshal(v)
	if err != nil {
		panic("awsapi: an output that CBOR cannot say: " + err.Error())
	}
	return out
}
