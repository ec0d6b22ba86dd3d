package resources

import (
	"bytes"
	"context"
	"encoding/xml"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/s3"
)

const bucketType = "AWS::S3::Bucket"

// buckets makes buckets.
type buckets struct{ service *s3.Service }

type bucketProperties struct {
	BucketName *string `cfn:",replace"`
	// AccessControl and OwnershipControls say who may read a bucket besides its account:
	// here there is nobody else.
	AccessControl                  string
	OwnershipControls              any
	BucketEncryption               *bucketEncryption
	LifecycleConfiguration         *bucketLifecycle
	PublicAccessBlockConfiguration *publicAccessBlock
	VersioningConfiguration        *bucketVersioning
	Tags                           []provider.Tag
}

type bucketEncryption struct {
	Rules []encryptionRule `cfn:"ServerSideEncryptionConfiguration,required" xml:"Rule"`
}

type encryptionRule struct {
	ServerSideEncryptionByDefault *encryptionDefault `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled              bool
}

type encryptionDefault struct {
	SSEAlgorithm   string `cfn:",required"`
	KMSMasterKeyID string `xml:",omitempty"`
}

type bucketLifecycle struct {
	Rules []lifecycleRule `cfn:",required" xml:"Rule"`
}

type lifecycleRule struct {
	ID                             string `cfn:"Id" xml:",omitempty"`
	Status                         string `cfn:",required"`
	Prefix                         string
	ExpirationInDays               int `xml:"Expiration>Days,omitempty"`
	NoncurrentVersionExpiration    *noncurrentExpiration
	AbortIncompleteMultipartUpload *abortUpload
}

type noncurrentExpiration struct {
	NoncurrentDays          int `cfn:",required"`
	NewerNoncurrentVersions int `xml:",omitempty"`
}

type abortUpload struct {
	DaysAfterInitiation int `cfn:",required"`
}

type publicAccessBlock struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

type bucketVersioning struct {
	Status string `cfn:",required"`
}

type bucketTags struct {
	Tags []provider.Tag `xml:"TagSet>Tag"`
}

func (buckets) Schema() provider.Schema {
	return provider.SchemaOf[bucketProperties](provider.Options{
		Name: "BucketName", Attributes: []string{"Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"},
	})
}

// settings are the bucket's in the XML of S3, by their names; nil for those that the
// template does not have.
func (p bucketProperties) settings(r provider.Resource) map[string]any {
	all := map[string]any{"encryption": nil, "lifecycle": nil, "publicAccessBlock": nil, "versioning": nil, "tagging": nil}
	if p.BucketEncryption != nil {
		all["encryption"] = p.BucketEncryption
	}
	if p.LifecycleConfiguration != nil {
		all["lifecycle"] = p.LifecycleConfiguration
	}
	if p.PublicAccessBlockConfiguration != nil {
		all["publicAccessBlock"] = p.PublicAccessBlockConfiguration
	}
	if p.VersioningConfiguration != nil {
		all["versioning"] = p.VersioningConfiguration
	}
	if own := r.MergeTags(p.Tags); len(own) > 0 {
		all["tagging"] = bucketTags{own}
	}
	return all
}

func (b buckets) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[bucketProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := or(p.BucketName, lowerName(r, 63))
	if b.service.HasBucket(name) {
		return provider.Made{}, provider.AlreadyExists(bucketType, name)
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	if err := b.service.CreateBucket(ctx, name, r.Region); err != nil {
		return provider.Made{}, err
	}
	return b.put(ctx, name, r, p)
}

// put gives a bucket the settings that it is to have.
func (b buckets) put(ctx context.Context, name string, r provider.Resource, p bucketProperties) (provider.Made, error) {
	for setting, value := range p.settings(r) {
		var err error
		if value == nil {
			err = b.service.DeleteSetting(ctx, name, setting)
		} else {
			var text bytes.Buffer
			root := xml.StartElement{Name: xml.Name{Local: s3.SettingElement(setting)}}
			if err = xml.NewEncoder(&text).EncodeElement(value, root); err == nil {
				err = b.service.PutSetting(ctx, name, setting, text.String())
			}
		}
		if err != nil {
			return provider.Made{}, err
		}
	}
	return provider.Made{PhysicalID: name, Attributes: map[string]any{
		"Arn": s3.ARN(name, ""), "DomainName": name + ".s3.amazonaws.com",
		"RegionalDomainName":  name + ".s3." + r.Region + ".amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack." + r.Region + ".amazonaws.com",
	}}, nil
}

func (b buckets) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[bucketProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	return b.put(ctx, r.PhysicalID, r, p)
}

func (b buckets) Delete(ctx context.Context, r provider.Resource) error {
	return unlessGone(b.service.DeleteBucket(ctx, r.PhysicalID))
}

// bucketPolicies gives buckets policies.
type bucketPolicies struct{ service *s3.Service }

type bucketPolicyProperties struct {
	Bucket         string `cfn:",required,replace"`
	PolicyDocument any    `cfn:",required"`
}

func (bucketPolicies) Schema() provider.Schema {
	return provider.SchemaOf[bucketPolicyProperties](provider.Options{})
}

func (b bucketPolicies) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[bucketPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	if err := r.Begin(p.Bucket); err != nil {
		return provider.Made{}, err
	}
	return provider.Made{PhysicalID: p.Bucket}, b.service.PutSetting(ctx, p.Bucket, "policy", text(p.PolicyDocument))
}

func (b bucketPolicies) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	return b.Create(ctx, r)
}

func (b bucketPolicies) Delete(ctx context.Context, r provider.Resource) error {
	return unlessGone(b.service.DeleteSetting(ctx, r.PhysicalID, "policy"))
}
