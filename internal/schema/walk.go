package schema

// Definitions returns the definitions that schemas need, directly or through
// others, in the order of their names.
func Definitions(schemas ...*Schema) []*Definition {
	seen := map[*Definition]bool{}
	byName := map[string]*Definition{} // two directions of one type can share a name
	var walk func(*Schema)
	walk = func(s *Schema) {
		if s == nil {
			return
		}
		if d := s.Ref; d != nil && !seen[d] {
			seen[d] = true
			if byName[d.Name] == nil {
				byName[d.Name] = d
			}
			walk(d.Schema)
		}
		walk(s.Items)
		walk(s.Values)
		for _, p := range s.Properties {
			walk(p.Schema)
		}
	}
	for _, s := range schemas {
		walk(s)
	}
	var out []*Definition
	for _, d := range byName {
		out = append(out, d)
	}
	sortDefinitions(out)
	return out
}
