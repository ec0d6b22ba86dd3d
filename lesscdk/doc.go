// Package lesscdk is the CDK app of a project: what `cdk deploy` runs. A project's
// own infra/main.go is a few lines, because a main package cannot be imported and
// cdk.json runs that one:
//
//	func main() { lesscdk.Main(nil) }
//
// What the project needs beside the tree is added to the same stack, and granted
// to functions by their folders:
//
//	func main() {
//		lesscdk.Main(func(app *lesscdk.App) {
//			table := awsdynamodb.NewTable(app.Stack(), jsii.String("Orders"), ...)
//			table.GrantReadWriteData(app.Function("topics/order_placed/charge_card"))
//		})
//	}
//
// The settings are those of less.config, and of the context, which wins: in cdk.json or
// by `cdk deploy -c stage=prod`, with names such as logRetention for log_retention. The
// stage is in the context only. docs/deploy.md lists them.
package lesscdk
