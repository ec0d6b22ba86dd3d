// Command route is a function that uses all of package less behind an API: typed
// parameters, a JSON body and answer, middleware, and a publication.
package main

import (
	"context"
	"net/http"

	"github.com/less-go/less"
)

type request struct {
	Customer string   `path:"customer"`
	Limit    int      `query:"limit"`
	Items    []string `json:"items"`
}

var placed = less.NewTopic[request]("order_placed")

func post(ctx context.Context, req request) (less.Created[request], error) {
	if len(req.Items) == 0 {
		return less.Created[request]{}, less.BadRequest("an order needs items")
	}
	return less.Created[request]{Body: req}, placed.Publish(ctx, req)
}

func log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		less.Logger(r.Context()).Info("request")
		next.ServeHTTP(w, r)
	})
}

func main() { less.ServeAPI(less.Chain(less.Typed(post), log)) }
