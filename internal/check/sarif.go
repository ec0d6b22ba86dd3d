package check

import (
	"encoding/json"
	"io"

	"github.com/less-go/less/internal/flow"
)

// rules are what SARIF says of each rule, in its order.
var rules = []struct {
	rule flow.Rule
	text string
}{
	{flow.NoSubscriber, "An event is published, but nobody subscribes to it"},
	{flow.NoPublisher, "A topic has subscribers, but nobody publishes it"},
	{flow.EndlessCycle, "Events make themselves again without an end"},
	{flow.NotAwaited, "An event is published in a goroutine that the handler does not wait for"},
	{flow.IgnoredError, "Nobody looks at the error of a publish"},
	{flow.FailAfterEvent, "An error is returned after a successful publish"},
	{flow.HandlerImported, "A handler imports another handler"},
	{flow.IgnoredContext, "A handler ignores its context"},
	{flow.NotFollowed, "The analysis cannot follow what is published"},
}

// The part of SARIF 2.1.0 that is written: see
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
type (
	sarifLog struct {
		Version string     `json:"version"`
		Schema  string     `json:"$schema"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    flow.Rule `json:"id"`
		Short sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       flow.Rule          `json:"ruleId"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// WriteSARIF writes findings as a SARIF 2.1.0 log, which code hosts show beside
// the code. Accepted ones are suppressed in it, with their reason.
func WriteSARIF(w io.Writer, findings []Finding) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "less-cli check"}}, Results: []sarifResult{}}
	for _, r := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.rule, sarifText{r.text}})
	}
	for _, f := range findings {
		file, line := f.Pos.Split()
		at := sarifPhysical{Artifact: sarifArtifact{file}}
		if line > 0 {
			at.Region = &sarifRegion{line}
		}
		result := sarifResult{
			RuleID: f.Rule, Level: "warning", Message: sarifText{f.Message}, Locations: []sarifLocation{{at}},
		}
		if f.Allowed != "" {
			result.Suppressions = []sarifSuppression{{"inSource", f.Allowed}}
		}
		run.Results = append(run.Results, result)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(sarifLog{
		Version: "2.1.0", Schema: "https://json.schemastore.org/sarif-2.1.0.json", Runs: []sarifRun{run},
	})
}
