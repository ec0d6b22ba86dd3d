package conformance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A fact is a case: what is so on AWS, and the steps that show it.
type fact struct {
	title  string
	source string
	only   string // "json", "query" or ""
	steps  []step
}

// A step is a line of a case.
type step struct {
	line int
	text string
	do   func(*run) error

	sqs     bool // it calls SQS
	virtual bool // time has to pass in it
}

// parseScript reads a file of cases.
func parseScript(text string) ([]fact, error) {
	var facts []fact
	var errs []error
	for _, l := range logicalLines(text) {
		if title, is := strings.CutPrefix(l.text, "=="); is {
			title, source := cutSource(strings.TrimSpace(title))
			facts = append(facts, fact{title: title, source: source})
			continue
		}
		if len(facts) == 0 {
			errs = append(errs, fmt.Errorf("line %d: a case must begin with ==", l.line))
			continue
		}
		if err := facts[len(facts)-1].add(l); err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", l.line, err))
		}
	}
	return facts, errors.Join(errs...)
}

// logicalLines joins lines with those that go on with them, and drops comments.
func logicalLines(text string) []step {
	var out []step
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#':
		case (line[0] == ' ' || line[0] == '\t') && len(out) > 0:
			out[len(out)-1].text += "\n" + trimmed
		default:
			out = append(out, step{line: i + 1, text: trimmed})
		}
	}
	return out
}

func cutSource(title string) (string, string) {
	before, source, found := strings.Cut(title, " [")
	if !found || !strings.HasSuffix(source, "]") {
		return title, ""
	}
	return before, strings.TrimSuffix(source, "]")
}

// virtual says whether the case needs virtual time.
func (f fact) virtual() bool {
	return slices.ContainsFunc(f.steps, func(s step) bool { return s.virtual })
}

func (f fact) callsSQS() bool {
	return slices.ContainsFunc(f.steps, func(s step) bool { return s.sqs })
}

// add parses a step.
func (f *fact) add(s step) error {
	p := &parser{text: s.text}
	verb, rest := p.text, ""
	if i := strings.IndexAny(p.text, " \n"); i >= 0 {
		verb, rest = p.text[:i], strings.TrimSpace(p.text[i:])
	}
	p.text = rest
	if verb == "only" {
		if f.only = rest; rest != "json" && rest != "query" {
			return fmt.Errorf("only json or query, not %q", rest)
		}
		return nil
	}
	parse := verbs[verb]
	if parse == nil {
		return fmt.Errorf("%.20q is no step", verb)
	}
	if err := parse(p, &s); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	if p.space(); p.text != "" {
		return fmt.Errorf("%s: %.20q is too much", verb, p.text)
	}
	f.steps = append(f.steps, s)
	return nil
}

// verbs are the steps there are, by their first word.
var verbs map[string]func(*parser, *step) error

func init() {
	verbs = map[string]func(*parser, *step) error{
		"sqs":       func(p *parser, s *step) error { return parseCall("sqs", p, s, (*run).call) },
		"sns":       func(p *parser, s *step) error { return parseCall("sns", p, s, (*run).call) },
		"later":     parseLater,
		"arrives":   func(_ *parser, s *step) error { s.do = (*run).arrives; return nil },
		">":         parseAnswer,
		"!":         parseRefusal,
		"took":      parseTook,
		"wait":      parseWait,
		"queue":     parseQueue,
		"topic":     parseTopic,
		"subscribe": parseSubscribe,
		"send":      parseSend,
		"receive":   parseReceive,
		"expect":    parseExpect,
		"function":  parseFunction,
		"map":       parseMap,
		"unmap":     func(_ *parser, s *step) error { s.do = (*run).unmap; return nil },
		"differ":    func(p *parser, s *step) error { return parseValues(p, s, (*run).differ) },
		"rise":      func(p *parser, s *step) error { return parseValues(p, s, (*run).rise) },
		"apart":     parseApart,
	}
}

// token removes what comes before the next space.
func (p *parser) token() string {
	p.space()
	n := strings.IndexAny(p.text, " \n")
	if n < 0 {
		n = len(p.text)
	}
	t := p.text[:n]
	p.text = p.text[n:]
	return t
}

