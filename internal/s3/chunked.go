package s3

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// A chunkedReader reads a body in the encoding aws-chunked, in which SDKs send what they
// know the checksum of only at the end. Chunks may be signed; signatures are not verified.
type chunkedReader struct {
	r       *bufio.Reader
	left    int64 // of the chunk that is being read
	ended   bool
	trailer http.Header
}

// maxLine is how long the line before a chunk, or one of the trailer, may be.
const maxLine = 4 << 10

func newChunkedReader(r io.Reader) *chunkedReader {
	return &chunkedReader{r: bufio.NewReaderSize(r, maxLine), trailer: http.Header{}}
}

// isChunked says whether the body of r is in that encoding.
func isChunked(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") ||
		strings.Contains(strings.ToLower(r.Header.Get("Content-Encoding")), "aws-chunked")
}

// Read returns the content of chunks, and [io.EOF] after the trailer.
func (c *chunkedReader) Read(p []byte) (int, error) {
	if c.left == 0 && !c.ended {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if c.ended {
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	if c.left -= int64(n); c.left == 0 && err == nil {
		err = c.blank()
	}
	return n, cut(err)
}

// next reads the line before a chunk, and the trailer where the chunk is the last.
func (c *chunkedReader) next() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";") // a signature follows
	c.left, err = strconv.ParseInt(size, 16, 64)
	if err != nil || c.left < 0 {
		return malformedChunk()
	}
	if c.left > 0 {
		return nil
	}
	c.ended = true
	for {
		line, err := c.line()
		switch {
		case errors.Is(err, errCut): // the last line may be without an end
			return nil
		case err != nil || line == "":
			return err
		}
		name, value, found := strings.Cut(line, ":")
		if !found {
			return malformedChunk()
		}
		c.trailer.Set(textproto.TrimString(name), textproto.TrimString(value))
	}
}

func (c *chunkedReader) blank() error {
	line, err := c.line()
	if err == nil && line != "" {
		return malformedChunk()
	}
	return err
}

func (c *chunkedReader) line() (string, error) {
	line, err := c.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", malformedChunk()
	}
	if err != nil {
		return "", cut(err)
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// errCut is that of a body that ends within a chunk.
var errCut = errors.New("the body ends within a chunk")

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return errCut
	}
	return err
}

// malformedChunk is the error of an encoding that is none. AWS's words were not seen.
func malformedChunk() error {
	return failure(http.StatusBadRequest, "InvalidChunk", "The body is not encoded as its aws-chunked content encoding says.")
}
