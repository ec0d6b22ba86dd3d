package engine_test

import (
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func (d *demo) s3() *s3.Client {
	return s3.NewFromConfig(d.config(), func(o *s3.Options) { o.UsePathStyle = true })
}

func TestObjectsOutliveTheEngine(t *testing.T) {
	dir := t.TempDir()
	d := startEmpty(t, dir)
	bucket, key := aws.String("assets"), aws.String("app.zip")
	c := d.s3()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("content")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	d = startEmpty(t, dir)
	out, err := d.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if content, err := io.ReadAll(out.Body); string(content) != "content" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
}

func TestCodeThatIsNotInS3(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	d.createRole("f")
	_, err := lambda.NewFromConfig(d.config()).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("f"), Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Role: aws.String("arn:aws:iam::000000000000:role/f"), Architectures: []lambdatypes.Architecture{hostArchitecture()},
		Code: &lambdatypes.FunctionCode{S3Bucket: aws.String("assets"), S3Key: aws.String("f.zip")},
	})
	const want = "InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
