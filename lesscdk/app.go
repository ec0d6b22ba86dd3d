package lesscdk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/less-go/less/internal/cdk"
	"github.com/less-go/less/internal/near"
)

// An App is the constructs of the tree, for what a project adds to them.
type App struct {
	tree *cdk.Tree
}

// Stack is the root stack, where a project's own constructs go.
func (a *App) Stack() awscdk.Stack { return a.tree.Root }

// Function returns the function of a folder: "topics/order_placed/charge_card", or
// "apis/orders/orders/post". It panics where there is no such folder, as the
// CDK does.
func (a *App) Function(id string) awslambda.Function {
	return find(a.tree.Functions, "function", id)
}

// Scope returns the construct that the resources of a folder hang from: of a
// function, a topic ("topics/order_placed") or an API ("apis/orders"). It panics
// where there is no such folder, as the CDK does.
func (a *App) Scope(id string) constructs.Construct {
	return find(a.tree.Scopes, "folder", id)
}

func find[T any](all map[string]T, what, id string) T {
	clean := strings.Trim(strings.TrimPrefix(id, "less/"), "/")
	if one, found := all[clean]; found {
		return one
	}
	panic(fmt.Sprintf("infra: there is no %s less/%s. %s'less-cli graph' shows them all", what, clean, near.Hint(clean, slices.Sorted(maps.Keys(all)))))
}
