package awsapi

import (
	"fmt"
	"strings"
)

// Account is the account that owns everything here.
const Account = "000000000000"

// DefaultRegion is the region of a request that names none.
const DefaultRegion = "us-east-1"

// An ARN is an Amazon resource name, taken apart.
type ARN struct {
	Partition, Service, Region, Account string
	// Resource is all that follows the account, and may contain colons.
	Resource string
}

// LocalARN returns the ARN of a resource of this account.
func LocalARN(service, region, resource string) string {
	return ARN{"aws", service, region, Account, resource}.String()
}

// ParseARN takes s apart. It does not say whether such a resource exists.
func ParseARN(s string) (ARN, error) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 {
		return ARN{}, fmt.Errorf("An ARN must have at least 6 elements, not %d", len(parts)) //nolint:staticcheck // AWS's own words, shown as they are
	}
	if parts[0] != "arn" {
		return ARN{}, fmt.Errorf("%q has no arn: before it", s)
	}
	return ARN{parts[1], parts[2], parts[3], parts[4], parts[5]}, nil
}

func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}