func (p *parser) duration() (time.Duration, error) {
	d, err := time.ParseDuration(p.token())
	if err == nil && (d < 0 || d > 30*24*time.Hour) {
		err = fmt.Errorf("%v is not from 0 to 30 days", d)
	}
	return d, err
}

type doCall func(r *run, service, action string, input any) error

func parseCall(service string, p *parser, s *step, do doCall) error {
	action := p.token()
	if strings.Trim(action, letters) != "" || action == "" {
		return fmt.Errorf("%.20q is no action", action)
	}
	var input any = object{}
	if p.space(); p.text != "" {
		var err error
		if input, err = p.value(); err != nil {
			return err
		}
	}
	o, isObject := input.(object)
	if !isObject {
		return errors.New("the parameters are no object")
	}
	if wait, isNumber := o.members["WaitTimeSeconds"]; isNumber && wait != any(jsonZero) {
		s.virtual = true
	}
	s.sqs = service == "sqs"
	s.do = func(r *run) error { return do(r, service, action, input) }
	return nil
}

var jsonZero = json.Number("0")

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func parseLater(p *parser, s *step) error {
	service := p.token()
	if service != "sqs" && service != "sns" {
		return fmt.Errorf("%.20q is no service", service)
	}
	s.virtual = true
	err := parseCall(service, p, s, (*run).later)
	s.virtual = true
	return err
}

func parseAnswer(p *parser, s *step) error {
	pattern, err := p.value()
	s.do = func(r *run) error { return r.answered(pattern) }
	return err
}

func parseRefusal(p *parser, s *step) error {
	status, err := strconv.Atoi(p.token())
	if err != nil {
		return err
	}
	code, name, message := p.token(), "", any("$_")
	if p.space(); p.text != "" && strings.Contains(letters, p.text[:1]) {
		name = p.token()
	}
	if p.space(); p.text != "" {
		if message, err = p.value(); err != nil {
			return err
		}
	}
	if name == "" {
		name = code
	}
	s.do = func(r *run) error { return r.refused(status, code, name, message) }
	return nil
}

func parseTook(p *parser, s *step) error {
	d, err := p.duration()
	s.virtual = true
	s.do = func(r *run) error { return r.took(d) }
	return err
}

func parseWait(p *parser, s *step) error {
	d, err := p.duration()
	s.virtual = true
	s.do = func(r *run) error { return r.wait(d) }
	return err
}

// setting removes "key=value", where the value may be a string or JSON.
func (p *parser) setting() (key string, value any, err error) {
	key = p.word()
	if key == "" || !p.next("=") {
		return "", nil, fmt.Errorf("key=value is missing before %.20q", p.text)
	}
	if p.text != "" && strings.IndexByte("\"`{[", p.text[0]) >= 0 {
		value, err = p.value()
		return key, value, err
	}
	return key, p.token(), nil
}

// settings removes what is left as a map of attributes; JSON becomes text.
func (p *parser) settings() (map[string]any, error) {
	attributes := map[string]any{}
	for p.space(); p.text != ""; p.space() {
		key, value, err := p.setting()
		if err != nil {
			return nil, err
		}
		switch value.(type) {
		case object, list:
			value = jsonText{value}
		}
		attributes[key] = value
	}
	return attributes, nil
}

// resource removes the name of a queue or topic.
func (p *parser) resource() (string, error) {
	n := p.token()
	if n == "" || len(n) > 80 || name("$"+variable(n)) == "" {
		return "", fmt.Errorf("%.20q is no name", n)
	}
	return n, nil
}

// variable is what stands for a resource of that name.
func variable(resource string) string {
	return strings.ReplaceAll(strings.TrimSuffix(resource, ".fifo"), "-", "_")
}

