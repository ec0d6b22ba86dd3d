package contract

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/scan"
	"github.com/less-go/less/internal/schema"
	"github.com/less-go/less/internal/toolchain"
)

// Load scans and loads the project in dir and reads its contract, for those who
// have not loaded it for something else, as for another revision. With an empty
// Flow nobody is known to publish.
//
// The error is a [scan.Problems] or a [schema.Problems] where there is something
// to correct in the code.
func Load(ctx context.Context, dir string, f flow.Flow) (Contract, error) {
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		return Contract{}, err
	}
	if _, err := toolchain.Go(); err != nil {
		return Contract{}, err
	}
	var target toolchain.Target
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx, Mode: schema.LoadMode, Dir: dir, BuildFlags: target.Flags(), Env: target.Environ(),
	}, "./less/...")
	if err != nil {
		return Contract{}, fmt.Errorf("load the packages of %s: %w", dir, err)
	}
	return Read(a, f, pkgs, dir)
}
