package filter

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
