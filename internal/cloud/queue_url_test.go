package cloud

import "testing"

// Without an endpoint of its own a queue is at AWS, where no test goes.
func TestAQueuesURLOnAWS(t *testing.T) {
	a := New(func(string) string { return "" })
	for arn, want := range map[string]string{
		"arn:aws:sqs:eu-west-1:123456789012:shop-payments":     "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-payments",
		"arn:aws-cn:sqs:cn-north-1:123456789012:shop-payments": "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/shop-payments",
	} {
		if got, err := a.queueURL(arn); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", arn, got, err, want)
		}
	}
}
