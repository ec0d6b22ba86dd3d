package awsapi

import (
	"net/http"

	"golang.org/x/sync/semaphore"
)

// DefaultLoad is what [Options.Load] is without a choice: room for some thousand
// requests at a time, or for a few hundred of the largest messages.
const DefaultLoad = 256 << 20

// minWeight is what a request takes at least: its connection, its buffers and its
// place in the line of the store.
const minWeight = 32 << 10

// A load is the memory that requests may take together. What comes when there is no
// room is refused as AWS refuses what exceeds its rates, so that clients come again
// later: the engine does not grow until somebody ends it.
type load struct {
	total int64
	room  *semaphore.Weighted
}

func newLoad(total int64) *load {
	if total <= 0 {
		total = DefaultLoad
	}
	return &load{total, semaphore.NewWeighted(total)}
}

// admit takes the room that r needs, and returns what gives it back.
func (l *load) admit(r *http.Request) (done func(), admitted bool) {
	weight := r.ContentLength
	if weight < 0 || weight > MaxBody { // unknown, or about to be refused
		weight = MaxBody
	}
	weight = min(max(weight, minWeight), l.total)
	if !l.room.TryAcquire(weight) {
		return nil, false
	}
	return func() { l.room.Release(weight) }, true
}

// throttled is the answer to a request for which there is no room. In the query
// protocol the error has another name, as the SDKs' lists of what to try again show.
var throttled = &Error{Code: "ThrottlingException", QueryCode: "Throttling", Message: "Rate exceeded"}

// refuseForLoad answers r without having read its body.
func (h *Handler) refuseForLoad(w http.ResponseWriter, r *http.Request, id string) {
	c := call{codec: &queryCodec{service: &Service{}, requestID: id}}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c, _ = h.readJSON(c, r, target, nil)
	} else if rest, codec, refusal := h.readREST(c, r, r.URL.Query()); refusal == nil && codec != nil {
		c = rest
	}
	h.refuse(w, c, throttled)
}
