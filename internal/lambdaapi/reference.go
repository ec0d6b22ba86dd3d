package lambdaapi

import (
	"context"
	"regexp"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// A Reference is the part of an input that says which function is meant.
type Reference struct {
	// FunctionName is the function's name, a part of its ARN that begins with the
	// account, or all of that, each with a qualifier or without; or the function's
	// identity, whose slashes no name can have.
	FunctionName string `json:"-" rest:"path=FunctionName"`
	Qualifier    string `json:"-" rest:"query=Qualifier"`
}

// Resource returns the function's ARN.
func (r Reference) Resource(region string) string {
	name, _ := splitName(r.FunctionName)
	return arn(region, name)
}

func arn(region, name string) string { return awsapi.LocalARN("lambda", region, "function:"+name) }

// latest is the one version of each function.
const latest = "$LATEST"

// The patterns that AWS's errors show.
const (
	namePattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?` +
		`(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`
	qualifierPattern = `\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`
)

var (
	validName      = regexp.MustCompile(`^` + namePattern + `$`)
	validID        = regexp.MustCompile(`^[^:]+/[^:]+(:[^:]+)?$`)
	validQualifier = regexp.MustCompile(`^(` + qualifierPattern + `)$`)
)

const (
	maxName      = 256
	maxQualifier = 128
)

// splitName takes a valid reference apart. Region and account may be any: there
// is one of each here.
func splitName(s string) (name, qualifier string) {
	if validID.MatchString(s) {
		name, qualifier, _ = strings.Cut(s, ":")
		return name, qualifier
	}
	parts := validName.FindStringSubmatch(s)
	if parts == nil {
		return s, ""
	}
	return parts[nameGroup], parts[qualifierGroup]
}

// The groups of namePattern.
const (
	nameGroup      = 10
	qualifierGroup = 12
)

// find returns the function that r means, and the qualifier it was asked for by.
func (s *Service) find(ctx context.Context, r Reference) (f *Function, qualifier string, err error) {
	if !validName.MatchString(r.FunctionName) && !validID.MatchString(r.FunctionName) {
		return nil, "", invalidMember(r.FunctionName, "functionName", "Member must satisfy regular expression pattern: "+namePattern)
	}
	if len(r.FunctionName) > maxName {
		return nil, "", invalidMember(r.FunctionName, "functionName", "Member must have length less than or equal to 256")
	}
	if q := r.Qualifier; q != "" && (len(q) > maxQualifier || !validQualifier.MatchString(q)) {
		return nil, "", invalidMember(q, "qualifier", "Member must satisfy regular expression pattern: "+qualifierPattern)
	}
	name, qualifier := splitName(r.FunctionName)
	switch {
	case qualifier == "":
		qualifier = r.Qualifier
	case r.Qualifier != "" && r.Qualifier != qualifier:
		return nil, "", invalidValue("The derived qualifier from the function name does not match the specified qualifier.")
	}
	all := s.functions.Load()
	f = all.byName[name]
	if strings.Contains(name, "/") {
		f = all.byID[name]
	}
	if f != nil && (qualifier == "" || qualifier == latest) {
		return f, qualifier, nil
	}
	if f != nil {
		name = f.Name
	}
	full := arn(awsapi.RequestFrom(ctx).Region, name)
	if qualifier != "" {
		full += ":" + qualifier
	}
	return nil, "", notFound(full)
}
