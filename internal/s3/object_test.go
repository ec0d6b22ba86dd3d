package s3_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (r *rig) put(bucket, key, content string) *awss3.PutObjectOutput {
	r.t.Helper()
	out, err := r.PutObject(r.t.Context(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(content)})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r *rig) get(in *awss3.GetObjectInput) (string, error) {
	r.t.Helper()
	out, err := r.GetObject(r.t.Context(), in)
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	return string(content), err
}

func TestObjectSurvivesARestart(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	out, err := r.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: str("assets"), Key: str("a/b c+d.zip"), Body: strings.NewReader("content"),
		ContentType: str("application/zip"), Metadata: map[string]string{"who": "cdk"}, Tagging: str("app=shop"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		t.Fatal(err)
	}
	if *out.ETag != `"9a0364b9e99bb480dd25e1f0284c8555"` || out.ChecksumCRC32 == nil {
		t.Errorf("ETag %s, checksum %v", *out.ETag, out.ChecksumCRC32)
	}
	r.restart()
	in := &awss3.GetObjectInput{Bucket: str("assets"), Key: str("a/b c+d.zip"), ChecksumMode: types.ChecksumModeEnabled}
	got, err := r.GetObject(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(got.Body) // which checks the checksum
	got.Body.Close()
	if err != nil || string(content) != "content" {
		t.Errorf("%q, %v", content, err)
	}
	if *got.ContentType != "application/zip" || got.Metadata["who"] != "cdk" || *got.TagCount != 1 ||
		got.ServerSideEncryption != types.ServerSideEncryptionAwsKms || *got.ChecksumCRC32 != *out.ChecksumCRC32 {
		t.Errorf("%+v", got)
	}
	in.Range = str("bytes=3-4")
	if part, err := r.get(in); err != nil || part != "te" {
		t.Errorf("the range is %q, %v", part, err)
	}
	tags, err := r.GetObjectTagging(t.Context(), &awss3.GetObjectTaggingInput{Bucket: str("assets"), Key: in.Key})
	if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "shop" {
		t.Errorf("tags %v, %v", tags, err)
	}
}

func TestContentGoesWithItsLastObject(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	r.put("assets", "one", "same")
	r.put("assets", "two", "same")
	r.put("assets", "three", "other")
	if n := r.files(); n != 2 {
		t.Fatalf("%d files", n)
	}
	r.put("assets", "three", "same") // instead of the other
	if n := r.files(); n != 1 {
		t.Errorf("%d files after a content was replaced", n)
	}
	r.restart()
	for _, key := range []string{"one", "two", "three"} {
		if content, err := r.get(&awss3.GetObjectInput{Bucket: str("assets"), Key: &key}); content != "same" || err != nil {
			t.Errorf("%s: %q, %v", key, content, err)
		}
		if _, err := r.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: str("assets"), Key: &key}); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if _, err := r.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: str("assets")}); err != nil {
		t.Error(err)
	}
}

