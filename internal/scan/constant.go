package scan

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"time"
)

// units are the constants of package time.
var units = map[string]time.Duration{
	"Nanosecond":  time.Nanosecond,
	"Microsecond": time.Microsecond,
	"Millisecond": time.Millisecond,
	"Second":      time.Second,
	"Minute":      time.Minute,
	"Hour":        time.Hour,
}

// maxDepth bounds how far one constant may refer to others: declarations that
// refer to each other do not compile, but are scanned all the same.
const maxDepth = 20

// constant works out a constant expression: numbers, the units of package time,
// constants that src declares, arithmetic and conversions. The error says what
// the expression is instead, to follow the name of what needs its value.
func (s *scanner) constant(src *source, file *ast.File, expr ast.Expr, depth int) (constant.Value, error) {
	refused := fmt.Errorf("is %s", types.ExprString(expr))
	if depth > maxDepth {
		return nil, errors.New("refers to too many other constants")
	}
	switch e := expr.(type) {
	case *ast.ParenExpr:
		return s.constant(src, file, e.X, depth)
	case *ast.BasicLit:
		if e.Kind == token.INT || e.Kind == token.FLOAT {
			if value := constant.MakeFromLiteral(e.Value, e.Kind, 0); value.Kind() != constant.Unknown {
				return value, nil
			}
		}
	case *ast.UnaryExpr:
		if e.Op == token.ADD || e.Op == token.SUB {
			value, err := s.constant(src, file, e.X, depth+1)
			if err != nil {
				return nil, err
			}
			return constant.UnaryOp(e.Op, value, 0), nil
		}
	case *ast.BinaryExpr:
		return s.binary(src, file, e, depth, refused)
	case *ast.CallExpr:
		if len(e.Args) == 1 && s.isNumber(src, file, e.Fun) {
			return s.constant(src, file, e.Args[0], depth+1)
		}
	case *ast.SelectorExpr:
		name := s.selector(file, e)
		if unit, found := units[name.name]; found && name.path == "time" {
			return constant.MakeInt64(int64(unit)), nil
		}
	case *ast.Ident:
		d, declared := src.decls[e.Name]
		switch {
		case !declared && imports(file, "time", "."):
			if unit, found := units[e.Name]; found {
				return constant.MakeInt64(int64(unit)), nil
			}
		case declared && d.tok == token.CONST && len(d.value.Values) == len(d.value.Names):
			return s.constant(src, d.file, d.value.Values[d.index], depth+1)
		}
	}
	return nil, refused
}

func (s *scanner) binary(src *source, file *ast.File, e *ast.BinaryExpr, depth int, refused error) (constant.Value, error) {
	x, err := s.constant(src, file, e.X, depth+1)
	if err != nil {
		return nil, err
	}
	y, err := s.constant(src, file, e.Y, depth+1)
	if err != nil {
		return nil, err
	}
	integers := x.Kind() == constant.Int && y.Kind() == constant.Int
	switch e.Op {
	case token.ADD, token.SUB, token.MUL:
		return constant.BinaryOp(x, e.Op, y), nil
	case token.QUO:
		if constant.Sign(y) == 0 {
			return nil, refused
		}
		if integers {
			return constant.BinaryOp(x, token.QUO_ASSIGN, y), nil // integer division, as Go's
		}
		return constant.BinaryOp(x, token.QUO, y), nil
	}
	return nil, refused
}

// isNumber says whether expr is a type that a conversion leaves a constant's value in.
func (s *scanner) isNumber(src *source, file *ast.File, expr ast.Expr) bool {
	if ident, ok := ast.Unparen(expr).(*ast.Ident); ok {
		if _, shadowed := src.decls[ident.Name]; !shadowed && (ident.Name == "int" || ident.Name == "int64") {
			return true
		}
	}
	return s.is(src, file, expr, durationType)
}
