package compat

// A role says whom a change in a part breaks: those who still write the old form,
// when the new one takes less, or those who still read it, when it can be more.
type role struct {
	part Part
	// narrowBreaks is why it breaks somebody that less is allowed than before, and
	// wideBreaks that more is; "" where it does not.
	narrowBreaks, wideBreaks string
	// goneBreaks is why it breaks somebody that a field is gone, lackBreaks that one
	// is required which was not, and missingBreaks that one can be missing.
	goneBreaks, lackBreaks, missingBreaks string
	// keep is the way out of a change of something, and optional of one that made
	// a field required.
	keep, optional string
}

var (
	event = role{
		part:          Event,
		narrowBreaks:  "Messages of the old form are in queues and dead-letter queues for days, or come from other publishers, and do not fit.",
		wideBreaks:    "Subscribers of the old form do not expect it.",
		goneBreaks:    "Subscribers of the old form find nothing there.",
		lackBreaks:    "Messages of the old form, which are in queues and dead-letter queues for days or come from other publishers, lack it.",
		missingBreaks: "Subscribers of the old form count on it.",
		keep:          "Keep it and add a field of another name, filled beside it until nobody reads the old one; or publish the new form to a new topic.",
		optional:      "Let it be left out where it is empty: omitempty, or omitzero for a struct; subscribers then have to do without it.",
	}
	request = role{
		part:         Request,
		narrowBreaks: "Clients that send what was allowed before are refused or misunderstood.",
		goneBreaks:   "What clients send there is ignored without a word.",
		lackBreaks:   "Clients do not send it, and the handler counts on it.",
		keep:         "Keep it and add another beside it, or add a route with another path.",
		optional:     "Make it optional: a pointer, or omitempty; the handler then decides what its absence means.",
	}
	response = role{
		part:          Response,
		wideBreaks:    "Clients that read the answer do not expect it.",
		goneBreaks:    "Clients that read it find nothing there.",
		missingBreaks: "Clients that read the answer count on it.",
		keep:          "Keep it and add another beside it, or add a route with another path.",
	}
)

// reason is why a change breaks somebody, "" where it breaks nobody.
func (r role) reason(narrowed, widened bool) string {
	switch {
	case narrowed && r.narrowBreaks != "":
		return r.narrowBreaks
	case widened:
		return r.wideBreaks
	}
	return ""
}
