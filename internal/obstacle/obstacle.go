// Package obstacle says what stands where a file or a folder belongs.
package obstacle

import (
	"fmt"
	"os"
)

// At is the error for a slash-separated name in root that is, or something above it,
// a file where a folder belongs, or a folder where a file does; nil for any other.
func At(root *os.Root, name string, folder bool) error {
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '/' {
			continue
		}
		above := i < len(name)
		info, err := root.Stat(name[:i])
		switch {
		case err != nil:
			return nil // it is missing, or cannot be looked at: who works there says so
		case (above || folder) && !info.IsDir():
			return fmt.Errorf("%s: a folder belongs here, and this is a file. Move it elsewhere", name[:i])
		case !above && !folder && info.IsDir():
			return fmt.Errorf("%s: a file belongs here, and this is a folder. Move it elsewhere", name)
		}
	}
	return nil
}
