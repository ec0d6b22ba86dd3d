package build

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// An Asset is a deployment package: a zip of one program, as Lambda takes it.
type Asset struct {
	// Path is the zip, which has the program as Binary, executable.
	Path string
	// Hash is the SHA-256 of the zip, in hex. The same source gives the same zip
	// wherever it is built with the same version of Go.
	Hash string
	// Size is the zip's, Unzipped the program's, in bytes.
	Size, Unzipped int64
}

// Package returns an up-to-date deployment package for each of mains. It compiles
// as Build does, and returns the same errors, but then no assets. The Builder has
// to build for Linux.
//
// What is packaged is the program with its build id replaced by a hash of the
// rest: a comment changes the build id, and should deploy nothing. What was
// damaged in Out since it was made is noticed, and made again.
func (b *Builder) Package(ctx context.Context, mains []string, progress func(Progress)) (map[string]Asset, error) {
	built, err := b.Build(ctx, mains, progress)
	if err != nil {
		return nil, err
	}
	assets, err := b.assets(ctx, built)
	if !errors.Is(err, errDamaged) {
		return assets, err
	}
	if built, err = b.Build(ctx, mains, progress); err != nil {
		return nil, err
	}
	return b.assets(ctx, built)
}

// errDamaged is that programs were not as they were built, and are removed.
var errDamaged = errors.New("it is not what was built")

// assets packs programs, each on its own. All are looked at before it says that
// some are damaged.
func (b *Builder) assets(ctx context.Context, programs map[string]string) (map[string]Asset, error) {
	var mu sync.Mutex
	assets := make(map[string]Asset, len(programs))
	var damaged error
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for main, program := range programs {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			asset, err := b.asset(program)
			mu.Lock()
			defer mu.Unlock()
			assets[main] = asset
			if errors.Is(err, errDamaged) {
				damaged = err
			} else if err != nil {
				return fmt.Errorf("package %s: %w", main, err)
			}
			return nil
		})
	}
	if err := cmp.Or(group.Wait(), damaged); err != nil {
		return nil, err
	}
	return assets, nil
}

// asset returns the package of a program, which stands beside it under the name
// of its hash.
func (b *Builder) asset(program string) (Asset, error) {
	folder := filepath.Dir(program)
	zips, err := filepath.Glob(filepath.Join(folder, "*.zip"))
	if err != nil {
		return Asset{}, err
	}
	for _, path := range zips {
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Asset{}, err
		}
		if asset, err := assetOf(folder, content); err == nil && asset.Path == path {
			return asset, nil
		}
		if err := os.RemoveAll(path); err != nil {
			return Asset{}, err
		}
	}

	content, err := os.ReadFile(program)
	if err != nil {
		return Asset{}, err
	}
	sum, err := os.ReadFile(filepath.Join(folder, sumFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Asset{}, err
	}
	if string(sum) != hexSum(content) {
		if err := os.RemoveAll(folder); err != nil {
			return Asset{}, err
		}
		return Asset{}, fmt.Errorf("%s: %w", program, errDamaged)
	}
	if err := replaceBuildID(content); err != nil {
		return Asset{}, err
	}
	packed, err := pack(content)
	if err != nil {
		return Asset{}, err
	}
	asset, err := assetOf(folder, packed)
	if err != nil {
		return Asset{}, err
	}
	return asset, b.keep(asset.Path, packed)
}

// assetOf describes a zip that is, or will be, in folder.
func assetOf(folder string, content []byte) (Asset, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return Asset{}, err
	}
	hash := hexSum(content)
	asset := Asset{Path: filepath.Join(folder, hash+".zip"), Hash: hash, Size: int64(len(content))}
	for _, f := range z.File {
		asset.Unzipped += int64(f.UncompressedSize64)
	}
	return asset, nil
}

// keep writes a file of Out in one step, and durably, as programs are.
func (b *Builder) keep(path string, content []byte) error {
	f, err := os.CreateTemp(b.Out, "tmp-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// packed is the time of all that is in a package: the first that a zip can tell.
var packed = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// pack makes a zip of a program, which depends on nothing else.
func pack(program []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: Binary, Method: zip.Deflate, Modified: packed}
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err == nil {
		_, err = w.Write(program)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// sumFile is what the SHA-256 of a program is kept in, beside it.
const sumFile = Binary + ".sha256"

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
