package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/plan"
)

// resources is what a started project shows: Less's own lines, and what it can
// be reached by.
func resources(v version, e Engine, opts runOptions) string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }

	for _, a := range v.apps {
		line("%s App %q is running ✅", tag, a.plan().Name)
	}
	line("")
	line("Resources:")
	line("")
	if endpoints := e.APIs(); len(endpoints) > 0 {
		line("List of APIs:")
		for _, endpoint := range endpoints {
			line("- %s: %s", endpoint.Name, endpoint.URL)
			for _, api := range v.plan.APIs {
				if api.Name != endpoint.Name {
					continue
				}
				for _, r := range api.Routes {
					line("  - %s %s", r.Method, r.Path)
				}
			}
		}
		line("")
	}
	if len(v.plan.Topics) > 0 {
		line("List of Topics:")
		for _, t := range v.plan.Topics {
			line("- %s", t.Name)
			for _, s := range t.Subscriptions {
				line("  - %s", path.Base(s.Function))
			}
		}
		line("")
	}
	if len(v.plan.External) > 0 {
		line("List of External Topics:")
		for _, t := range v.plan.External {
			line("- %s: %s of the deployment %s%s", t.Label(), t.Name, t.Deployment, v.publisher(t))
			for _, s := range t.Subscriptions {
				line("  - %s", path.Base(s.Function))
			}
		}
		line("")
	}
	if len(v.plan.Crons) > 0 {
		line("List of Crons:")
		for _, c := range v.plan.Crons {
			line("- %s: %s", strings.Replace(c.Function, "crons/", "", 1), c.Schedule)
		}
		line("")
	}
	if url := e.TopicsAPI(); url != "" {
		line("Topics API: %s/topics/{topic}, open to programs of this machine", url)
	}
	line("AWS services: %s", e.AWS())
	if opts.visibility > 0 && len(v.visibilities) > 0 {
		onAWS := v.visibilities[0].String()
		if last := v.visibilities[len(v.visibilities)-1]; last != v.visibilities[0] {
			onAWS += " to " + last.String()
		}
		line("Retries: a failed message comes back after %v (--visibility), on AWS after %s", opts.visibility, onAWS)
	}
	line("")
	line("🇨🇻")
	line("")
	return out.String()
}

// publisher says of an external topic what runs beside, or does not.
func (v version) publisher(t plan.ExternalTopic) string {
	if slices.ContainsFunc(v.plan.Topics, func(own plan.Topic) bool { return own.Resource == t.Resource }) {
		return ", which runs here"
	}
	return ", which nobody here publishes"
}
