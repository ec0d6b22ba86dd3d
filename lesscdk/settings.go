package lesscdk

import (
	"cmp"
	"os"

	"github.com/less-go/less/internal/config"
)

// readSettings reads less.config in dir, and what get finds in the context, which wins.
func readSettings(dir string, get func(key string) any) (config.Config, error) {
	c, err := config.Read(os.DirFS(dir))
	if err != nil {
		return config.Config{}, err
	}
	c, err = c.Override(get)
	c.Deploy.Stage = cmp.Or(c.Deploy.Stage, "dev")
	return c, err
}
