package draw

import (
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// svgStyle has each colour twice, for light and for dark pages, and no variables,
// which not every program that shows SVG knows.
const svgStyle = `<style>
text{font-family:Inter,"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;fill:#0f172a}
.paper{fill:#fff}
.title{font-weight:600}
.quiet{fill:#64748b}
.panel{fill:none;stroke:#e2e8f0}
.service{fill:#f1f5f9;stroke:#cbd5e1}
.name{fill:#475569;font-weight:600}
.route{fill:#dbeafe;stroke:#2563eb;stroke-width:1.5}
.topic{fill:#fef3c7;stroke:#d97706;stroke-width:1.5}
.subscriber{fill:#fff;stroke:#64748b;stroke-width:1.2}
.elsewhere{fill:none;stroke:#94a3b8;stroke-dasharray:3 3}
.dead{fill:#fee2e2;stroke:#dc2626;stroke-dasharray:2 2}
.deadtext{fill:#b91c1c}
.line{fill:none}
.subscribe{stroke:#94a3b8;stroke-width:1.3}
.always{stroke:#2563eb;stroke-width:2}
.success{stroke:#16a34a;stroke-width:2}
.conditional{stroke:#d97706;stroke-width:2;stroke-dasharray:9 3 2 3}
.failure{stroke:#dc2626;stroke-width:2;stroke-dasharray:6 4}
.tip-subscribe{fill:#94a3b8}.tip-always{fill:#2563eb}.tip-success{fill:#16a34a}.tip-conditional{fill:#d97706}.tip-failure{fill:#dc2626}
@media (prefers-color-scheme:dark){
text{fill:#e2e8f0}
.paper{fill:#0f172a}
.quiet{fill:#94a3b8}
.panel{stroke:#334155}
.service{fill:#1e293b;stroke:#475569}
.name{fill:#94a3b8}
.route{fill:#1e3a8a;stroke:#60a5fa}
.topic{fill:#653f0c;stroke:#fbbf24}
.subscriber{fill:#0f172a;stroke:#94a3b8}
.elsewhere{stroke:#64748b}
.dead{fill:#4c1317;stroke:#f87171}
.deadtext{fill:#fca5a5}
.subscribe{stroke:#64748b}
.always{stroke:#60a5fa}
.success{stroke:#4ade80}
.conditional{stroke:#fbbf24}
.failure{stroke:#f87171}
.tip-subscribe{fill:#64748b}.tip-always{fill:#60a5fa}.tip-success{fill:#4ade80}.tip-conditional{fill:#fbbf24}.tip-failure{fill:#f87171}
}
</style>
`

// looks are the classes of lines, in the order of the legend.
var looks = [...]struct{ class, words string }{
	{"always", "publishes, always"},
	{"success", "on success"},
	{"conditional", "sometimes"},
	{"failure", "on failure"},
	{"subscribe", "delivers to"},
}

// look is the class of an edge.
func look(e graph.Edge) string {
	if e.Kind == graph.Subscribes {
		return "subscribe"
	}
	switch e.Condition {
	case flow.OnSuccess:
		return "success"
	case flow.Conditional:
		return "conditional"
	case flow.OnFailure:
		return "failure"
	}
	return "always"
}
