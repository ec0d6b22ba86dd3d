package s3

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

func (q *request) createUpload() error {
	v, err := q.newVersion()
	if err != nil {
		return err
	}
	u := &upload{Bucket: q.bucket, Key: q.key, Version: v, FullObject: strings.EqualFold(q.r.Header.Get("X-Amz-Checksum-Type"), "FULL_OBJECT")}
	if asked := strings.ToUpper(q.r.Header.Get("X-Amz-Checksum-Algorithm")); asked != "" {
		if algorithms[asked] == nil {
			return failure(http.StatusBadRequest, "InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
		}
		u.Version.Algorithm = asked
		q.w.Header().Set("X-Amz-Checksum-Algorithm", asked)
	}
	id, err := q.service.begin(q.r.Context(), u)
	if err != nil {
		return err
	}
	q.answer(http.StatusOK, struct {
		XMLName     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
		Bucket, Key string
		UploadID    string `xml:"UploadId"`
	}{Bucket: q.bucket, Key: q.key, UploadID: id})
	return nil
}

func (q *request) uploadPart() error {
	if q.r.Header.Get("X-Amz-Copy-Source") != "" {
		return awsapi.NotImplemented("the action UploadPartCopy of s3")
	}
	number, err := strconv.Atoi(q.query.Get("partNumber"))
	if err != nil {
		number = 0 // which is refused like every number that is none of a part
	}
	d, err := newDigest(q.r)
	if err != nil {
		return err
	}
	content, trailer, err := q.content(d)
	switch {
	case err != nil:
		return err
	case d.length > maxPut:
		return tooLarge()
	}
	p, err := q.service.putPart(q.r.Context(), q.bucket, q.key, q.query.Get("uploadId"), number, content, d, func(b blob) error {
		return d.check(b, trailer())
	})
	if err != nil {
		return q.bodyError(err)
	}
	q.w.Header().Set("Etag", quoted(p.ETag))
	q.w.Header().Set(checksumHeader(d.algorithm), p.Checksum)
	q.raw(http.StatusOK, nil)
	return nil
}

func (q *request) completeUpload() error {
	text, err := q.document()
	if err != nil {
		return err
	}
	var in struct {
		XMLName xml.Name        `xml:"CompleteMultipartUpload"`
		Parts   []completedPart `xml:"Part"`
	}
	if xml.Unmarshal(text, &in) != nil {
		return malformedXML()
	}
	v, err := q.service.complete(q.r.Context(), q.bucket, q.key, q.query.Get("uploadId"), in.Parts)
	if err != nil {
		return err
	}
	q.describe(v, false)
	q.answer(http.StatusOK, struct {
		XMLName                     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
		Location, Bucket, Key, ETag string
	}{Location: "http://" + q.r.Host + "/" + q.bucket + "/" + q.key, Bucket: q.bucket, Key: q.key, ETag: quoted(v.ETag)})
	return nil
}

func (q *request) abortUpload() error {
	if err := q.service.abort(q.r.Context(), q.bucket, q.key, q.query.Get("uploadId")); err != nil {
		return err
	}
	q.raw(http.StatusNoContent, nil)
	return nil
}

type listedPart struct {
	PartNumber         int
	LastModified, ETag string
	Size               int64
}

// listParts lists the parts of an upload, all of them at once.
func (q *request) listParts() error {
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	u, err := q.service.upload(q.bucket, q.key, q.query.Get("uploadId"))
	if err != nil {
		return err
	}
	out := struct {
		XMLName          xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
		Bucket, Key      string
		UploadID         string `xml:"UploadId"`
		Initiator, Owner owner
		StorageClass     string
		MaxParts         int
		IsTruncated      bool
		Part             []listedPart
	}{Bucket: q.bucket, Key: q.key, UploadID: q.query.Get("uploadId"), Initiator: owner{ID: ownerID}, Owner: owner{ID: ownerID}, StorageClass: "STANDARD", MaxParts: maxParts}
	for _, number := range slices.Sorted(maps.Keys(u.Parts)) {
		p := u.Parts[number]
		out.Part = append(out.Part, listedPart{number, timestamp(p.Modified), quoted(p.ETag), p.Size})
	}
	q.answer(http.StatusOK, out)
	return nil
}

type listedUpload struct {
	Key                     string
	UploadID                string `xml:"UploadId"`
	Initiated, StorageClass string
}

// listUploads lists the uploads to a bucket, all of them at once.
func (q *request) listUploads() error {
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	if _, err := q.service.bucket(q.bucket); err != nil {
		return err
	}
	out := struct {
		XMLName     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
		Bucket      string
		Prefix      string
		MaxUploads  int
		IsTruncated bool
		Upload      []listedUpload
	}{Bucket: q.bucket, Prefix: q.query.Get("prefix"), MaxUploads: maxListed}
	for _, id := range slices.Sorted(maps.Keys(q.service.uploads)) {
		if u := q.service.uploads[id]; u.Bucket == q.bucket && strings.HasPrefix(u.Key, out.Prefix) {
			out.Upload = append(out.Upload, listedUpload{u.Key, id, timestamp(u.Begun), "STANDARD"})
		}
	}
	q.answer(http.StatusOK, out)
	return nil
}
