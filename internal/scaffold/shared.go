package scaffold

import "github.com/less-go/less/internal/scan"

const sharedCode = `// Package {{.Package}} is shared by handlers, which import it as {{.Import}}.
package {{.Package}}
`

// SharedModule writes a package below less/shared, for what handlers share.
func (p *Project) SharedModule(name string) ([]File, error) {
	if err := checkNames("module name", name); err != nil {
		return nil, err
	}
	dir := "less/shared/" + name
	c := p.change()
	c.add(dir+"/"+scan.PackageName(name)+".go", sharedCode, map[string]string{
		"Package": p.clause(dir), "Import": p.module + "/" + dir,
	})
	return c.write()
}
