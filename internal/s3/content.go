package s3

import (
	"crypto/md5" // an ETag is an MD5
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// maxPut is how large an object may be that is put at once, or one part.
const maxPut = 5 << 30

func quoted(etag string) string {
	if etag == "" {
		return ""
	}
	return `"` + etag + `"`
}

func blobOf(text []byte) blob {
	whole, sum := sha256.Sum256(text), md5.Sum(text) // an ETag is an MD5
	return blob{hex.EncodeToString(whole[:]), hex.EncodeToString(sum[:]), int64(len(text))}
}

// kept are the headers of a put with which the object is served.
var kept = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
	"X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled",
	"X-Amz-Website-Redirect-Location",
}

const metadataPrefix = "X-Amz-Meta-"

// newVersion is an object's version as the headers of a put have it.
func (q *request) newVersion() (version, error) {
	v := version{Header: map[string]string{}}
	for name, values := range q.r.Header {
		if len(values) > 0 && (slices.Contains(kept, name) || strings.HasPrefix(name, metadataPrefix)) {
			v.Header[name] = strings.Join(values, ",")
		}
	}
	if encoding := v.Header["Content-Encoding"]; encoding != "" { // aws-chunked is of the way, not of the object
		rest := slices.DeleteFunc(strings.Split(encoding, ","), func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "aws-chunked") })
		if v.Header["Content-Encoding"] = strings.Join(rest, ","); len(rest) == 0 {
			delete(v.Header, "Content-Encoding")
		}
	}
	for _, refused := range []string{"X-Amz-Server-Side-Encryption-Customer-Algorithm", "X-Amz-Object-Lock-Mode", "X-Amz-Write-Offset-Bytes"} {
		if q.r.Header.Get(refused) != "" {
			return v, awsapi.NotImplemented("the header %s of s3", refused)
		}
	}
	tags, err := url.ParseQuery(q.r.Header.Get("X-Amz-Tagging"))
	if err != nil {
		return v, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	if len(tags) > 0 {
		v.Tagging = taggingOf(tags)
	}
	return v, nil
}

