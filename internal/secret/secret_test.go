package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/less-go/less/internal/secret"
)

func TestATextIsShownNowhere(t *testing.T) {
	holder := map[string]any{"one": secret.Text("hunter2"), "all": []secret.Text{"hunter2"}}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "text", secret.Text("hunter2"), "holder", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "text", secret.Text("hunter2"), "holder", holder)
	shown := map[string]string{"json": string(encoded), "slog": log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown[verb] = fmt.Sprintf(verb, holder) + fmt.Sprintf(verb, secret.Text("hunter2"))
	}
	for how, text := range shown {
		if strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), "68756e746572") {
			t.Errorf("%s shows it: %s", how, text)
		}
		if !strings.Contains(text, "(hidden)") {
			t.Errorf("%s does not say that something is hidden: %s", how, text)
		}
	}
	if string(secret.Text("hunter2")) != "hunter2" {
		t.Error("it is lost")
	}
}
