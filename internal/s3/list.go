package s3

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// maxListed is how many objects one answer lists.
const maxListed = 1000

// A listing is what a request wants listed.
type listing struct {
	prefix, delimiter string
	after             string // the key, or common prefix, that was listed last
	limit             int
	encode            func(string) string
}

func newListing(q url.Values) (listing, error) {
	l := listing{prefix: q.Get("prefix"), delimiter: q.Get("delimiter"), limit: maxListed, encode: func(s string) string { return s }}
	switch q.Get("encoding-type") {
	case "":
	case "url":
		l.encode = func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/") }
	default:
		return l, invalidArgument("Invalid Encoding Method specified in Request")
	}
	if text := q.Get("max-keys"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return l, invalidArgument("Provided max-keys not an integer or within integer range")
		}
		l.limit = min(n, maxListed)
	}
	return l, nil
}

// group is the common prefix that stands for key, or "".
func (l listing) group(key string) string {
	if l.delimiter == "" {
		return ""
	}
	i := strings.Index(key[len(l.prefix):], l.delimiter)
	if i < 0 {
		return ""
	}
	return key[:len(l.prefix)+i+len(l.delimiter)]
}

// walk calls found for each key that is wanted, or once for the common prefix of some,
// and returns what was listed last where that is not all.
func (l listing) walk(b *bucket, found func(key, group string)) (last string, more bool) {
	n, lastGroup := 0, ""
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if !strings.HasPrefix(key, l.prefix) {
			continue
		}
		group := l.group(key)
		at := key
		if group != "" {
			at = group
		}
		if at <= l.after || group != "" && group == lastGroup {
			continue
		}
		if n == l.limit {
			return last, l.limit > 0
		}
		found(key, group)
		n++
		last, lastGroup = at, group
	}
	return "", false
}

// An owner owns everything here.
type owner struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}

// ownerID is the canonical id of the account's user, of the form of AWS's.
var ownerID = strings.Repeat("0", 64)

type listedObject struct {
	Key          string
	LastModified string
	ETag         string
	Size         int64
	StorageClass string
}

type commonPrefix struct{ Prefix string }

type listBucketResult struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name, Prefix          string
	Marker                *string
	NextMarker            string `xml:",omitempty"`
	KeyCount              *int
	MaxKeys               int
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

// timestamp is how S3 writes a time in XML.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (q *request) listObjects() error {
	l, err := newListing(q.query)
	if err != nil {
		return err
	}
	second := q.query.Get("list-type") == "2"
	out := listBucketResult{Name: q.bucket, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), MaxKeys: l.limit, EncodingType: q.query.Get("encoding-type")}
	if second {
		out.StartAfter, out.ContinuationToken = l.encode(q.query.Get("start-after")), q.query.Get("continuation-token")
		token, err := base64.StdEncoding.DecodeString(out.ContinuationToken)
		if err != nil {
			return invalidArgument("The continuation token provided is incorrect")
		}
		l.after = max(string(token), q.query.Get("start-after"))
	} else {
		l.after = q.query.Get("marker")
		marker := l.encode(l.after)
		out.Marker = &marker
	}
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	b, err := q.service.bucket(q.bucket)
	if err != nil {
		return err
	}
	// Objects of which only a marker is left are not there.
	shown := &bucket{objects: map[string]*object{}}
	for key, o := range b.objects {
		if v := o.current(); v != nil && !v.Deleted {
			shown.objects[key] = o
		}
	}
	last, more := l.walk(shown, func(key, group string) {
		if group != "" {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{l.encode(group)})
			return
		}
		v := shown.objects[key].current()
		out.Contents = append(out.Contents, listedObject{l.encode(key), timestamp(v.Modified), quoted(v.ETag), v.Size, "STANDARD"})
	})
	out.IsTruncated = more
	if second {
		count := len(out.Contents) + len(out.CommonPrefixes)
		out.KeyCount = &count
		if more {
			out.NextContinuationToken = base64.StdEncoding.EncodeToString([]byte(last))
		}
	} else if more {
		out.NextMarker = l.encode(last)
	}
	q.answer(http.StatusOK, out)
	return nil
}

type listedVersion struct {
	XMLName      xml.Name
	Key          string
	VersionID    string `xml:"VersionId"`
	IsLatest     bool
	LastModified string
	ETag         string `xml:",omitempty"`
	Size         *int64
	StorageClass string `xml:",omitempty"`
	Owner        owner
}

type listVersionsResult struct {
	XMLName         xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
	Name, Prefix    string
	KeyMarker       string
	VersionIDMarker string `xml:"VersionIdMarker"`
	NextKeyMarker   string `xml:",omitempty"`
	NextVersion     string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys         int
	Delimiter       string `xml:",omitempty"`
	EncodingType    string `xml:",omitempty"`
	IsTruncated     bool
	Versions        []listedVersion
	CommonPrefixes  []commonPrefix
}

// listVersions lists all versions of each object on a page: one key is never cut in
// two, so a page may be longer than asked for.
func (q *request) listVersions() error {
	l, err := newListing(q.query)
	if err != nil {
		return err
	}
	l.after = q.query.Get("key-marker")
	if q.query.Get("version-id-marker") != "" {
		return awsapi.NotImplemented("version-id-marker of ListObjectVersions")
	}
	out := listVersionsResult{
		Name: q.bucket, Prefix: l.encode(l.prefix), KeyMarker: l.encode(l.after), MaxKeys: l.limit,
		Delimiter: l.encode(l.delimiter), EncodingType: q.query.Get("encoding-type"),
	}
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	b, err := q.service.bucket(q.bucket)
	if err != nil {
		return err
	}
	last, more := l.walk(b, func(key, group string) {
		if group != "" {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{l.encode(group)})
			return
		}
		versions := b.objects[key].Versions
		for i, v := range slices.Backward(versions) {
			listed := listedVersion{
				XMLName: xml.Name{Local: "Version"}, Key: l.encode(key), VersionID: v.id(), IsLatest: i == len(versions)-1,
				LastModified: timestamp(v.Modified), Owner: owner{ID: ownerID},
			}
			if v.Deleted {
				listed.XMLName.Local = "DeleteMarker"
			} else {
				listed.ETag, listed.Size, listed.StorageClass = quoted(v.ETag), &v.Size, "STANDARD"
			}
			out.Versions = append(out.Versions, listed)
		}
	})
	if out.IsTruncated = more; more {
		out.NextKeyMarker = l.encode(last)
	}
	q.answer(http.StatusOK, out)
	return nil
}
