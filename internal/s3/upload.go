package s3

import (
	"cmp"
	"context"
	"crypto/md5" // an ETag is an MD5
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/queue"
)

// An upload is what the store keeps of a content that comes in parts.
type upload struct {
	Bucket, Key string
	Begun       time.Time
	Version     version // that the object will have
	// FullObject says that the checksum is of the whole content.
	FullObject bool         `json:",omitempty"`
	Parts      map[int]part `json:",omitempty"`
}

// A part is one of an upload.
type part struct {
	Blob, ETag string
	Size       int64
	Modified   time.Time
	Checksum   string
}

// Limits of an upload.
const (
	maxParts = 10_000
	minPart  = 5 << 20 // but for the last
)

// begin makes an upload and returns its id.
func (s *Service) begin(ctx context.Context, u *upload) (string, error) {
	if err := checkKey(u.Key); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.bucket(u.Bucket); err != nil {
		return "", err
	}
	id := rand.Text() + rand.Text()
	u.Begun = now()
	if err := s.store.Keep(ctx, documentOf(uploadKind, id, u)); err != nil {
		return "", err
	}
	s.uploads[id] = u
	return id, nil
}

// upload finds an upload. The caller holds s.mu.
func (s *Service) upload(bucketName, key, id string) (*upload, error) {
	if _, err := s.bucket(bucketName); err != nil {
		return nil, err
	}
	if u := s.uploads[id]; u != nil && u.Bucket == bucketName && u.Key == key {
		return u, nil
	}
	return nil, noUpload()
}

// putPart stores a part, in the place of one of that number.
func (s *Service) putPart(ctx context.Context, bucketName, key, id string, number int, content io.Reader, d *digest, check func(blob) error) (part, error) {
	if number < 1 || number > maxParts {
		return part{}, invalidArgument(fmt.Sprintf("Part number must be an integer between 1 and %d, inclusive", maxParts))
	}
	s.mu.Lock()
	_, err := s.upload(bucketName, key, id)
	s.mu.Unlock()
	if err != nil {
		return part{}, err
	}
	written, err := s.blobs.write(content, check)
	if err != nil {
		return part{}, err
	}
	p := part{Blob: written.SHA256, ETag: written.MD5, Size: written.Size, Modified: now(), Checksum: d.value()}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.upload(bucketName, key, id)
	if err != nil {
		return part{}, errors.Join(err, s.blobs.release(p.Blob))
	}
	next := *u
	if next.Parts = maps.Clone(u.Parts); next.Parts == nil {
		next.Parts = map[int]part{}
	}
	next.Parts[number] = p
	if next.Version.Algorithm == "" {
		next.Version.Algorithm = d.algorithm
	}
	if err := s.store.Keep(ctx, documentOf(uploadKind, id, &next)); err != nil {
		return part{}, errors.Join(err, s.blobs.release(p.Blob))
	}
	s.uploads[id] = &next
	return p, s.blobs.release(u.Parts[number].Blob)
}

// A completedPart is a part as a client names it to have it in the object.
type completedPart struct {
	PartNumber int
	ETag       string
}

// complete makes an object of the parts of an upload.
func (s *Service) complete(ctx context.Context, bucketName, key, id string, parts []completedPart) (version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.upload(bucketName, key, id)
	if err != nil {
		return version{}, err
	}
	if err := u.check(parts); err != nil {
		return version{}, err
	}
	v := u.Version
	whole, err := s.join(u, parts, &v)
	if err != nil {
		return version{}, err
	}
	v.Blob, v.Size, v.Modified = whole.SHA256, whole.Size, now()
	// In one transaction, so that what is whole is no upload any more.
	v, err = s.addVersion(ctx, bucketName, key, v, queue.Document{Kind: uploadKind, Name: id})
	if err != nil {
		return version{}, err
	}
	delete(s.uploads, id)
	return v, s.releaseParts(u)
}

func (u *upload) check(parts []completedPart) error {
	if len(parts) == 0 {
		return malformedXML()
	}
	if !slices.IsSortedFunc(parts, func(a, b completedPart) int { return cmp.Compare(a.PartNumber, b.PartNumber) }) {
		return failure(http.StatusBadRequest, "InvalidPartOrder",
			"The list of parts was not in ascending order. The parts list must be specified in order by part number.")
	}
	for i, p := range parts {
		kept, found := u.Parts[p.PartNumber]
		switch {
		case !found, strings.Trim(p.ETag, `"`) != kept.ETag:
			return failure(http.StatusBadRequest, "InvalidPart",
				"One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
		case i < len(parts)-1 && kept.Size < minPart:
			return failure(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
	}
	return nil
}

// join writes the parts one after the other, and gives v what is known of the whole.
// Other requests wait for it: who could change the parts meanwhile is one of them.
func (s *Service) join(u *upload, parts []completedPart, v *version) (blob, error) {
	tags := md5.New() // an ETag is an MD5
	if v.Algorithm == "" {
		v.Algorithm = defaultAlgorithm
	}
	composite, whole := algorithms[v.Algorithm](), algorithms[v.Algorithm]()
	var contents []io.Reader
	for _, p := range parts {
		kept := u.Parts[p.PartNumber]
		contents = append(contents, &lateReader{open: func() (io.ReadCloser, error) { return s.blobs.open(kept.Blob) }})
		writeDecoded(tags, kept.ETag, hex.DecodeString)
		writeDecoded(composite, kept.Checksum, base64.StdEncoding.DecodeString)
	}
	written, err := s.blobs.write(io.TeeReader(io.MultiReader(contents...), whole), func(blob) error { return nil })
	if err != nil {
		return blob{}, err
	}
	v.ETag = fmt.Sprintf("%x-%d", tags.Sum(nil), len(parts))
	v.Checksum = base64.StdEncoding.EncodeToString(whole.Sum(nil))
	if v.Composite = !u.FullObject && v.Algorithm != defaultAlgorithm; v.Composite {
		v.Checksum = fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(composite.Sum(nil)), len(parts))
	}
	return written, nil
}

// A lateReader opens what it reads when it is first read, and closes it at its end.
type lateReader struct {
	open func() (io.ReadCloser, error)
	r    io.ReadCloser
}

// Read reads.
func (l *lateReader) Read(p []byte) (n int, err error) {
	if l.r == nil {
		if l.r, err = l.open(); err != nil {
			return 0, err
		}
	}
	n, err = l.r.Read(p)
	if err != nil {
		_ = l.r.Close() // it was only read
	}
	return n, err
}

// writeDecoded writes what text means; it was encoded here.
func writeDecoded(w io.Writer, text string, decode func(string) ([]byte, error)) {
	content, _ := decode(text)
	_, _ = w.Write(content) // a hash takes everything
}

func (s *Service) releaseParts(u *upload) error {
	var err error
	for _, p := range u.Parts {
		err = errors.Join(err, s.blobs.release(p.Blob))
	}
	return err
}

// abort gives an upload up.
func (s *Service) abort(ctx context.Context, bucketName, key, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.upload(bucketName, key, id); err != nil {
		return err
	}
	return s.dropUpload(ctx, id)
}

// dropUpload removes an upload with its parts. The caller holds s.mu.
func (s *Service) dropUpload(ctx context.Context, id string) error {
	if err := s.store.Keep(ctx, documentOf[upload](uploadKind, id, nil)); err != nil {
		return err
	}
	u := s.uploads[id]
	delete(s.uploads, id)
	return s.releaseParts(u)
}
