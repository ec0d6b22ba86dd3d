package conformance_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/awsapi/awsapitest"
)

// A side is one of two clouds that are to do the same, as AWS's SDK sees it.
type side struct {
	name string
	sqs  *awssqs.Client
	sns  *awssns.Client
	norm *normaliser
}

func newSide(name, endpoint string) *side {
	// A client of one's own, so that its connections end with the test.
	transport := wholeAnswers{&http.Transport{DisableKeepAlives: true}}
	config := awsapitest.Config(endpoint, &http.Client{Transport: transport, Timeout: 20 * time.Second})
	config.Region = awsRegion
	return &side{
		name: name,
		sqs:  awssqs.NewFromConfig(config),
		sns:  awssns.NewFromConfig(config),
		norm: newNormaliser(endpoint),
	}
}

// wholeAnswers reads each answer before the SDK sees it. On a busy machine the
// SDK has been seen to close a connection that it was still reading from, and an
// operation that was carried out cannot be compared a second time.
type wholeAnswers struct{ http.RoundTripper }

func (w wholeAnswers) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

const awsRegion = "us-east-1"

// startMoto starts moto's server, where it is installed, and returns its address.
func startMoto(t *testing.T) string {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed (pip install 'moto[server]')")
	}
	port := strconv.Itoa(freePort(t))
	var output bytes.Buffer
	command := exec.Command(path, "-H", "127.0.0.1", "-p", port)
	command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION="+awsRegion)
	command.Stdout, command.Stderr = &output, &output
	endInGroup(command)
	if err := command.Start(); err != nil {
		t.Skipf("moto_server does not start: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		killGroup(command)
		<-ended
	})
	address := net.JoinHostPort("127.0.0.1", port)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		select {
		case err := <-ended:
			ended <- err
			t.Skipf("moto_server has ended: %v\n%s", err, &output)
		case <-time.After(50 * time.Millisecond): // its port says when it is ready; nothing else does
		}
		if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			conn.Close()
			return "http://" + address
		}
	}
	t.Fatalf("moto_server is not ready after 30 s")
	return ""
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// TestAgainstMoto does random operations on the engine and on moto, an emulator
// that others have made of AWS's answers. Where the two differ and the difference
// is not among those that are known, one of them is wrong, and it is good to know
// which.
func TestAgainstMoto(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a server in Python and takes some seconds")
	}
	moto := startMoto(t)
	for name, operations := range map[string][]operation{"sqs": sqsOperations, "sns": snsOperations} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			d := newDifferential(t, newSide("ours", socketDoor(t, c).endpoint), newSide("moto", moto), *motoSeed)
			for range *motoOperations {
				d.step(operations)
			}
			t.Logf("seed %d: %d operations, %s", d.seed, *motoOperations, d.summary())
		})
	}
}

func (d *differential) summary() string {
	text := fmt.Sprintf("%d of them equal", d.equal)
	for _, known := range knownDifferences {
		if n := d.known[known.what]; n > 0 {
			text += fmt.Sprintf(", %d: %s", n, known.what)
		}
	}
	return text
}
