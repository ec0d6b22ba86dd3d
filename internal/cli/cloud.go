package cli

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/target"
)

// A cloud is where a command deploys to: the flags that all commands have whose place
// is AWS where nobody says another.
type cloud struct {
	env      Env
	cmd      *cobra.Command
	region   string
	profile  string
	endpoint string
	local    bool
}

// addCloud gives cmd the flags.
func addCloud(env Env, cmd *cobra.Command) *cloud {
	c := &cloud{env: env, cmd: cmd}
	f := cmd.Flags()
	f.StringVar(&c.region, "region", "", "AWS's `region`, where the environment's is not meant")
	f.StringVar(&c.profile, "profile", "", "the `profile` in ~/.aws whose credentials are meant")
	f.StringVar(&c.endpoint, "endpoint", "", "another endpoint's `URL`")
	cmd.Long = strings.TrimSpace(cmd.Long) + "\n\n" + target.CloudRule
	return c
}

// addLocal gives cmd the flag by which it means this machine.
func (c *cloud) addLocal(what string) {
	c.cmd.Flags().BoolVar(&c.local, "local", false, what)
}

// check finds flags that exclude each other.
func (c *cloud) check() error {
	switch {
	case c.local && (c.region != "" || c.profile != "" || c.endpoint != ""):
		return c.wrong("--local is this machine: leave --region, --profile and --endpoint out")
	case c.endpoint != "" && c.profile != "":
		return c.wrong("--profile is for AWS, and --endpoint is another place: choose one")
	}
	return nil
}

// wrong is an error of usage.
func (c *cloud) wrong(format string, args ...any) error {
	return wrongUsage(c.cmd, format, args...)
}

// open finds the place. It does not talk to it yet.
func (c *cloud) open() (*target.Target, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	endpoint := c.endpoint
	if c.profile == "" {
		endpoint = cmp.Or(c.endpoint, c.env.Getenv("AWS_ENDPOINT_URL"))
	}
	return target.New(c.cmd.Context(), target.Options{
		AWS: endpoint == "", Endpoint: endpoint, Region: c.region, Profile: c.profile, Getenv: c.env.Getenv,
	})
}