func parseQueue(p *parser, s *step) error {
	queue, err := p.resource()
	if err != nil {
		return err
	}
	attributes, err := p.settings()
	if err != nil {
		return err
	}
	if dead, has := attributes["dead"].(string); has {
		target, count, _ := strings.Cut(dead, ":")
		attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"$` + variable(target) + `_arn","maxReceiveCount":` + count + `}`
		delete(attributes, "dead")
	}
	s.sqs = true
	s.do = func(r *run) error { return r.queue(queue, attributes) }
	return nil
}

func parseTopic(p *parser, s *step) error {
	topic, err := p.resource()
	if err != nil {
		return err
	}
	attributes, err := p.settings()
	s.do = func(r *run) error { return r.topic(topic, attributes) }
	return err
}

func parseSubscribe(p *parser, s *step) error {
	topic, err := p.resource()
	if err != nil {
		return err
	}
	queue, err := p.resource()
	if err != nil {
		return err
	}
	attributes, err := p.settings()
	s.do = func(r *run) error { return r.subscribe(topic, queue, attributes) }
	return err
}

func parseSend(p *parser, s *step) error {
	queue, err := p.resource()
	if err != nil {
		return err
	}
	var bodies []any
	for p.space(); p.text != ""; p.space() {
		body, err := p.value()
		if err != nil {
			return err
		}
		bodies = append(bodies, body)
	}
	s.sqs = true
	s.do = func(r *run) error { return r.send(queue, bodies) }
	return nil
}

func parseReceive(p *parser, s *step) error {
	queue, err := p.resource()
	if err != nil {
		return err
	}
	bodies, err := p.value()
	s.sqs = true
	s.do = func(r *run) error { return r.receive(queue, bodies) }
	return err
}

func parseExpect(p *parser, s *step) error {
	switch what := p.word(); what {
	case "queue":
		queue, err := p.resource()
		if err != nil {
			return err
		}
		counts, err := p.settings()
		for key := range counts {
			if countAttributes[key] == "" {
				return fmt.Errorf("%q is no count", key)
			}
		}
		s.sqs = true
		s.do = func(r *run) error { return r.expectQueue(queue, counts) }
		return err
	case "invoked", "event":
		pattern, err := p.value()
		s.do = func(r *run) error { return r.expectInvoked(what == "event", pattern) }
		return err
	default:
		return fmt.Errorf("expect queue, invoked or event, not %.20q", what)
	}
}

func parseFunction(p *parser, s *step) error {
	switch how := p.word(); how {
	case "answers":
		answer, err := p.value()
		s.do = func(r *run) error { return r.functionAnswers(answer) }
		return err
	case "says":
		p.space()
		text, err := p.string()
		s.do = func(r *run) error { r.function.say(text); return nil }
		return err
	case "fails":
		p.space()
		kind, err := p.string()
		if err != nil {
			return err
		}
		p.space()
		message, err := p.string()
		s.do = func(r *run) error { r.function.fail(kind, message); return nil }
		return err
	case "takes":
		d, err := p.duration()
		s.do = func(r *run) error { r.function.take(d); return nil }
		return err
	default:
		return fmt.Errorf("a function answers, says, fails or takes, not %.20q", how)
	}
}

func parseMap(p *parser, s *step) error {
	queue, err := p.resource()
	if err != nil {
		return err
	}
	settings, err := p.settings()
	if err != nil {
		return err
	}
	m := mappingSettings{queue: queue, batch: 10, concurrency: 10}
	for key, value := range settings {
		text, _ := value.(string)
		switch key {
		case "batch":
			m.batch, err = strconv.Atoi(text)
		case "concurrency":
			m.concurrency, err = strconv.Atoi(text)
		case "window":
			m.window, err = time.ParseDuration(text)
		default:
			err = fmt.Errorf("a mapping has batch, window and concurrency, not %q", key)
		}
		if err != nil {
			return err
		}
	}
	s.virtual = true
	s.do = func(r *run) error { return r.startMapping(m) }
	return nil
}

func parseValues(p *parser, s *step, do func(*run, []string) error) error {
	var values []string
	for p.space(); p.text != ""; p.space() {
		values = append(values, p.token())
	}
	if len(values) < 2 {
		return errors.New("it takes two values or more")
	}
	s.do = func(r *run) error { return do(r, values) }
	return nil
}

func parseApart(p *parser, s *step) error {
	first, second := p.token(), p.token()
	d, err := p.duration()
	s.do = func(r *run) error { return r.apart(first, second, d) }
	return err
}
