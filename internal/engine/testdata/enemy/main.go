// Command enemy is a function that does what its message or request tells it to
// do to the engine.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

type enemy struct{}

func (enemy) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	for _, deed := range []string{"panic", "exit", "sleep", "print", "garbage", "tell"} {
		if bytes.Contains(payload, []byte("do-"+deed)) {
			return do(deed), nil
		}
	}
	return json.Marshal(map[string]any{"statusCode": 200, "body": "peace"})
}

func do(deed string) []byte {
	switch deed {
	case "panic":
		panic("as told")
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Hour)
	case "tell":
		body, _ := json.Marshal(map[string]any{"statusCode": 200, "body": os.Getenv("PAYMENT_KEY")})
		return body
	case "print":
		line := bytes.Repeat([]byte("x"), 1023)
		for range 10 << 10 {
			fmt.Println(string(line))
		}
		return []byte(`{"statusCode":200,"body":"printed"}`)
	}
	return []byte(`{"statusCode": this is not JSON`)
}

func main() { lambda.StartWithOptions(enemy{}) }