func TestVersions(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	r.put("assets", "key", "before") // is the version null
	if _, err := r.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{
		Bucket: str("assets"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	}); err != nil {
		t.Fatal(err)
	}
	first := r.put("assets", "key", "first").VersionId
	r.put("assets", "key", "second")
	marker, err := r.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: str("assets"), Key: str("key")})
	if err != nil || !*marker.DeleteMarker {
		t.Fatalf("%+v, %v", marker, err)
	}
	r.restart()
	in := &awss3.GetObjectInput{Bucket: str("assets"), Key: str("key")}
	if _, err := r.get(in); code(t, err) != "NoSuchKey" {
		t.Errorf("%v", err)
	}
	in.VersionId = first
	if content, err := r.get(in); content != "first" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	in.VersionId = str("null")
	if content, err := r.get(in); content != "before" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	in.VersionId = marker.VersionId
	if _, err := r.get(in); code(t, err) != "MethodNotAllowed" {
		t.Errorf("%v", err)
	}
	if _, err := r.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: str("assets")}); code(t, err) != "BucketNotEmpty" {
		t.Errorf("%v", err)
	}
	all, err := r.ListObjectVersions(t.Context(), &awss3.ListObjectVersionsInput{Bucket: str("assets")})
	if err != nil || len(all.Versions) != 3 || len(all.DeleteMarkers) != 1 || !*all.DeleteMarkers[0].IsLatest {
		t.Fatalf("%+v, %v", all, err)
	}
	var gone []types.ObjectIdentifier
	for _, v := range all.Versions {
		gone = append(gone, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	gone = append(gone, types.ObjectIdentifier{Key: all.DeleteMarkers[0].Key, VersionId: all.DeleteMarkers[0].VersionId})
	deleted, err := r.DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{Bucket: str("assets"), Delete: &types.Delete{Objects: gone}})
	if err != nil || len(deleted.Deleted) != 4 || len(deleted.Errors) != 0 {
		t.Fatalf("%+v, %v", deleted, err)
	}
	if n := r.files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestParts(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	begun, err := r.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: str("assets"), Key: str("big"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	if err != nil {
		t.Fatal(err)
	}
	contents := []string{strings.Repeat("a", 5<<20), "the rest"}
	var parts []types.CompletedPart
	for i, content := range contents {
		if i == 1 {
			r.restart()
		}
		number := aws.Int32(int32(i + 1))
		out, err := r.UploadPart(t.Context(), &awss3.UploadPartInput{
			Bucket: str("assets"), Key: str("big"), UploadId: begun.UploadId, PartNumber: number, Body: strings.NewReader(content), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{PartNumber: number, ETag: out.ETag})
	}
	complete := func(parts ...types.CompletedPart) (*awss3.CompleteMultipartUploadOutput, error) {
		return r.CompleteMultipartUpload(t.Context(), &awss3.CompleteMultipartUploadInput{
			Bucket: str("assets"), Key: str("big"), UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
	}
	if _, err := complete(parts[1], parts[0]); code(t, err) != "InvalidPartOrder" {
		t.Errorf("%v", err)
	}
	if _, err := complete(parts[0], types.CompletedPart{PartNumber: aws.Int32(3), ETag: str("x")}); code(t, err) != "InvalidPart" {
		t.Errorf("%v", err)
	}
	out, err := complete(parts...)
	if err != nil || !strings.HasSuffix(*out.ETag, `-2"`) {
		t.Fatalf("%+v, %v", out, err)
	}
	r.restart()
	if content, err := r.get(&awss3.GetObjectInput{Bucket: str("assets"), Key: str("big")}); content != strings.Join(contents, "") || err != nil {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	if n := r.files(); n != 1 {
		t.Errorf("%d files: the parts are still there", n)
	}
	if _, err := complete(parts...); code(t, err) != "NoSuchUpload" {
		t.Errorf("%v", err)
	}
}

func TestList(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	for _, key := range []string{"a", "b/1", "b/2", "b/c/3", "d", "e&f"} {
		r.put("assets", key, key)
	}
	in := &awss3.ListObjectsV2Input{Bucket: str("assets"), Delimiter: str("/"), MaxKeys: aws.Int32(2)}
	var seen []string
	pages := awss3.NewListObjectsV2Paginator(r, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			seen = append(seen, *o.Key)
		}
		for _, p := range page.CommonPrefixes {
			seen = append(seen, *p.Prefix)
		}
		if *page.KeyCount > 2 {
			t.Errorf("a page of %d", *page.KeyCount)
		}
	}
	if got := strings.Join(seen, " "); got != "a b/ d e&f" {
		t.Errorf("listed %s", got)
	}
	old, err := r.ListObjects(t.Context(), &awss3.ListObjectsInput{Bucket: str("assets"), Prefix: str("b/"), Marker: str("b/1")})
	if err != nil || len(old.Contents) != 2 {
		t.Errorf("%+v, %v", old, err)
	}
}

// What is sent without its checksum being known before comes in chunks.
func TestContentOfUnknownLength(t *testing.T) {
	r := newRig(t)
	r.createBucket("assets")
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	put := func(body string, trailer string) int {
		return r.raw("PUT", "/assets/key", body, map[string]string{
			"X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding": "aws-chunked,gzip",
			"X-Amz-Decoded-Content-Length": "200000", "X-Amz-Trailer": trailer,
		})
	}
	chunks := "186a0\r\n" + string(content[:100_000]) + "\r\n186a0;chunk-signature=abc\r\n" + string(content[100_000:]) + "\r\n"
	if status := put(chunks+"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "x-amz-checksum-crc32"); status != 400 {
		t.Errorf("a wrong checksum: %d", status)
	}
	if status := put(chunks, "x-amz-checksum-crc32"); status != 400 {
		t.Errorf("without an end: %d", status)
	}
	if status := put(chunks[:1000], ""); status != 400 {
		t.Errorf("cut: %d", status)
	}
	if status := put("zz\r\n", ""); status != 400 {
		t.Errorf("no chunk: %d", status)
	}
	if n := r.files(); n != 0 {
		t.Errorf("%d files of what was refused", n)
	}
	if status := put(chunks+"0\r\nx-amz-checksum-crc32:"+crc32Of(content)+"\r\n\r\n", "x-amz-checksum-crc32"); status != 200 {
		t.Fatalf("status %d", status)
	}
	out, err := r.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: str("assets"), Key: str("key")})
	if err != nil || *out.ContentLength != 200_000 || *out.ContentEncoding != "gzip" {
		t.Errorf("%+v, %v", out, err)
	}
}
