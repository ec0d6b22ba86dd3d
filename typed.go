package less

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/less-go/less/internal/bind"
)

// Typed makes an http.Handler of a function with a typed request and answer.
//
// Where Req is a struct, or a pointer to one, a field tagged path, query or
// header is filled from there, and the other exported fields are the JSON body,
// by the rules of encoding/json:
//
//	type PostRequest struct {
//		OrderID string     `path:"order_id"`
//		Notify  bool       `query:"notify"`
//		Tags    []string   `query:"tag"`    // ?tag=a&tag=b
//		After   *time.Time `header:"After"` // nil where it is absent
//		Items   []string   `json:"items"`
//	}
//
// Such a field is a string, a number, a bool, a time.Duration ("1m30s"), an
// [encoding.TextUnmarshaler], a pointer to one of them, or, except in the path, a
// slice of them. What the request does not have is zero. Any other Req is the
// body as a whole. Tags that cannot work make Typed panic, with the field's name.
//
// A request that does not fit is answered 400 with everything that is wrong with
// it, and fn is not called. A body is required where Req takes something from it,
// except by GET, HEAD and DELETE; members that Req does not know are ignored.
//
// What fn returns is encoded as JSON and answered with 200, or as the type says
// where it is a [Responder], such as [Created]. So is an error that is one, such
// as an [*Error]. Any other error is logged and answered 500, and tells the
// client nothing.
func Typed[Req, Resp any](fn func(context.Context, Req) (Resp, error)) http.Handler {
	if fn == nil {
		panic("less.Typed: the handler is nil")
	}
	b, err := bind.New(reflect.TypeFor[Req]())
	if err != nil {
		panic("less.Typed: " + err.Error())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req Req
		problems, err := b.Bind(r, &req)
		switch {
		case err != nil:
			respondError(w, r, unreadable(err))
			return
		case len(problems) > 0:
			respondError(w, r, problemsError(problems))
			return
		}
		resp, err := fn(r.Context(), req)
		if err != nil {
			respondError(w, r, err)
			return
		}
		respondResult(w, r, resp)
	})
}

func problemsError(problems []bind.Problem) error {
	e := &Error{Status: http.StatusBadRequest}
	for i, p := range problems {
		e.Problems = append(e.Problems, Problem(p))
		if i > 0 {
			e.Message += "; "
		}
		if p.Field != "" {
			e.Message += p.Field + ": "
		}
		e.Message += p.Message
	}
	return e
}

// unreadable is the answer where reading the body failed, which happens behind
// net/http's server; on Lambda the body has arrived before the function starts.
func unreadable(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{
			Status:  http.StatusRequestEntityTooLarge,
			Message: "the body is larger than " + strconv.FormatInt(tooLarge.Limit, 10) + " bytes",
			Err:     err,
		}
	}
	return &Error{Status: http.StatusBadRequest, Message: "the body could not be read", Err: err}
}
