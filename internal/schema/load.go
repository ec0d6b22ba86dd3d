package schema

import "golang.org/x/tools/go/packages"

// LoadMode is what a [Builder] needs of an application's packages: their syntax and
// types, and of what they import the types alone, from export data.
const LoadMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo
