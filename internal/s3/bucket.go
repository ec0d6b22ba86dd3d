package s3

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// A bucket is what the store keeps of one.
type bucket struct {
	Region  string
	Created time.Time
	// Settings has what was put into each subresource, as it was written.
	Settings map[string]string `json:",omitempty"`

	objects map[string]*object // by key
	// access is the policy among the settings, as it is read; nil where there is none.
	access *policy.Document
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// validName says whether name may be a bucket's.
func validName(name string) bool {
	return bucketName.MatchString(name) && !strings.Contains(name, "..") && net.ParseIP(name) == nil &&
		!strings.HasPrefix(name, "xn--") && !strings.HasSuffix(name, "-s3alias") && !strings.HasSuffix(name, "--ol-s3")
}

// ARN is the ARN of a bucket, and with a key of an object.
func ARN(bucketName, key string) string {
	resource := bucketName
	if key != "" {
		resource += "/" + key
	}
	return awsapi.ARN{Partition: "aws", Service: "s3", Resource: resource}.String()
}

// CreateBucket makes a bucket. In us-east-1 one that is there already is good enough,
// as on AWS.
func (s *Service) CreateBucket(ctx context.Context, name, region string) error {
	if !validName(name) {
		return failure(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] != nil {
		if region == awsapi.DefaultRegion {
			return nil
		}
		return failure(http.StatusConflict, "BucketAlreadyOwnedByYou",
			"Your previous request to create the named bucket succeeded and you already own it.")
	}
	b := &bucket{Region: region, Created: now(), objects: map[string]*object{}}
	if err := s.store.Keep(ctx, documentOf(bucketKind, name, b)); err != nil {
		return err
	}
	s.buckets[name] = b
	return nil
}

// HasBucket says whether there is a bucket.
func (s *Service) HasBucket(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buckets[name] != nil
}

// DeleteBucket deletes a bucket without objects. What was begun to be uploaded to it is
// given up.
func (s *Service) DeleteBucket(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	switch {
	case b == nil:
		return noBucket()
	case len(b.objects) > 0:
		message := "The bucket you tried to delete is not empty"
		if b.versioning() != "" {
			message += ". You must delete all versions in the bucket."
		}
		return failure(http.StatusConflict, "BucketNotEmpty", message)
	}
	for id, u := range s.uploads {
		if u.Bucket == name {
			if err := s.dropUpload(ctx, id); err != nil {
				return err
			}
		}
	}
	if err := s.store.Keep(ctx, documentOf[bucket](bucketKind, name, nil)); err != nil {
		return err
	}
	delete(s.buckets, name)
	return nil
}

// bucket finds a bucket. The caller holds s.mu.
func (s *Service) bucket(name string) (*bucket, error) {
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, noBucket()
}

// Policy returns the policy that a bucket was given, or nil.
func (s *Service) Policy(name string) *policy.Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[name]; b != nil {
		return b.access
	}
	return nil
}
