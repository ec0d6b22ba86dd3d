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
// The operators are those that SNS documents. Event Ruler has "exactly" too, and
// more to nest: "prefix" and "suffix" without case, "anything-but" without case, and
// lists in it. Whether SNS has them was not seen; a policy that works here must not
// be refused there.
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
	case "wildcard":
		p, err = c.wildcard(operand)
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

func (c *compiler) wildcard(operand *node) (pattern, error) {
	if err := c.text(operand, "wildcard"); err != nil {
		return nil, err
	}
	p, problem := parseWildcard(operand.text)
	if problem != "" {
		return nil, c.fail(operand.closed(), "%s", problem)
	}
	return p, nil
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
		return c.anythingButPart(operand)
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

// anythingButPart compiles {"anything-but": {"prefix": "a"}}, and the same with a
// suffix or a wildcard. In May 2024 SNS still refused a suffix.
func (c *compiler) anythingButPart(n *node) (pattern, error) {
	if len(n.items) == 0 {
		return nil, c.fail(n.closed(), "Anything-But expression name not found")
	}
	operand := n.items[0]
	var p pattern
	var err error
	switch operator := n.keys[0]; operator {
	case "prefix":
		p, err = prefix(operand.text), c.text(operand, operator)
	case "suffix":
		p, err = suffix(operand.text), c.text(operand, operator)
	case "wildcard":
		p, err = c.wildcard(operand)
	default:
		err = c.fail(operand.opened(), "Unsupported anything-but pattern: %s", operator)
	}
	switch {
	case err != nil:
		return nil, err
	case operand.text == "" && n.keys[0] != "wildcard":
		return nil, c.fail(operand.closed(), "Null prefix/suffix not allowed")
	case len(n.items) > 1:
		return nil, c.fail(n.after(1), "%s", oneKey)
	}
	return not{p}, nil
}
