// Package s3 is the part of S3 that a deployment needs: buckets with their settings,
// objects with their versions, and uploads in parts.
//
// # Durability
//
// The content of objects is in files that are called by its SHA-256, so that the same
// content is there once. A file is complete and synced before it gets its name, and has
// its name before the object that needs it is a document in the store; it goes after
// the last object that needed it. So a crash leaves at most a file that nobody needs,
// which the next start removes.
//
// Content is streamed, never held in memory. What describes it is in memory as a whole.
//
// # Settings
//
// Encryption, lifecycle rules and the like are kept and shown, and have no effect:
// nothing is encrypted, and nothing expires. Versioning and the bucket's policy do what
// they do on AWS.
package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store keeps documents; [queue.Store] is one.
type Store interface {
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
}

// Kinds of documents.
const (
	bucketKind = "s3 bucket"
	objectKind = "s3 object"
	uploadKind = "s3 upload"
)

// A Service is S3. Its methods may be called at the same time.
type Service struct {
	store Store
	blobs *blobs

	mu      sync.Mutex // held while what describes things is read or written
	buckets map[string]*bucket
	uploads map[string]*upload // by id
}

// Open returns S3 over what the store describes and what the folder dir has. The
// folder is made where it is missing.
func Open(ctx context.Context, store Store, dir string) (*Service, error) {
	s := &Service{store: store, buckets: map[string]*bucket{}, uploads: map[string]*upload{}}
	var err error
	if s.blobs, err = openBlobs(dir); err != nil {
		return nil, fmt.Errorf("open the folder of S3: %w", err)
	}
	if err := s.load(ctx); err != nil {
		return nil, fmt.Errorf("read what S3 has: %w", err)
	}
	if err := s.blobs.sweep(); err != nil {
		return nil, fmt.Errorf("clean the folder of S3: %w", err)
	}
	return s, nil
}

func (s *Service) load(ctx context.Context) error {
	err := each(ctx, s.store, bucketKind, func(name string, b *bucket) error {
		b.objects = map[string]*object{}
		s.buckets[name] = b
		return b.readPolicy()
	})
	if err != nil {
		return err
	}
	err = each(ctx, s.store, objectKind, func(name string, o *object) error {
		bucketName, key, _ := strings.Cut(name, "/")
		b := s.buckets[bucketName]
		if b == nil {
			return fmt.Errorf("there is no bucket of the object %s", name)
		}
		for _, v := range o.Versions {
			s.blobs.use(v.Blob)
		}
		b.objects[key] = o
		return nil
	})
	if err != nil {
		return err
	}
	return each(ctx, s.store, uploadKind, func(name string, u *upload) error {
		for _, p := range u.Parts {
			s.blobs.use(p.Blob)
		}
		s.uploads[name] = u
		return nil
	})
}

// each reads the documents of a kind.
func each[T any](ctx context.Context, store Store, kind string, found func(string, *T) error) error {
	documents, err := store.Documents(ctx, kind)
	if err != nil {
		return err
	}
	for _, d := range documents {
		v := new(T)
		if err := json.Unmarshal(d.Value, v); err != nil {
			return fmt.Errorf("the %s %s: %w", kind, d.Name, err)
		}
		if err := found(d.Name, v); err != nil {
			return err
		}
	}
	return nil
}

// documentOf is v as a document; a nil v is one that is to be removed.
func documentOf[T any](kind, name string, v *T) queue.Document {
	d := queue.Document{Kind: kind, Name: name}
	if v != nil {
		var err error
		if d.Value, err = json.Marshal(v); err != nil {
			panic("s3: what describes an object cannot be encoded: " + err.Error())
		}
	}
	return d
}

// now is the time as S3 tells it.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// Object returns the content of an object, its current version where version is empty.
func (s *Service) Object(_ context.Context, bucketName, key, version string) (io.ReadCloser, error) {
	_, content, err := s.open(bucketName, key, version)
	if err != nil {
		return nil, err
	}
	return content, nil
}

// Fetch returns what is at the URL of an object, in any form of S3's: with the bucket
// in the path or before the host.
func (s *Service) Fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, awsapi.Errorf("ValidationError", "The specified url must be an S3 URL.")
	}
	bucketName, key := locate(u.Host, u.EscapedPath())
	content, err := s.Object(ctx, bucketName, key, u.Query().Get("versionId"))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(content)
	if closing := content.Close(); err == nil {
		err = closing
	}
	return text, err
}
