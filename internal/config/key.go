package config

import (
	"regexp"
	"strings"

	"github.com/less-go/less/internal/plan"
)

// keyName is an alias of KMS, or the ARN of a key or of an alias.
var keyName = regexp.MustCompile(`^(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:)?(alias/[A-Za-z0-9/_-]{1,250}|key/[A-Za-z0-9-]+)$`)

// setKey takes the key of the queues and topics. What begins with "key/" alone, and keys
// of AWS's own, are refused: SNS may not use the latter to send to a queue.
func setKey(c *Config, v any) (want string) {
	s, ok := v.(string)
	if !ok || s != plan.CreateKey && (!keyName.MatchString(s) || strings.HasPrefix(s, "key/") || strings.Contains(s, "alias/aws/")) {
		return "create, to an alias such as alias/shop, or to the ARN of a key. Keys of AWS's own, alias/aws/..., cannot be used: SNS may not send by them"
	}
	c.Key = s
	return ""
}
