package s3_test

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const credential = "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"

// raw sends a request as it is and returns the status of its answer.
func (r *rig) raw(method, path, body string, header map[string]string) int {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", credential)
	for name, value := range header {
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := r.server.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func crc32Of(content []byte) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(content)))
}

func TestWhoseRequestItIs(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	r.put("assets", "key", "content")
	for _, tt := range []struct {
		name, path string
		header     map[string]string
		want       int
	}{
		{"bucket in the path", "/assets/key", nil, 200},
		{"bucket before localhost", "/key", map[string]string{"Host": "assets.localhost:4566"}, 200},
		{"bucket before s3", "/key", map[string]string{"Host": "assets.s3.localhost:4566"}, 200},
		{"bucket before s3, not signed", "/key", map[string]string{"Host": "assets.s3.us-east-1.localhost:4566", "Authorization": ""}, 200},
		{"s3 is no bucket", "/assets/key", map[string]string{"Host": "s3.us-east-1.localhost:4566"}, 200},
		{"presigned", "/assets/key?X-Amz-Credential=test%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&x-id=GetObject", map[string]string{"Authorization": ""}, 200},
		{"another service", "/assets/key", map[string]string{"Authorization": strings.Replace(credential, "/s3/", "/sns/", 1)}, http.StatusTeapot},
		{"nobody's", "/assets/key", map[string]string{"Authorization": ""}, http.StatusTeapot},
		{"a web page's", "/assets/key", map[string]string{"Origin": "https://evil.example"}, 403},
		{"unknown subresource", "/assets?analytics", nil, 501},
	} {
		if got := r.raw("GET", tt.path, "", tt.header); got != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestWhatIsSaidOfTheContentMustHold(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	// Checksums of "123456789", as their definitions have them.
	for header, value := range map[string]string{
		"X-Amz-Checksum-Crc32": "y/Q5Jg==", "X-Amz-Checksum-Crc32c": "4waSgw==", "X-Amz-Checksum-Crc64nvme": "rosUhgp5mIg=",
		"X-Amz-Checksum-Sha1": "98O8HYCOBHMq32eZZczDTKeuNEE=", "Content-Md5": "JfnnlDI7RTiF9RgfG2JNCw==",
		"X-Amz-Content-Sha256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
	} {
		if status := r.raw("PUT", "/assets/key", "123456789", map[string]string{header: value}); status != 200 {
			t.Errorf("%s: status %d", header, status)
		}
		if status := r.raw("PUT", "/assets/other", "12345678", map[string]string{header: value}); status != 400 {
			t.Errorf("%s of something else: status %d", header, status)
		}
	}
	if _, err := r.get(&awss3.GetObjectInput{Bucket: str("assets"), Key: str("other")}); code(t, err) != "NoSuchKey" {
		t.Errorf("%v", err)
	}
}

func TestBuckets(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"ab", "Upper", "10.0.0.1", "two..dots", "-x-"} {
		if status := r.raw("PUT", "/"+name, "", nil); status != 400 {
			t.Errorf("bucket %s: status %d", name, status)
		}
	}
	if _, err := r.HeadBucket(t.Context(), &awss3.HeadBucketInput{Bucket: str("assets")}); code(t, err) != "NotFound" {
		t.Errorf("%v", err)
	}
	r.createBucket("assets")
	r.createBucket("assets") // which is fine in us-east-1
	if _, err := r.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: str("assets"), CreateBucketConfiguration: &types.CreateBucketConfiguration{
		LocationConstraint: types.BucketLocationConstraintEuWest1,
	}}); code(t, err) != "BucketAlreadyOwnedByYou" {
		t.Errorf("%v", err)
	}
	if out, err := r.GetBucketLocation(t.Context(), &awss3.GetBucketLocationInput{Bucket: str("assets")}); err != nil || out.LocationConstraint != "" {
		t.Errorf("%+v, %v", out, err)
	}
	encryption, err := r.GetBucketEncryption(t.Context(), &awss3.GetBucketEncryptionInput{Bucket: str("assets")})
	if err != nil || encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 {
		t.Errorf("%+v, %v", encryption, err)
	}
	if _, err := r.GetBucketPolicy(t.Context(), &awss3.GetBucketPolicyInput{Bucket: str("assets")}); code(t, err) != "NoSuchBucketPolicy" {
		t.Errorf("%v", err)
	}
	if _, err := r.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: str("assets"), Policy: str(`{"Statement":[]}`)}); code(t, err) != "MalformedPolicy" {
		t.Errorf("%v", err)
	}
	text := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`
	if _, err := r.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: str("assets"), Policy: &text}); err != nil {
		t.Error(err)
	}
	r.restart()
	if out, err := r.GetBucketPolicy(t.Context(), &awss3.GetBucketPolicyInput{Bucket: str("assets")}); err != nil || *out.Policy != text {
		t.Errorf("%+v, %v", out, err)
	}
	if r.service.Policy("assets") == nil {
		t.Error("the policy is not read after a restart")
	}
	if out, err := r.ListBuckets(t.Context(), &awss3.ListBucketsInput{}); err != nil || len(out.Buckets) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestTemplatesAreFetched(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	r.put("assets", "a b.json", "{}")
	for _, address := range []string{
		"https://s3.us-east-1.amazonaws.com/assets/a%20b.json", "https://assets.s3.eu-west-1.amazonaws.com/a%20b.json",
		"http://localhost:4566/assets/a%20b.json", "http://assets.localhost:4566/a%20b.json", "http://127.0.0.1:4566/assets/a%20b.json",
	} {
		if text, err := r.service.Fetch(t.Context(), address); string(text) != "{}" || err != nil {
			t.Errorf("%s: %q, %v", address, text, err)
		}
	}
	if _, err := r.service.Fetch(t.Context(), "https://s3.amazonaws.com/assets/none"); err == nil {
		t.Error("what is not there is fetched")
	}
}
