// Package bundle keeps the deployment packages of functions: zip files, by their
// content, each beside the folder that it was unpacked to.
//
// A zip comes from a client, so nothing that it says is believed: neither the paths
// of its files nor their sizes. What is in the store is whole: a bundle gets its
// name when all of it is on disk.
package bundle

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Lambda's limits, in bytes.
const (
	// MaxZip is how long a zip may be that comes in a request.
	MaxZip = 50 << 20
	// MaxUnpacked is how long all files of a zip may be together.
	MaxUnpacked = 250 << 20
)

var (
	// ErrTooLarge says that the files of a zip are longer than [MaxUnpacked].
	ErrTooLarge = fmt.Errorf("unpacked it is longer than %d bytes", MaxUnpacked)
	// ErrInvalid says that something is no zip, or one that must not be unpacked.
	ErrInvalid = errors.New("it cannot be unpacked")
)

// A Bundle is a deployment package in a [Store].
type Bundle struct {
	// Sum is the SHA-256 of the zip, in hex.
	Sum string
	// Size is the zip's, in bytes.
	Size int64
}

// Base64 is the sum as Lambda writes it.
func (b Bundle) Base64() string {
	sum, err := hex.DecodeString(b.Sum)
	if err != nil {
		panic("bundle: " + b.Sum + " is no sum")
	}
	return base64.StdEncoding.EncodeToString(sum)
}

// A Store is a folder of bundles. Its methods may be called concurrently.
type Store struct{ dir string }

// Open returns the store in a folder, which is made where it is missing. What was
// half unpacked when a former process died is removed.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	half, err := filepath.Glob(filepath.Join(dir, unfinished+"*"))
	if err != nil {
		return nil, err
	}
	for _, path := range half {
		if err := os.RemoveAll(path); err != nil {
			return nil, err
		}
	}
	return &Store{dir}, nil
}

const (
	unfinished = "unfinished-"
	zipFile    = "code.zip"
	codeFolder = "code"
)

// Zip is the path of a bundle's zip.
func (s *Store) Zip(b Bundle) string { return filepath.Join(s.dir, b.Sum, zipFile) }

// Folder is the path of a bundle's files.
func (s *Store) Folder(b Bundle) string { return filepath.Join(s.dir, b.Sum, codeFolder) }

// Add unpacks the zip that r has. It wraps [ErrInvalid] or [ErrTooLarge] where that
// is not to be done. When it returns without an error, the bundle is on disk.
func (s *Store) Add(r io.Reader) (b Bundle, err error) {
	dir, err := os.MkdirTemp(s.dir, unfinished)
	if err != nil {
		return Bundle{}, err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(dir)) // of what has got its name nothing is left here
	}()
	f, err := os.OpenFile(filepath.Join(dir, zipFile), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return Bundle{}, err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, sum), r)
	if err != nil {
		return Bundle{}, err
	}
	b = Bundle{Sum: hex.EncodeToString(sum.Sum(nil)), Size: size}
	if _, err := os.Stat(s.Folder(b)); err == nil {
		return b, nil
	}
	if err := unpack(f, size, filepath.Join(dir, codeFolder)); err != nil {
		return Bundle{}, err
	}
	if err := errors.Join(f.Sync(), syncFolder(dir)); err != nil {
		return Bundle{}, err
	}
	if err := os.Rename(dir, filepath.Join(s.dir, b.Sum)); err != nil && !errors.Is(err, fs.ErrExist) { // another call was first
		return Bundle{}, err
	}
	return b, syncFolder(s.dir)
}

// Keep removes all bundles but some. Nothing of the others may be running.
func (s *Store) Keep(bundles []Bundle) error {
	kept := map[string]bool{}
	for _, b := range bundles {
		kept[b.Sum] = true
	}
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		if !kept[e.Name()] {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, e.Name())))
		}
	}
	return err
}

// unpack writes the files of a zip below dir.
func unpack(r io.ReaderAt, size int64, dir string) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var declared uint64
	for _, f := range z.File {
		if declared += f.UncompressedSize64; f.UncompressedSize64 > MaxUnpacked || declared > MaxUnpacked {
			return ErrTooLarge // before anything is written; what has more than it declares fails below
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	folders := map[string]bool{dir: true}
	left := int64(MaxUnpacked)
	for _, f := range z.File {
		if err := check(f); err != nil {
			return err
		}
		folder := strings.TrimSuffix(f.Name, "/")
		if !f.FileInfo().IsDir() {
			folder = filepath.Dir(f.Name)
		}
		if err := root.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		folders[filepath.Join(dir, folder)] = true
		if f.FileInfo().IsDir() {
			continue
		}
		n, err := write(root, f, left)
		if err != nil {
			return err
		}
		left -= n
	}
	for folder := range folders {
		if err := syncFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what must not be written to a disk. Lambda takes symbolic links;
// here they could lead out of the folder.
func check(f *zip.File) error {
	mode := f.Mode()
	switch {
	case !filepath.IsLocal(f.Name), strings.ContainsAny(f.Name, "\\\x00"):
		return fmt.Errorf("%w: the path %q leads out of its folder", ErrInvalid, f.Name)
	case !mode.IsRegular() && !mode.IsDir():
		return fmt.Errorf("%w: %q is neither a file nor a folder. Put what it links to into the zip", ErrInvalid, f.Name)
	}
	return nil
}

// write unpacks one file, of at most limit bytes, and returns its length.
func write(root *os.Root, f *zip.File, limit int64) (n int64, err error) {
	mode := fs.FileMode(0o600)
	if f.Mode()&0o111 != 0 {
		mode = 0o700
	}
	from, err := f.Open()
	if err != nil {
		return 0, fmt.Errorf("%w: %q: %w", ErrInvalid, f.Name, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := root.OpenFile(f.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil { // two files of one name, or a folder of that name
		return 0, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	n, err = io.Copy(to, io.LimitReader(from, limit+1))
	switch {
	case errors.As(err, new(*fs.PathError)): // the disk's
		return n, err
	case err != nil:
		return n, fmt.Errorf("%w: %q: %w", ErrInvalid, f.Name, err)
	case n > limit:
		return n, ErrTooLarge
	}
	return n, to.Sync()
}

// syncFolder has the disk keep what the folder lists.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
