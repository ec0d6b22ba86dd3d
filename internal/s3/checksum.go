package s3

import (
	"crypto/md5"  // a checksum that S3 has
	"crypto/sha1" // a checksum that S3 has
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
)

// algorithms are those of checksums, by their names.
var algorithms = map[string]func() hash.Hash{
	"CRC32":     func() hash.Hash { return crc32.NewIEEE() },
	"CRC32C":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"CRC64NVME": func() hash.Hash { return crc64.New(nvme) },
	"SHA1":      sha1.New,
	"SHA256":    sha256.New,
}

// nvme is the polynomial of NVMe, bits reversed.
var nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// defaultAlgorithm is that of content which came without a checksum.
const defaultAlgorithm = "CRC64NVME"

// checksumHeader is the header with the checksum of an algorithm.
func checksumHeader(algorithm string) string { return "X-Amz-Checksum-" + strings.ToLower(algorithm) }

// A digest checks a content against what its request says of it, while it is read.
type digest struct {
	algorithm string
	sum       hash.Hash
	// wanted is the checksum that the request's header has, or "" where it comes after
	// the content, or not at all.
	wanted string
	md5    string // in hex
	sha256 string // in hex
	// length is how long the content is to be; -1 where nobody says it.
	length int64
}

// newDigest reads the headers of r that say what its content is.
func newDigest(r *http.Request) (*digest, error) {
	d := &digest{length: r.ContentLength}
	if text := r.Header.Get("Content-Md5"); text != "" {
		sum, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(sum) != md5.Size {
			return nil, failure(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid")
		}
		d.md5 = hex.EncodeToString(sum)
	}
	if text := r.Header.Get("X-Amz-Content-Sha256"); len(text) == hex.EncodedLen(sha256.Size) {
		d.sha256 = strings.ToLower(text)
	}
	trailer := strings.ToUpper(strings.TrimPrefix(strings.ToLower(r.Header.Get("X-Amz-Trailer")), "x-amz-checksum-"))
	for name := range algorithms {
		value := r.Header.Get(checksumHeader(name))
		if value == "" && name != trailer {
			continue
		}
		if d.algorithm != "" {
			return nil, failure(http.StatusBadRequest, "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		d.algorithm, d.wanted = name, value
	}
	if d.algorithm == "" {
		d.algorithm = defaultAlgorithm
		if asked := strings.ToUpper(r.Header.Get("X-Amz-Sdk-Checksum-Algorithm")); algorithms[asked] != nil {
			d.algorithm = asked
		}
	}
	d.sum = algorithms[d.algorithm]()
	return d, nil
}

func (d *digest) reader(r io.Reader) io.Reader { return io.TeeReader(r, d.sum) }

// value is the checksum of what was read.
func (d *digest) value() string { return base64.StdEncoding.EncodeToString(d.sum.Sum(nil)) }

// check compares what was written with what was said. trailer has what came after it.
func (d *digest) check(b blob, trailer http.Header) error {
	wanted := d.wanted
	if came := trailer.Get(checksumHeader(d.algorithm)); came != "" {
		wanted = came
	}
	switch {
	case d.length >= 0 && b.Size != d.length:
		return incomplete()
	case d.md5 != "" && d.md5 != b.MD5:
		return failure(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	case d.sha256 != "" && d.sha256 != b.SHA256:
		return failure(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	case wanted != "" && wanted != d.value():
		return failure(http.StatusBadRequest, "BadDigest",
			fmt.Sprintf("The %s you specified did not match the calculated checksum.", d.algorithm))
	}
	return nil
}
