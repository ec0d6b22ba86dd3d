package s3

import (
	"context"
	"encoding/xml"
	"maps"
	"net/http"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// A setting is a subresource of a bucket that is kept as it was written.
type setting struct {
	// root is the XML element that it is; none of the policy, which is JSON.
	root string
	// permission is what it is called in permissions: s3:Put<permission>.
	permission string
	// absent is what is said where none was put.
	absent *awsapi.Error
	// initial is what a bucket has that was given none.
	initial string
}

// The names of settings that have an effect.
const (
	policySetting     = "policy"
	versioningSetting = "versioning"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

func missing(code, message string) *awsapi.Error { return failure(http.StatusNotFound, code, message) }

// settings are the subresources by their names in a query.
var settings = map[string]setting{
	policySetting: {
		permission: "BucketPolicy",
		absent:     missing("NoSuchBucketPolicy", "The bucket policy does not exist"),
	},
	versioningSetting: {
		root: "VersioningConfiguration", permission: "BucketVersioning",
		initial: `<VersioningConfiguration xmlns="` + namespace + `"/>`,
	},
	"encryption": {
		root: "ServerSideEncryptionConfiguration", permission: "EncryptionConfiguration",
		// Since 2023 every bucket has it.
		initial: `<ServerSideEncryptionConfiguration xmlns="` + namespace + `"><Rule><ApplyServerSideEncryptionByDefault>` +
			`<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`,
	},
	"lifecycle": {
		root: "LifecycleConfiguration", permission: "LifecycleConfiguration",
		absent: missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
	},
	"tagging": {
		root: "Tagging", permission: "BucketTagging",
		absent: missing("NoSuchTagSet", "The TagSet does not exist"),
	},
	"publicAccessBlock": {
		root: "PublicAccessBlockConfiguration", permission: "BucketPublicAccessBlock",
		absent: missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
	},
	"ownershipControls": {
		root: "OwnershipControls", permission: "BucketOwnershipControls",
		absent: missing("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
	},
	"cors": {
		root: "CORSConfiguration", permission: "BucketCORS",
		absent: missing("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
	},
}

// SettingElement is the XML element that a setting is, "" for the policy, which is JSON.
func SettingElement(name string) string { return settings[name].root }

// PutSetting writes a setting of a bucket, which is named as in S3's queries.
func (s *Service) PutSetting(ctx context.Context, bucketName, name, value string) error {
	if err := checkSetting(name, value); err != nil {
		return err
	}
	return s.changeSettings(ctx, bucketName, func(all map[string]string) { all[name] = value })
}

// DeleteSetting makes a setting of a bucket what it is where none was put.
func (s *Service) DeleteSetting(ctx context.Context, bucketName, name string) error {
	return s.changeSettings(ctx, bucketName, func(all map[string]string) { delete(all, name) })
}

func (s *Service) changeSettings(ctx context.Context, name string, change func(map[string]string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err != nil {
		return err
	}
	next := *b
	if next.Settings = maps.Clone(b.Settings); next.Settings == nil {
		next.Settings = map[string]string{}
	}
	change(next.Settings)
	if err := next.readPolicy(); err != nil {
		return failure(http.StatusBadRequest, "MalformedPolicy", err.Error())
	}
	if err := s.store.Keep(ctx, documentOf(bucketKind, name, &next)); err != nil {
		return err
	}
	s.buckets[name] = &next
	return nil
}

// readPolicy reads the policy among the settings, for those who ask it.
func (b *bucket) readPolicy() (err error) {
	b.access = nil
	if text := b.Settings[policySetting]; text != "" {
		b.access, err = policy.ParseResource(text)
	}
	return err
}

// checkSetting says what speaks against a value. Only the outermost element is looked
// at, but for versioning, which has an effect.
func checkSetting(name, value string) error {
	if name == policySetting {
		return nil // it is read where it is kept
	}
	var document struct {
		XMLName xml.Name
		Status  string
	}
	if xml.Unmarshal([]byte(value), &document) != nil || document.XMLName.Local != settings[name].root {
		return malformedXML()
	}
	if name == versioningSetting && document.Status != enabled && document.Status != suspended {
		return failure(http.StatusBadRequest, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	}
	return nil
}

// Setting returns a setting of a bucket.
func (s *Service) Setting(bucketName, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return "", err
	}
	value, put := b.Settings[name]
	if !put {
		if value = settings[name].initial; value == "" {
			return "", settings[name].absent
		}
	}
	return value, nil
}

// States of versioning. A bucket that never had any has none.
const (
	enabled   = "Enabled"
	suspended = "Suspended"
)

func (b *bucket) versioning() string {
	var document struct{ Status string }
	// It was checked when it was put; where it was not, there is no status.
	_ = xml.Unmarshal([]byte(b.Settings[versioningSetting]), &document)
	return document.Status
}
