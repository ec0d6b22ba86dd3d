// Command infra is the CDK app that cdk.json runs. What the food delivery needs
// beside its tree would be added here.
package main

import "github.com/less-go/less/lesscdk"

func main() { lesscdk.Main(nil) }
