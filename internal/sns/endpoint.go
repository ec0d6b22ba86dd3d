package sns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/less-go/less/internal/loopback"
)

// postTime is how long an endpoint has for its answer.
const postTime = 15 * time.Second

// maxAnswer is how much of an answer is read, so that its connection can be used again.
const maxAnswer = 64 << 10

// onLoopback says whether an endpoint is on this machine. Only such are called.
func onLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return loopback.AllowedHost(u.Host) || ip != nil && ip.IsLoopback()
}

var errNotHere = errors.New("it is not on this machine, which nothing leaves")

// loopbackTransport makes connections to loopback addresses and no others, whatever
// a name is made to mean.
func loopbackTransport() http.RoundTripper {
	dialer := &net.Dialer{
		Timeout: postTime,
		// It is asked for the address that is about to be connected to.
		Control: func(_, address string, _ syscall.RawConn) error {
			host, _, _ := net.SplitHostPort(address)
			if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
				return errNotHere
			}
			return nil
		},
	}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		MaxIdleConnsPerHost: courierLoad,
		IdleConnTimeout:     postTime,
	}
}

// newClient returns a client that follows no redirect: SNS does not.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A reply is what became of one attempt at a delivery.
type reply struct {
	delivered bool
	// permanent says that another attempt would not help.
	permanent bool
	problem   string
}

// post makes one attempt. An answer of 2xx is a delivery. One of 5xx or 429, and
// none at all, is a failure that may pass; AWS takes every other for a permanent one.
func (s *Service) post(ctx context.Context, sub *subscription, p parcel, policy subscriptionDelivery) reply {
	ctx, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sub.Endpoint, strings.NewReader(p.Body))
	if err != nil {
		return reply{permanent: true, problem: err.Error()}
	}
	p.header(req.Header, policy)
	resp, err := s.client.Do(req)
	if err != nil {
		return reply{permanent: errors.Is(err, errNotHere), problem: fmt.Sprintf("the endpoint does not answer: %v", err)}
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	code := resp.StatusCode
	return reply{
		delivered: code/100 == 2,
		permanent: code/100 != 5 && code != http.StatusTooManyRequests,
		problem:   "the endpoint answered " + resp.Status,
	}
}

// header sets the headers of SNS.
func (p parcel) header(h http.Header, policy subscriptionDelivery) {
	h.Set("Content-Type", defaultContentType)
	if p.Type == notification {
		h.Set("Content-Type", policy.Request.ContentType)
	}
	h.Set("User-Agent", "Amazon Simple Notification Service Agent")
	h.Set("Accept-Encoding", "gzip,deflate")
	h.Set("X-Amz-Sns-Message-Type", p.Type)
	h.Set("X-Amz-Sns-Message-Id", p.MessageID)
	h.Set("X-Amz-Sns-Topic-Arn", p.TopicARN)
	if p.SubscriptionARN != "" {
		h.Set("X-Amz-Sns-Subscription-Arn", p.SubscriptionARN)
	}
	if p.Raw {
		h.Set("X-Amz-Sns-Rawdelivery", "true")
	}
}
