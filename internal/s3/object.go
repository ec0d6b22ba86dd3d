package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/less-go/less/internal/queue"
)

// An object is what the store keeps of one: its versions, the newest last. A bucket
// without versioning has one of each object.
type object struct{ Versions []version }

// A version is a content of an object, or the marker that it was deleted.
type version struct {
	// ID is empty for the version of a bucket without versioning, which S3 calls null.
	ID       string `json:",omitempty"`
	Blob     string `json:",omitempty"`
	ETag     string `json:",omitempty"`
	Size     int64
	Modified time.Time
	// Header has the headers that were put with it and that it is served with.
	Header map[string]string `json:",omitempty"`
	// Checksum is the value of Algorithm over the content, or, where Composite says so,
	// over the checksums of its parts.
	Algorithm string `json:",omitempty"`
	Checksum  string `json:",omitempty"`
	Composite bool   `json:",omitempty"`
	// Tagging is the XML of the object's tags.
	Tagging string `json:",omitempty"`
	Deleted bool   `json:",omitempty"`
}

// nullVersion is what S3 calls a version without an id.
const nullVersion = "null"

func (v version) id() string {
	if v.ID == "" {
		return nullVersion
	}
	return v.ID
}

func (o *object) current() *version {
	if len(o.Versions) == 0 {
		return nil
	}
	return &o.Versions[len(o.Versions)-1]
}

// find returns a version, the current one where id is empty.
func (o *object) find(id string) *version {
	if id == "" {
		return o.current()
	}
	for i := range o.Versions {
		if o.Versions[i].id() == id {
			return &o.Versions[i]
		}
	}
	return nil
}

// maxKey is how long a key may be, in bytes.
const maxKey = 1024

func checkKey(key string) error {
	switch {
	case len(key) > maxKey:
		return failure(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	case !utf8.ValidString(key):
		return failure(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
	}
	return nil
}

// find returns a version of an object. The caller holds s.mu.
func (s *Service) find(bucketName, key, id string) (*version, error) {
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	var v *version
	if o := b.objects[key]; o != nil {
		v = o.find(id)
	}
	switch {
	case v == nil && id != "":
		return nil, failure(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
	case v == nil, v.Deleted && id == "":
		return nil, noKey()
	case v.Deleted:
		return nil, notAllowed()
	}
	return v, nil
}

// open returns a version with its content, which stays readable whatever happens to it.
func (s *Service) open(bucketName, key, id string) (version, *os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.find(bucketName, key, id)
	if err != nil {
		return version{}, nil, err
	}
	f, err := s.blobs.open(v.Blob)
	if err != nil {
		return version{}, nil, err
	}
	return *v, f, nil
}

// put stores an object and returns its new version. v has all but what follows from
// the content, whose checksum check returns before anything is kept.
func (s *Service) put(ctx context.Context, bucketName, key string, v version, content io.Reader, check func(blob) (checksum string, err error)) (version, error) {
	if err := checkKey(key); err != nil {
		return version{}, err
	}
	if !s.HasBucket(bucketName) {
		return version{}, noBucket()
	}
	written, err := s.blobs.write(content, func(b blob) (err error) {
		v.Checksum, err = check(b)
		return err
	})
	if err != nil {
		return version{}, err
	}
	v.Blob, v.Size, v.Modified = written.SHA256, written.Size, now()
	if v.ETag == "" {
		v.ETag = written.MD5
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addVersion(ctx, bucketName, key, v)
}

// addVersion makes v, whose blob is in use, the current version. The caller holds s.mu.
func (s *Service) addVersion(ctx context.Context, bucketName, key string, v version, more ...queue.Document) (version, error) {
	b, err := s.bucket(bucketName) // it may be gone since
	if err != nil {
		return version{}, errors.Join(err, s.blobs.release(v.Blob))
	}
	next := &object{}
	if o := b.objects[key]; o != nil {
		next.Versions = slices.Clone(o.Versions)
	}
	var replaced []version
	if b.versioning() == enabled {
		v.ID = rand.Text() + rand.Text()[:6]
	} else {
		next.Versions, replaced = without(next.Versions, "")
	}
	next.Versions = append(next.Versions, v)
	if err := s.store.Keep(ctx, append(more, documentOf(objectKind, bucketName+"/"+key, next))...); err != nil {
		return version{}, errors.Join(err, s.blobs.release(v.Blob))
	}
	b.objects[key] = next
	return v, s.forget(replaced)
}

// without splits off the versions with an id.
func without(versions []version, id string) (others, those []version) {
	for _, v := range versions {
		if v.ID == id {
			those = append(those, v)
		} else {
			others = append(others, v)
		}
	}
	return others, those
}

// forget releases the content of versions that are gone.
func (s *Service) forget(versions []version) error {
	var err error
	for _, v := range versions {
		err = errors.Join(err, s.blobs.release(v.Blob))
	}
	return err
}

// Delete deletes an object, or one version of it, and returns that or the marker that
// is now in its place. What is not there is deleted already.
func (s *Service) Delete(ctx context.Context, bucketName, key, id string) (marker version, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return version{}, err
	}
	if id == "" && b.versioning() != "" {
		return s.addVersion(ctx, bucketName, key, version{Deleted: true, Modified: now()})
	}
	o := b.objects[key]
	if o == nil {
		return version{}, nil
	}
	if id == nullVersion {
		id = ""
	}
	next := &object{}
	var gone []version
	next.Versions, gone = without(o.Versions, id)
	if len(gone) == 0 {
		return version{ID: id}, nil
	}
	name := bucketName + "/" + key
	document := documentOf(objectKind, name, next)
	if len(next.Versions) == 0 {
		document.Value = nil
	}
	if err := s.store.Keep(ctx, document); err != nil {
		return version{}, err
	}
	if b.objects[key] = next; len(next.Versions) == 0 {
		delete(b.objects, key)
	}
	return gone[0], s.forget(gone)
}

// setTagging writes the tags of a version, in XML; "" are none.
func (s *Service) setTagging(ctx context.Context, bucketName, key, id, tagging string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.find(bucketName, key, id)
	if err != nil {
		return err
	}
	o := s.buckets[bucketName].objects[key]
	next := &object{Versions: slices.Clone(o.Versions)}
	next.find(v.id()).Tagging = tagging
	if err := s.store.Keep(ctx, documentOf(objectKind, bucketName+"/"+key, next)); err != nil {
		return err
	}
	s.buckets[bucketName].objects[key] = next
	return nil
}
