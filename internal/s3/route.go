package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// ignored are the parameters of a query that choose no action.
var ignored = []string{
	"list-type", "prefix", "delimiter", "marker", "max-keys", "start-after", "continuation-token", "fetch-owner", "encoding-type",
	"key-marker", "version-id-marker", "x-id", "versionId", "partNumber", "uploadId", "max-parts", "part-number-marker",
}

// subresource is the parameter that says what of a bucket or an object is meant, or "".
func (q *request) subresource() string {
	for name := range q.query {
		lower := strings.ToLower(name)
		if !slices.Contains(ignored, name) && !strings.HasPrefix(lower, "x-amz-") && !strings.HasPrefix(lower, "response-") {
			return name
		}
	}
	if q.query.Has("uploadId") {
		return "uploadId"
	}
	return ""
}

// An action is what a method does to a subresource, and the permission for it; "" where
// it asks itself.
type action struct {
	permission string
	do         func(*request) error
}

// Actions by method and subresource.
var (
	bucketActions = map[string]action{
		"PUT ":         {"CreateBucket", (*request).createBucket},
		"HEAD ":        {"ListBucket", (*request).headBucket},
		"DELETE ":      {"DeleteBucket", (*request).deleteBucket},
		"GET ":         {"ListBucket", (*request).listObjects},
		"GET versions": {"ListBucketVersions", (*request).listVersions},
		"GET uploads":  {"ListBucketMultipartUploads", (*request).listUploads},
		"GET location": {"GetBucketLocation", (*request).bucketLocation},
		"POST delete":  {"", (*request).deleteObjects},
	}
	objectActions = map[string]action{
		"PUT ":            {"PutObject", (*request).putObject},
		"GET ":            {"GetObject", (*request).getObject},
		"HEAD ":           {"GetObject", (*request).getObject},
		"DELETE ":         {"DeleteObject", (*request).deleteObject},
		"POST uploads":    {"PutObject", (*request).createUpload},
		"PUT uploadId":    {"PutObject", (*request).uploadPart},
		"POST uploadId":   {"PutObject", (*request).completeUpload},
		"GET uploadId":    {"ListMultipartUploadParts", (*request).listParts},
		"DELETE uploadId": {"AbortMultipartUpload", (*request).abortUpload},
		"GET tagging":     {"GetObjectTagging", (*request).getTagging},
		"PUT tagging":     {"PutObjectTagging", (*request).putTagging},
		"DELETE tagging":  {"DeleteObjectTagging", (*request).deleteTagging},
	}
)

// do finds the action that is meant, and does it.
func (q *request) do() error {
	subresource := q.subresource()
	switch {
	case q.bucket == "" && q.r.Method == http.MethodGet:
		return q.run(action{"ListAllMyBuckets", (*request).listBuckets})
	case q.bucket == "":
		return notAllowed()
	case q.key != "":
		if a, found := objectActions[q.r.Method+" "+subresource]; found {
			return q.run(a)
		}
		return q.unknown(subresource)
	}
	if a, found := bucketActions[q.r.Method+" "+subresource]; found {
		return q.run(a)
	}
	if k, found := settings[subresource]; found {
		switch q.r.Method {
		case http.MethodGet:
			return q.run(action{"Get" + k.permission, (*request).getSetting})
		case http.MethodPut:
			return q.run(action{"Put" + k.permission, (*request).putSetting})
		case http.MethodDelete:
			return q.run(action{"Put" + k.permission, (*request).deleteSetting})
		}
	}
	return q.unknown(subresource)
}

func (q *request) run(a action) error {
	if a.permission != "" {
		if err := q.allowed(permissionFor(a.permission, q.query.Get("versionId")), q.key); err != nil {
			return err
		}
	}
	return a.do(q)
}

// ofVersions are the permissions for what is done to a version that is named.
var ofVersions = map[string]string{
	"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion", "GetObjectTagging": "GetObjectVersionTagging",
	"PutObjectTagging": "PutObjectVersionTagging", "DeleteObjectTagging": "DeleteObjectVersionTagging",
}

func permissionFor(permission, versionID string) string {
	if special, found := ofVersions[permission]; found && versionID != "" {
		return special
	}
	return permission
}

func (q *request) unknown(subresource string) error {
	of := "a bucket"
	if q.key != "" {
		of = "an object"
	}
	if subresource == "" {
		return notAllowed()
	}
	return awsapi.NotImplemented("%s ?%s of %s in s3", q.r.Method, subresource, of)
}

type listBucketsResult struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	Owner   owner
	Buckets []listedBucket `xml:"Buckets>Bucket"`
}

type listedBucket struct{ Name, CreationDate, BucketRegion string }

func (q *request) listBuckets() error {
	out := listBucketsResult{Owner: owner{ID: ownerID}}
	q.service.mu.Lock()
	for name, b := range q.service.buckets {
		out.Buckets = append(out.Buckets, listedBucket{name, timestamp(b.Created), b.Region})
	}
	q.service.mu.Unlock()
	slices.SortFunc(out.Buckets, func(a, b listedBucket) int { return strings.Compare(a.Name, b.Name) })
	q.answer(http.StatusOK, out)
	return nil
}

func (q *request) createBucket() error {
	text, err := q.document()
	if err != nil {
		return err
	}
	var in struct {
		XMLName            xml.Name `xml:"CreateBucketConfiguration"`
		LocationConstraint string
	}
	if len(text) > 0 && xml.Unmarshal(text, &in) != nil {
		return malformedXML()
	}
	region := in.LocationConstraint
	if region == "" {
		region = awsapi.DefaultRegion
	}
	if err := q.service.CreateBucket(q.r.Context(), q.bucket, region); err != nil {
		return err
	}
	q.w.Header().Set("Location", "/"+q.bucket)
	q.raw(http.StatusOK, nil)
	return nil
}

func (q *request) region() (string, error) {
	q.service.mu.Lock()
	defer q.service.mu.Unlock()
	b, err := q.service.bucket(q.bucket)
	if err != nil {
		return "", err
	}
	return b.Region, nil
}

func (q *request) headBucket() error {
	region, err := q.region()
	if err != nil {
		return err
	}
	q.w.Header().Set("X-Amz-Bucket-Region", region)
	q.raw(http.StatusOK, nil)
	return nil
}

func (q *request) bucketLocation() error {
	region, err := q.region()
	if err != nil {
		return err
	}
	if region == awsapi.DefaultRegion {
		region = "" // as ever
	}
	q.answer(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Region  string   `xml:",chardata"`
	}{Region: region})
	return nil
}

func (q *request) deleteBucket() error {
	if err := q.service.DeleteBucket(q.r.Context(), q.bucket); err != nil {
		return err
	}
	q.raw(http.StatusNoContent, nil)
	return nil
}

func (q *request) getSetting() error {
	name := q.subresource()
	value, err := q.service.Setting(q.bucket, name)
	if err != nil {
		return err
	}
	q.raw(http.StatusOK, []byte(value))
	return nil
}

func (q *request) putSetting() error {
	text, err := q.document()
	if err != nil {
		return err
	}
	if err := q.service.PutSetting(q.r.Context(), q.bucket, q.subresource(), string(text)); err != nil {
		return err
	}
	status := http.StatusOK
	if name := q.subresource(); name == policySetting || name == "tagging" {
		status = http.StatusNoContent
	}
	q.raw(status, nil)
	return nil
}

func (q *request) deleteSetting() error {
	if err := q.service.DeleteSetting(q.r.Context(), q.bucket, q.subresource()); err != nil {
		return err
	}
	q.raw(http.StatusNoContent, nil)
	return nil
}
