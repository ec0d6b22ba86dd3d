package plan

import "strings"

// A Key is the KMS key that encrypts the queues and topics on AWS.
type Key struct {
	// Create makes the key, with its alias.
	Create bool
	// Alias is "alias/shop-dev"; "" where ARN names a key without one.
	Alias string
	// ARN is that of the key or of its alias; "" for an alias of the deployment's own
	// account and region.
	ARN string
}

// CreateKey is what a setting says to have a key made.
const CreateKey = "create"

// newKey is the key that a setting of the deployment name says: "create", "alias/shop",
// or the ARN of a key or an alias. nil is none.
func newKey(name, setting string) *Key {
	switch {
	case setting == "":
		return nil
	case setting == CreateKey:
		return &Key{Create: true, Alias: "alias/" + name}
	case strings.HasPrefix(setting, "alias/"):
		return &Key{Alias: setting}
	}
	k := &Key{ARN: setting}
	if i := strings.Index(setting, ":alias/"); i >= 0 {
		k.Alias = setting[i+1:]
	}
	return k
}

// ID is what queues and topics call the key by.
func (k Key) ID() string {
	if k.ARN != "" {
		return k.ARN
	}
	return k.Alias
}
