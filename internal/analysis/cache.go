package analysis

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/source"
)

// version changes whenever what is read of the same code does.
const version = "6"

// A cache keeps what was read of handlers, each in a file named by all that it
// depends on.
type cache struct {
	dir    string
	common []byte
}

func newCache(opts Options, a app.App) (*cache, error) {
	identity, err := opts.Target.Identity()
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	source.HashString(h, version)
	for _, part := range identity {
		source.HashString(h, part)
	}
	for _, t := range a.Topics {
		source.HashString(h, t.Name)
	}
	for _, f := range handlers(a) { // which a handler must not import
		source.HashString(h, f.pkg.ImportPath)
	}
	return &cache{opts.Cache, h.Sum(nil)}, nil
}

func (c *cache) key(handler handler, sum []byte) string {
	h := sha256.New()
	h.Write(c.common)
	h.Write(sum)
	source.HashString(h, handler.id)
	source.HashString(h, handler.fn)
	source.HashString(h, handler.middleware)
	return hex.EncodeToString(h.Sum(nil))
}

func (c *cache) file(key string) string { return filepath.Join(c.dir, key+".json") }

func (c *cache) get(key string) (flow.Function, bool) {
	if c.dir == "" {
		return flow.Function{}, false
	}
	data, err := os.ReadFile(c.file(key))
	if err != nil {
		return flow.Function{}, false
	}
	var fn flow.Function
	if json.Unmarshal(data, &fn) != nil {
		return flow.Function{}, false
	}
	return fn, true
}

// spare is how much a cache keeps beside what is in use: going back to a branch,
// or undoing an edit, then needs no analysis.
const spare = 500

// prune removes the oldest files of the cache but those with the keys in use.
func (c *cache) prune(inUse []string) {
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) <= len(inUse)+spare {
		return
	}
	keep := map[string]bool{}
	for _, key := range inUse {
		keep[key+".json"] = true
	}
	var old []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !keep[e.Name()] {
			old = append(old, info)
		}
	}
	slices.SortFunc(old, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, info := range old[min(spare, len(old)):] {
		os.RemoveAll(filepath.Join(c.dir, info.Name()))
	}
}

// put keeps fn, in one step; where that fails, it is read again the next time.
func (c *cache) put(key string, fn flow.Function) {
	if c.dir == "" || os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	data, err := json.Marshal(fn)
	if err != nil {
		return
	}
	tmp, err := os.CreateTemp(c.dir, "tmp-")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if closing := tmp.Close(); err != nil || closing != nil || os.Rename(tmp.Name(), c.file(key)) != nil {
		os.RemoveAll(tmp.Name())
	}
}