func (q *request) putObject() error {
	if q.r.Header.Get("X-Amz-Copy-Source") != "" {
		return q.copyObject()
	}
	v, err := q.newVersion()
	if err != nil {
		return err
	}
	if err := q.precondition(); err != nil {
		return err
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
	v.Algorithm = d.algorithm
	v, err = q.service.put(q.r.Context(), q.bucket, q.key, v, content, func(b blob) (string, error) {
		return d.value(), d.check(b, trailer())
	})
	if err != nil {
		return q.bodyError(err)
	}
	q.describe(v, true)
	q.raw(http.StatusOK, nil)
	return nil
}

// bodyError tells what the client did wrong from what went wrong here.
func (q *request) bodyError(err error) error {
	if errors.Is(err, errCut) || q.r.Context().Err() != nil {
		return incomplete()
	}
	return err
}

// precondition checks If-None-Match: *, which keeps what is there.
func (q *request) precondition() error {
	if q.r.Header.Get("If-None-Match") != "*" {
		return nil
	}
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	if _, err := q.service.find(q.bucket, q.key, ""); err == nil {
		return failure(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	return nil
}

// describe writes what is known of a version into the headers of the answer.
func (q *request) describe(v version, checksum bool) {
	h := q.w.Header()
	if etag := quoted(v.ETag); etag != "" {
		h.Set("Etag", etag)
	}
	if v.ID != "" {
		h.Set("X-Amz-Version-Id", v.ID)
	}
	encryption := v.Header["X-Amz-Server-Side-Encryption"]
	if encryption == "" && !v.Deleted {
		h.Set("X-Amz-Server-Side-Encryption", "AES256")
	}
	if checksum && v.Checksum != "" {
		h.Set(checksumHeader(v.Algorithm), v.Checksum)
		kind := "FULL_OBJECT"
		if v.Composite {
			kind = "COMPOSITE"
		}
		h.Set("X-Amz-Checksum-Type", kind)
	}
}

// getObject answers GET and HEAD, with ranges and conditions.
func (q *request) getObject() error {
	if q.query.Has("partNumber") {
		return awsapi.NotImplemented("partNumber of GetObject in s3")
	}
	v, content, err := q.service.open(q.bucket, q.key, q.query.Get("versionId"))
	if err != nil {
		return err
	}
	defer content.Close()
	whole := q.r.Header.Get("Range") == ""
	q.describe(v, whole && strings.EqualFold(q.r.Header.Get("X-Amz-Checksum-Mode"), "ENABLED"))
	h := q.w.Header()
	for name, value := range v.Header {
		h.Set(name, value)
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "binary/octet-stream")
	}
	for name, values := range q.query {
		if header, found := strings.CutPrefix(strings.ToLower(name), "response-"); found {
			h.Set(header, values[0])
		}
	}
	h.Set("Accept-Ranges", "bytes")
	if v.Tagging != "" {
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(countTags(v.Tagging)))
	}
	_ = http.NewResponseController(q.w).SetWriteDeadline(now().Add(answer)) // the recorders of tests have none
	q.answered = true
	encoding := h.Get("Content-Encoding")
	h.Del("Content-Encoding")
	http.ServeContent(&encodedWriter{q.w, encoding}, q.r, "", v.Modified, content)
	return nil
}

// An encodedWriter adds the encoding of a content to the head of an answer only at the
// end: the server would not say the length of what is encoded.
type encodedWriter struct {
	http.ResponseWriter
	encoding string
}

// WriteHeader writes the head.
func (w *encodedWriter) WriteHeader(status int) {
	if w.encoding != "" {
		w.Header().Set("Content-Encoding", w.encoding)
	}
	w.ResponseWriter.WriteHeader(status)
}

// copyObject puts an object that is another's content.
func (q *request) copyObject() error {
	source, err := url.PathUnescape(strings.TrimPrefix(q.r.Header.Get("X-Amz-Copy-Source"), "/"))
	if err != nil {
		return invalidArgument("Invalid copy source encoding.")
	}
	source, versionID, _ := strings.Cut(source, "?versionId=")
	from, key, found := strings.Cut(source, "/")
	if !found {
		return invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	old, content, err := q.service.open(from, key, versionID)
	if err != nil {
		return err
	}
	defer content.Close()
	v, err := q.newVersion()
	if err != nil {
		return err
	}
	if q.r.Header.Get("X-Amz-Metadata-Directive") != "REPLACE" {
		v.Header = old.Header
	}
	if q.r.Header.Get("X-Amz-Tagging-Directive") != "REPLACE" {
		v.Tagging = old.Tagging
	}
	v.Algorithm = old.Algorithm
	sum := algorithms[v.Algorithm]()
	v, err = q.service.put(q.r.Context(), q.bucket, q.key, v, io.TeeReader(content, sum), func(blob) (string, error) {
		return base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
	})
	if err != nil {
		return err
	}
	q.describe(v, false)
	q.answer(http.StatusOK, struct {
		XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyObjectResult"`
		ETag, LastModified string
	}{ETag: quoted(v.ETag), LastModified: timestamp(v.Modified)})
	return nil
}

func (q *request) deleteObject() error {
	v, err := q.service.Delete(q.r.Context(), q.bucket, q.key, q.query.Get("versionId"))
	if err != nil {
		return err
	}
	if v.Deleted {
		q.w.Header().Set("X-Amz-Delete-Marker", "true")
	}
	if v.ID != "" {
		q.w.Header().Set("X-Amz-Version-Id", v.ID)
	}
	q.raw(http.StatusNoContent, nil)
	return nil
}

type deletedObject struct {
	XMLName               xml.Name
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
	Code                  string `xml:",omitempty"`
	Message               string `xml:",omitempty"`
}

// deleteObjects needs the permission for each object, and deletes those that it has it for.
func (q *request) deleteObjects() error {
	if _, err := q.caller(); err != nil {
		return err
	}
	text, err := q.document()
	if err != nil {
		return err
	}
	var in struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Objects []struct {
			Key       string
			VersionID string `xml:"VersionId"`
		} `xml:"Object"`
	}
	if xml.Unmarshal(text, &in) != nil || len(in.Objects) == 0 || len(in.Objects) > maxListed {
		return malformedXML()
	}
	if !q.service.HasBucket(q.bucket) {
		return noBucket()
	}
	out := struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
		Objects []deletedObject
	}{}
	for _, o := range in.Objects {
		var v version
		err := q.allowed(permissionFor("DeleteObject", o.VersionID), o.Key)
		if err == nil {
			v, err = q.service.Delete(q.r.Context(), q.bucket, o.Key, o.VersionID)
		}
		switch {
		case err != nil:
			e := awsapi.AsError(err)
			out.Objects = append(out.Objects, deletedObject{XMLName: xml.Name{Local: "Error"}, Key: o.Key, VersionID: o.VersionID, Code: e.Code, Message: e.Message})
		case !in.Quiet:
			d := deletedObject{XMLName: xml.Name{Local: "Deleted"}, Key: o.Key, VersionID: o.VersionID, DeleteMarker: v.Deleted}
			if v.Deleted {
				d.DeleteMarkerVersionID = v.id()
			}
			out.Objects = append(out.Objects, d)
		}
	}
	q.answer(http.StatusOK, out)
	return nil
}

// tagging is the XML of tags.
type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

type tag struct{ Key, Value string }

func taggingOf(values url.Values) string {
	var t tagging
	for key := range values {
		t.Tags = append(t.Tags, tag{key, values.Get(key)})
	}
	slices.SortFunc(t.Tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	text, err := xml.Marshal(t)
	if err != nil {
		panic("s3: tags cannot be encoded: " + err.Error())
	}
	return string(text)
}

func countTags(text string) int {
	var t tagging
	_ = xml.Unmarshal([]byte(text), &t) // it was read when it was put
	return len(t.Tags)
}

func (q *request) getTagging() error {
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	v, err := q.service.find(q.bucket, q.key, q.query.Get("versionId"))
	if err != nil {
		return err
	}
	text := v.Tagging
	if text == "" {
		text = "<Tagging><TagSet></TagSet></Tagging>"
	}
	q.raw(http.StatusOK, []byte(text))
	return nil
}

const maxTags = 10

func (q *request) putTagging() error {
	text, err := q.document()
	if err != nil {
		return err
	}
	var t tagging
	if xml.Unmarshal(text, &t) != nil {
		return malformedXML()
	}
	if len(t.Tags) > maxTags {
		return failure(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Object tags cannot be greater than %d", maxTags))
	}
	if err := q.service.setTagging(q.r.Context(), q.bucket, q.key, q.query.Get("versionId"), string(text)); err != nil {
		return err
	}
	q.raw(http.StatusOK, nil)
	return nil
}

func (q *request) deleteTagging() error {
	if err := q.service.setTagging(q.r.Context(), q.bucket, q.key, q.query.Get("versionId"), ""); err != nil {
		return err
	}
	q.raw(http.StatusNoContent, nil)
	return nil
}
