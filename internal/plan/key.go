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
	switch setting {
	case "":
		return nil
	case CreateKey:
		return &Key{Create: true, Alias: "alias/" + name}
	}
	return KeyOf(setting)
}

// KeyOf is the key that exists and that queues and topics call by id: the opposite of
// [Key.ID].
func KeyOf(id string) *Key {
	if strings.HasPrefix(id, "alias/") {
		return &Key{Alias: id}
	}
	k := &Key{ARN: id}
	if i := strings.Index(id, ":alias/"); i >= 0 {
		k.Alias = id[i+1:]
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
