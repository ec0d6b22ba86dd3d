package s3

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/less-go/less/internal/awsapi"
)

// Whatever a client sends in chunks is read or refused; what was cut into chunks is
// whole again.
func FuzzChunks(f *testing.F) {
	f.Add("5\r\nhello\r\n0\r\n\r\n", uint8(3))
	f.Add("5;chunk-signature=x\r\nhello\r\n0;y\r\nx-amz-checksum-crc32:AA\r\n\r\n", uint8(1))
	f.Add("ffffffffffffffff\r\n", uint8(9))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		got, err := io.ReadAll(newChunkedReader(strings.NewReader(text)))
		if _, known := errors.AsType[*awsapi.Error](err); err != nil && !known && !errors.Is(err, errCut) {
			t.Fatalf("error %v", err)
		}
		if len(got) > len(text) {
			t.Fatalf("%d bytes of %d", len(got), len(text))
		}
		var chunks bytes.Buffer
		for rest := text; rest != ""; {
			n := min(int(size)+1, len(rest))
			chunks.WriteString(strconv.FormatInt(int64(n), 16) + "\r\n" + rest[:n] + "\r\n")
			rest = rest[n:]
		}
		chunks.WriteString("0\r\n\r\n")
		if whole, err := io.ReadAll(newChunkedReader(&chunks)); string(whole) != text || err != nil {
			t.Fatalf("%q is %q, %v", text, whole, err)
		}
	})
}
