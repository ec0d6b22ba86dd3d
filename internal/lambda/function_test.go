package lambda_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/lambda"
)

// The test binary is also every function of the tests: it plays the part that
// this variable names.
const roleVar = "LAMBDA_TEST_ROLE"

// stageVar is the address of the test's stage.
const stageVar = "LAMBDA_TEST_STAGE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		play(role)
		return
	}
	goleak.VerifyTestMain(m)
}

func play(role string) {
	switch role {
	case "handler":
		awslambda.Start(handle)
	case "graceful":
		awslambda.StartWithOptions(handle, awslambda.WithEnableSIGTERM(func() {
			fmt.Println("good bye")
			os.Exit(0)
		}))
	case "stubborn":
		awslambda.StartWithOptions(handle, awslambda.WithEnableSIGTERM(func() { fmt.Println("never") }))
	case "puppet": // the test speaks for it
		enter("puppet " + os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	case "prop": // a child of a function
		enter("prop")
	case "exit at first": // files in the working directory outlive a reset
		if first() {
			os.Exit(7)
		}
		awslambda.Start(handle)
	case "starts when told":
		enter("starting")
		awslambda.Start(handle)
	case "never starts":
		enter("hanging")
	case "init error":
		api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		body := `{"errorMessage":"no oven","errorType":"Function.NoOven"}`
		r, err := http.Post(api, "application/json", strings.NewReader(body))
		if err != nil || r.StatusCode != http.StatusAccepted {
			fmt.Println("init error was not accepted:", r, err)
		}
		enter("stays") // it should exit, and does not
	case "engine":
		playEngine()
	default:
		panic("unknown role " + role)
	}
}

// playEngine runs one function, which holds, and waits to be killed.
func playEngine() {
	host := lambda.New(lambda.Options{})
	binary, err := os.Executable()
	if err != nil {
		panic(err)
	}
	env := map[string]string{roleVar: "handler", stageVar: os.Getenv(stageVar)}
	host.Set(lambda.Function{ID: "f", Name: "f", Binary: binary, Env: env, Timeout: timeout})
	_, err = host.Invoke(context.Background(), "f", []byte(`{"do":"hold","text":"function"}`))
	panic(err)
}

// A request says what the handler is to do.
type request struct {
	Do   string `json:"do"`
	Text string `json:"text,omitempty"`
	N    int    `json:"n,omitempty"`
}

// facts is what a handler sees of where it runs.
type facts struct {
	Env       []string
	Dir       string
	PID       int
	Deadline  int64
	ARN       string
	RequestID string
	Trace     string
	Client    map[string]string // what the client says of itself
}

func handle(ctx context.Context, r request) (any, error) {
	switch r.Do {
	case "echo":
		return r.Text, nil
	case "facts":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		dir, _ := os.Getwd()
		return facts{os.Environ(), dir, os.Getpid(), deadline.UnixMilli(), lc.InvokedFunctionArn, lc.AwsRequestID, os.Getenv("_X_AMZN_TRACE_ID"), lc.ClientContext.Custom}, nil
	case "error":
		return nil, errors.New(r.Text)
	case "panic":
		panic(r.Text)
	case "exit":
		os.Exit(r.N)
	case "kill":
		return nil, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "say":
		fmt.Println(r.Text)
		fmt.Fprint(os.Stderr, r.Text, " without an end")
		return nil, nil
	case "lines": // N bytes in lines of 100
		w := bufio.NewWriter(os.Stdout)
		for range r.N / 100 {
			fmt.Fprintf(w, "%099d\n", 0)
		}
		return nil, w.Flush()
	case "line": // one line of N bytes
		fmt.Println(strings.Repeat("x", r.N))
		return nil, nil
	case "hold":
		enter(r.Text)
		return r.Text, nil
	case "eat": // N bytes at a time, until it is stopped
		for eaten := [][]byte{}; ; eaten = append(eaten, make([]byte, r.N)) {
			for _, part := range eaten {
				for at := 0; at < len(part); at += 4096 {
					part[at]++
				}
			}
		}
	case "garbage":
		return strings.NewReader("\x00 no JSON"), nil
	case "break off":
		return io.MultiReader(strings.NewReader(`{"half`), broken{}), nil
	case "child": // of the same process group, with the same output
		return nil, child(nil)
	case "runaway": // in a session of its own
		return nil, child(&syscall.SysProcAttr{Setsid: true})
	default:
		return nil, errors.New("unknown request " + r.Do)
	}
	return nil, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken off") }

func child(attr *syscall.SysProcAttr) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleVar+"=prop")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = attr
	return cmd.Start()
}

// first reports whether this is the first process of the function.
func first() bool {
	f, err := os.OpenFile("tried", os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// enter tells the stage who is there, and returns when the test says so.
func enter(name string) {
	c, err := net.Dial("tcp4", os.Getenv(stageVar))
	if err != nil {
		fmt.Println("enter the stage:", err)
		return
	}
	defer c.Close()
	line, _ := json.Marshal(actor{Name: name, PID: os.Getpid()})
	fmt.Fprintf(c, "%s\n", line)
	io.ReadFull(c, make([]byte, 1))
}
