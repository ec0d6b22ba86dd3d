package bundle_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/less-go/less/internal/bundle"
)

// A file is one to be zipped.
type file struct {
	name, content string
	mode          fs.FileMode
}

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		header.SetMode(f.mode)
		w, err := z.CreateHeader(header)
		if err == nil {
			_, err = io.WriteString(w, f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t testing.TB) (*bundle.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func TestAZipIsUnpackedWithItsFoldersAndPrograms(t *testing.T) {
	s, _ := open(t)
	b, err := s.Add(bytes.NewReader(zipped(t, file{"bootstrap", "program", 0o755}, file{"a/b/data.json", "{}", 0o644})))
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{"bootstrap": 0o700, "a/b/data.json": 0o600} {
		info, err := os.Stat(filepath.Join(s.Folder(b), name))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	packed, err := os.ReadFile(s.Zip(b))
	if err != nil || int64(len(packed)) != b.Size {
		t.Errorf("the zip has %d bytes of %d, %v", len(packed), b.Size, err)
	}
}

func TestTheSameZipIsKeptOnce(t *testing.T) {
	s, dir := open(t)
	content := zipped(t, file{"bootstrap", "program", 0o755})
	first, err := s.Add(bytes.NewReader(content))
	second, again := s.Add(bytes.NewReader(content))
	if err != nil || again != nil || first != second {
		t.Fatalf("%v, %v; %v, %v", first, err, second, again)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the store has %d folders, want 1", len(entries))
	}
}

func TestADangerousZipIsRefusedAndLeavesNothing(t *testing.T) {
	tests := map[string][]byte{
		"no zip":          []byte("program"),
		"a path above":    zipped(t, file{"../bootstrap", "x", 0o755}),
		"an absolute one": zipped(t, file{"/etc/bootstrap", "x", 0o755}),
		"a hidden above":  zipped(t, file{"a/../../bootstrap", "x", 0o755}),
		"a backslash":     zipped(t, file{`a\..\..\bootstrap`, "x", 0o755}),
		"a link":          zipped(t, file{"bootstrap", "/bin/sh", 0o777 | fs.ModeSymlink}),
		"a device":        zipped(t, file{"bootstrap", "", 0o777 | fs.ModeDevice}),
		"twice":           zipped(t, file{"bootstrap", "x", 0o755}, file{"bootstrap", "y", 0o755}),
		"below a file":    zipped(t, file{"bootstrap", "x", 0o755}, file{"bootstrap/a", "y", 0o755}),
		"damaged":         damaged(t),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			s, dir := open(t)
			if _, err := s.Add(bytes.NewReader(content)); !errors.Is(err, bundle.ErrInvalid) {
				t.Errorf("Add: %v, want ErrInvalid", err)
			}
			if entries, _ := os.ReadDir(dir); len(entries) > 0 {
				t.Errorf("%v is left", entries)
			}
		})
	}
}

// damaged is a zip with another checksum than that of its file.
func damaged(t testing.TB) []byte {
	content := zipped(t, file{"bootstrap", strings.Repeat("program", 100), 0o755})
	at := bytes.Index(content, []byte("PK\x01\x02")) // its directory
	content[at+16]++
	return content
}

// bomb is a zip of files that are as long as they declare, or longer.
func bomb(t testing.TB, declared uint64, files ...string) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(make([]byte, 1<<20))
	}
	if err == nil {
		err = w.Close()
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range files {
		if err != nil {
			break
		}
		var to io.Writer
		if to, err = z.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: declared,
		}); err == nil {
			_, err = to.Write(packed.Bytes())
		}
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestABombDoesNotFillTheDisk(t *testing.T) {
	for name, tt := range map[string]struct {
		zip  []byte
		want error
	}{
		"a long file":          {bomb(t, bundle.MaxUnpacked+1, "a"), bundle.ErrTooLarge},
		"long together":        {bomb(t, bundle.MaxUnpacked/2+1, "a", "b"), bundle.ErrTooLarge},
		"a sum that overflows": {bomb(t, 1<<63, "a", "b"), bundle.ErrTooLarge},
		"longer than declared": {bomb(t, 10, "a"), bundle.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := open(t)
			if _, err := s.Add(bytes.NewReader(tt.zip)); !errors.Is(err, tt.want) {
				t.Errorf("Add: %v, want %v", err, tt.want)
			}
			if entries, _ := os.ReadDir(dir); len(entries) > 0 {
				t.Errorf("%v is left", entries)
			}
		})
	}
}

func TestWhatNobodyKeepsIsRemoved(t *testing.T) {
	s, dir := open(t)
	old, err := s.Add(bytes.NewReader(zipped(t, file{"bootstrap", "old", 0o755})))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Add(bytes.NewReader(zipped(t, file{"bootstrap", "new", 0o755})))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "unfinished-1"), 0o700); err != nil { // of a process that was killed
		t.Fatal(err)
	}
	if s, err = bundle.Open(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep([]bundle.Bundle{kept}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Folder(old)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old bundle: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 || entries[0].Name() != kept.Sum {
		t.Errorf("the store has %v", entries)
	}
}

func FuzzAdd(f *testing.F) {
	f.Add(zipped(f, file{"bootstrap", "program", 0o755}))
	f.Add(zipped(f, file{"../x", "program", 0o755}))
	f.Add(damaged(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		outer := t.TempDir()
		s, err := bundle.Open(filepath.Join(outer, "store"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Add(bytes.NewReader(content))
		if err != nil && !errors.Is(err, bundle.ErrInvalid) && !errors.Is(err, bundle.ErrTooLarge) {
			t.Errorf("Add: %v", err)
		}
		if entries, _ := os.ReadDir(outer); len(entries) != 1 {
			t.Errorf("it has written outside of its folder: %v", entries)
		}
		if err == nil && len(b.Sum) != 64 {
			t.Errorf("the sum %q", b.Sum)
		}
	})
}
