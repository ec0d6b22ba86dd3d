package less

import (
	"context"
	"strings"
)

// traceParent returns the W3C trace context that ctx belongs to: that of the
// message or request being handled, else one made from the X-Ray trace that
// Lambda names, else "". It is passed on unchanged: a function that records no
// span of its own is no part of the trace.
func traceParent(ctx context.Context) string {
	if s := scopeFrom(ctx); s != nil {
		if t := s.traceParent(); isTraceParent(t) {
			return t
		}
	}
	header, _ := ctx.Value("x-amzn-trace-id").(string) // where aws-lambda-go puts it
	return fromXRay(header)
}

// isTraceParent checks the form of version 00, the only one there is.
func isTraceParent(s string) bool {
	version, rest, _ := strings.Cut(s, "-")
	trace, rest, _ := strings.Cut(rest, "-")
	span, flags, _ := strings.Cut(rest, "-")
	return version == "00" && isHexID(trace, 32) && isHexID(span, 16) && len(flags) == 2 && isHex(flags)
}

// fromXRay translates "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".
func fromXRay(header string) string {
	var root, parent, sampled string
	for part := range strings.SplitSeq(header, ";") {
		switch key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key {
		case "Root":
			root = strings.ReplaceAll(strings.TrimPrefix(value, "1-"), "-", "")
		case "Parent":
			parent = value
		case "Sampled":
			sampled = value
		}
	}
	if !isHexID(root, 32) || !isHexID(parent, 16) {
		return ""
	}
	flags := "00"
	if sampled == "1" {
		flags = "01"
	}
	return "00-" + root + "-" + parent + "-" + flags
}

// isHexID says whether s is an id of n hexadecimal digits; all zeros is none.
func isHexID(s string, n int) bool {
	return len(s) == n && isHex(s) && strings.Trim(s, "0") != ""
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
