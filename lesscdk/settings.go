package lesscdk

import (
	"os"

	"github.com/less-go/less/internal/config"
)

// readSettings reads less.config in dir, and what get finds in the context, which wins.
func readSettings(dir string, get func(key string) any) (config.Config, error) {
	c, err := config.Read(os.DirFS(dir))
	if err != nil {
		return config.Config{}, err
	}
	return c.Override(get)
}
