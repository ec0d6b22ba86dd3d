package filter

// pattern compiles one of the values that a policy lists for a key. The words of
// the errors are Event Ruler's. Most of them were recorded from AWS, with their
// columns; the tests say which.
func (c *compiler) pattern(n *node) (pattern, error) {
	switch n.kind {
	case literal:
		return exactly{n.kind, n.text}, nil
	case str:
		if addr, ok := parseAddr(n.text); ok {
			return network{addr, addr}, nil
		}
		return exactly{n.kind, n.text}, nil
	case number:
		return newAmount(n), nil
	case object:
		return c.expression(n)
	}
	return nil, c.fail(n.opened(), "Match value must be String, number, true, false, or null")
}

func newAmount(n *node) amount {
	q, ok := parseQuantity(n.text)
	return amount{n.text, q, ok}
}

const oneKey = "Only one key allowed in match expression"

// expression compiles {"operator": operand}.
//
// The operators are those that SNS documents. Event Ruler has more, and more to
// nest in them: "exactly", "wildcard", "prefix" and "suffix" without case,
// "anything-but" with a suffix, without case, with wildcards. SNS was seen to
// refuse an "anything-but" with a suffix, in 2024, and documents none of them.
func (c *compiler) expression(n *node) (pattern, error) {
	if len(n.items) == 0 {
		return nil, c.fail(n.closed(), "Match expression name not found")
	}
	operand, tooMany := n.items[0], oneKey
	var p pattern
	var err error
	switch operator := n.keys[0]; operator {
	case "prefix":
		p, err = prefix(operand.text), c.text(operand, operator)
	case "suffix":
		p, err = suffix(operand.text), c.text(operand, operator)
	case "equals-ignore-case":
		p, err = folded(operand.text), c.text(operand, operator)
	case "cidr":
		p, err = c.network(operand)
	case "exists":
		p, err = c.existence(operand)
	case "numeric":
		p, err = c.numeric(operand)
		tooMany = tooManyElements
	case "anything-but":
		p, err = c.anythingBut(operand)
		if operand.kind != object {
			tooMany = tooManyElements
		}
	default:
		err = c.fail(operand.opened(), "Unrecognized match type %s", operator)
	}
	if err != nil {
		return nil, err
	}
	if len(n.items) > 1 {
		return nil, c.fail(n.after(1), "%s", tooMany)
	}
	return p, nil
}

// text refuses an operand that is not a string.
func (c *compiler) text(operand *node, operator string) error {
	if operand.kind != str {
		return c.fail(operand.opened(), "%s match pattern must be a string", operator)
	}
	return nil
}

func (c *compiler) network(operand *node) (pattern, error) {
	if err := c.text(operand, "prefix"); err != nil {
		return nil, err // Event Ruler does say prefix.
	}
	return parseNetwork(operand.text)
}

func (c *compiler) existence(operand *node) (pattern, error) {
	if operand.kind != literal || operand.text == "null" {
		return nil, c.fail(operand.opened(), "exists match pattern must be either true or false.")
	}
	return existence(operand.text == "true"), nil
}

func (c *compiler) anythingBut(operand *node) (pattern, error) {
	switch operand.kind {
	case str:
		return noneOf{texts: map[string]bool{operand.text: true}}, nil
	case number:
		n := newAmount(operand)
		if !n.ok {
			return nil, refuse(outOfRange)
		}
		return noneOf{quantities: map[quantity]bool{n.value: true}}, nil
	case array:
		return c.anythingButList(operand)
	case object:
		return c.anythingButPrefix(operand)
	}
	return nil, c.fail(operand.opened(), "Value of anything-but must be an array or single string/number value.")
}

