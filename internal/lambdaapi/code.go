package lambdaapi

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/bundle"
)

// FunctionCode says where the code of a function is: here, or in S3.
type FunctionCode struct {
	ZipFile         []byte
	S3Bucket        string
	S3Key           string
	S3ObjectVersion string
	// ImageURI and SourceKMSKeyARN would be lost if they were ignored.
	ImageURI        string `json:"ImageUri"`
	SourceKMSKeyARN string `json:"SourceKMSKeyArn"`
}

// The architectures that Lambda has.
const (
	architectureARM = "arm64"
	architectureX86 = "x86_64"
)

// program is the file that a runtime provided.* starts.
const program = "bootstrap"

// load gives f the code that is in a zip, for one of architectures.
func (s *Service) load(ctx context.Context, f *Function, code FunctionCode, architectures []string) error {
	d := f.Deployment
	switch {
	case len(architectures) > 1:
		return invalidMember(architectures, "architectures", "Member must have length less than or equal to 1")
	case len(architectures) == 1 && architectures[0] != architectureARM && architectures[0] != architectureX86:
		return invalidMember(architectures, "architectures", "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]")
	case len(architectures) == 1:
		d.Architecture = architectures[0]
	case d.Architecture == "":
		d.Architecture = architectureX86
	}
	if err := runsHere(d.Architecture); err != nil {
		return err
	}
	content, err := s.open(ctx, code)
	if err != nil {
		return err
	}
	b, folder, err := s.deployer.Unpack(content)
	_ = content.Close() // it was only read
	switch {
	case errors.Is(err, bundle.ErrTooLarge):
		return awsapi.Errorf("InvalidParameterValueException", "Unzipped size must be smaller than %d bytes", bundle.MaxUnpacked)
	case errors.Is(err, bundle.ErrInvalid):
		return fmt.Errorf("%w: %w", invalidValue("Could not unzip uploaded file. Please check your file, then try to upload again."), err)
	case err != nil:
		return broken(err)
	}
	path := filepath.Join(folder, program)
	if err := checkProgram(path, d.Architecture); err != nil {
		return err
	}
	f.Binary, d.Code = path, b
	return nil
}

// open returns the zip that code means.
func (s *Service) open(ctx context.Context, code FunctionCode) (io.ReadCloser, error) {
	inS3 := code.S3Bucket != "" && code.S3Key != ""
	switch {
	case code.ImageURI != "":
		return nil, awsapi.NotImplemented("functions that are container images")
	case code.SourceKMSKeyARN != "":
		return nil, awsapi.NotImplemented("code that is encrypted with a key of KMS")
	case len(code.ZipFile) > 0 && !inS3:
		if len(code.ZipFile) > bundle.MaxZip {
			return nil, requestTooLarge("CreateFunction")
		}
		return io.NopCloser(bytes.NewReader(code.ZipFile)), nil
	case !inS3 || len(code.ZipFile) > 0:
		return nil, invalidValue("Please provide a source for function code.")
	case s.objects == nil:
		return nil, awsapi.NotImplemented("code of functions in S3")
	}
	return s.objects.Object(ctx, code.S3Bucket, code.S3Key, code.S3ObjectVersion)
}

// runsHere refuses code for machines of another kind than this one. The very
// program that is deployed runs here, and nothing emulates another processor.
func runsHere(architecture string) error {
	switch {
	case runtime.GOOS != "linux":
		return invalidValue("A function's program is one for Linux, and this machine runs " + runtime.GOOS +
			": it cannot be run here. Run the engine on Linux, or use less-cli run, which builds the functions for this machine.")
	case architecture != machine():
		return invalidValue("The function is for the architecture " + architecture + ", and this machine is " + machine() +
			": its program cannot be run here. Deploy a build for this machine: cdk deploy -c architecture=" + machine() + ".")
	}
	return nil
}

// machine is the architecture of this machine, as Lambda calls it.
func machine() string {
	if runtime.GOARCH == "amd64" {
		return architectureX86
	}
	return runtime.GOARCH
}

const noProgram = "The zip has no file " + program + ", which is what Lambda starts. Put the program at its root under that name."

// checkProgram refuses what Lambda would find out at the first invocation, with a
// Runtime.InvalidEntrypoint or Runtime.ExitError.
func checkProgram(path, architecture string) error {
	file, err := os.Open(path)
	if err != nil {
		return invalidValue(noProgram)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return broken(err)
	case info.IsDir():
		return invalidValue(noProgram)
	case info.Mode()&0o100 == 0:
		return invalidValue("The file " + program + " of the zip is not executable. Set its mode to 755 before it is zipped.")
	}
	f, err := elf.NewFile(file)
	if err != nil {
		return nil // it is no program but a script
	}
	if is := machines[f.Machine]; is != architecture {
		return invalidValue(fmt.Sprintf("The file %s of the zip is a program for %s, and the function is for %s. Build it for that.", program, f.Machine, architecture))
	}
	return nil
}

// machines are how Lambda calls the processors that programs are for.
var machines = map[elf.Machine]string{elf.EM_X86_64: architectureX86, elf.EM_AARCH64: architectureARM}
