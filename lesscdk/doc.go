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
// The settings are context, in cdk.json or by `cdk deploy -c stage=prod`:
//
//	stage         dev, prod: the environment, which all names have in them; dev.
//	              prod and production keep dead letters and logs when stacks
//	              go, and protect stacks from being deleted
//	name          what names begin with; the last element of the module path
//	api           http, or rest
//	stacks        nested: a stack with one in it for each API and topic; single; or
//	              split: a stack for each, to be deployed with --all. Named
//	              resources cannot move between stacks: choose before the first deployment
//	shards        {"topics/order_placed": 8}: how many stacks hold its functions;
//	              one, and eight times as many where that is too many
//	alarms        basic, or full
//	opsTopic      the ARN of the topic that alarms tell, or create
//	cors          ["https://example.com"]: what pages may call the APIs; none
//	tracing       true turns X-Ray on
//	logRetention  days; 30
//	throttleRate  requests in a second to an API; 1000
//	throttleBurst 500
package lesscdk