// anythingButList compiles {"anything-but": ["a", "b"]}. Event Ruler catches the
// error of an element and raises it anew, which adds the column once more. None of
// these was seen on AWS.
func (c *compiler) anythingButList(list *node) (pattern, error) {
	p := noneOf{map[string]bool{}, map[quantity]bool{}}
	for _, item := range list.items {
		switch item.kind {
		case str:
			p.texts[item.text] = true
		case number:
			n := newAmount(item)
			if !n.ok {
				return nil, c.fail(item.closed(), outOfRange)
			}
			p.quantities[n.value] = true
		default:
			return nil, c.fail(item.opened(), "Inside anything but list, start|null|boolean is not supported.%s", c.at(item.opened()))
		}
	}
	if (len(p.texts) > 0) == (len(p.quantities) > 0) {
		return nil, c.fail(list.closed(), "Inside anything but list, either all values are number or string, mixed type is not supported")
	}
	return p, nil
}

// anythingButPrefix compiles {"anything-but": {"prefix": "a"}}.
func (c *compiler) anythingButPrefix(n *node) (pattern, error) {
	if len(n.items) == 0 {
		return nil, c.fail(n.closed(), "Anything-But expression name not found")
	}
	operand := n.items[0]
	if operator := n.keys[0]; operator != "prefix" {
		return nil, c.fail(operand.opened(), "Unsupported anything-but pattern: %s", operator)
	}
	if err := c.text(operand, "prefix"); err != nil {
		return nil, err
	}
	if operand.text == "" {
		return nil, c.fail(operand.closed(), "Null prefix not allowed")
	}
	if len(n.items) > 1 {
		return nil, c.fail(n.after(1), "%s", oneKey)
	}
	return notPrefix(operand.text), nil
}

const tooManyElements = "Too many elements in numeric expression"

// numeric compiles the list of {"numeric": [...]}: an operator and a number, or a
// range in the order from below.
func (c *compiler) numeric(list *node) (pattern, error) {
	if list.kind != array {
		return nil, c.fail(list.opened(), "Value of numeric must be an array.")
	}
	items := list.items
	if len(items) == 0 {
		return nil, c.fail(list.closed(), "Invalid member in numeric match: ]")
	}
	if items[0].kind != str {
		return nil, c.fail(items[0].opened(), "Invalid member in numeric match: %s", items[0].token())
	}
	p := between{bottom: -maxQuantity, top: maxQuantity}
	operator, name := items[0].text, items[0].text
	switch operator {
	case "<", "<=", ">", ">=":
	case "=":
		name = "equals"
	default:
		return nil, c.fail(list.after(1), "Unrecognized numeric range operator: %s", operator)
	}
	if len(items) == 1 || items[1].kind != number {
		return nil, c.fail(list.after(1), "Value of %s must be numeric", name)
	}
	first := newAmount(items[1])
	switch operator {
	case "=":
		p.bottom, p.top = first.value, first.value
	case "<", "<=":
		p.top, p.openTop = first.value, operator == "<"
	default:
		p.bottom, p.openBottom = first.value, operator == ">"
	}
	if len(items) > 2 {
		if operator != ">" && operator != ">=" {
			return nil, c.fail(list.after(2), tooManyElements)
		}
		last, err := c.top(list)
		if err != nil {
			return nil, err
		}
		if last.float() <= first.float() {
			return nil, c.fail(list.closed(), "Bottom must be less than top")
		}
		first.ok = first.ok && last.ok
		p.top, p.openTop = last.value, items[2].text == "<"
	}
	if !first.ok {
		return nil, c.fail(list.closed(), outOfRange)
	}
	return p, nil
}

// top reads the upper end of a range.
func (c *compiler) top(list *node) (amount, error) {
	items := list.items
	if items[2].kind != str {
		return amount{}, c.fail(items[2].opened(), "Bad value in numeric range: %s", items[2].token())
	}
	switch operator := items[2].text; {
	case operator != "<" && operator != "<=":
		return amount{}, c.fail(items[2].closed(), "Bad numeric range operator: %s", operator)
	case len(items) == 3 || items[3].kind != number:
		return amount{}, c.fail(list.after(3), "Value of %s must be numeric", operator)
	case len(items) > 4:
		return amount{}, c.fail(list.after(4), "Too many terms in numeric range expression")
	}
	return newAmount(items[3]), nil
}
