package scaffold

// What a new project begins with. NAME and CHECKOUT stand for the project's name and
// for the framework's folder.

const gitignore = `/.less/
/bin/
/cdk.out/
/node_modules/
`

const readme = `# NAME

A folder tree is the architecture: less/apis/<api>/<path>/<verb>.go is a route, less/topics/<topic>/<subscriber>/ a
subscriber.

` + "```" + `
make run       # runs it on this machine, as AWS would
make test      # runs its tests
make graph     # draws the workflow that the code has
make deploy    # deploys it to the AWS account of your credentials; make diff shows before what that changes
make destroy   # deletes what deploy made
` + "```" + `

New parts are made with less-cli create; less-cli create --help shows how. To deploy takes Node 20 or newer, and an AWS account that
is bootstrapped once in each region: node_modules/.bin/cdk bootstrap. What the project needs beside its tree is added in infra/main.go.

CHECKOUT/docs/deploy.md tells the rest.
`

const makefile = `# make lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

LESS := go tool less-cli

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run the project on this machine
	@exec $(LESS) run

# Not those of infra, which have the CDK compiled the first time.
.PHONY: test
test: ## Run the tests
	@$(LESS) gen --check
	go vet ./less/... ./functions/...
	go test ./less/... ./functions/...

.PHONY: graph
graph: ## Draw the workflow that the code has
	@$(LESS) graph

.PHONY: check
check: test ## All that a change must pass
	@$(LESS) check
	go vet ./...
` + makefileCDK

// makefileCDK is the same as in the framework's own Makefile.
const makefileCDK = `
# The CDK's CLI is the one in package-lock.json. STAGE is the environment, and
# CDK_FLAGS are more flags: CDK_FLAGS='-c api=rest --hotswap'.
STAGE ?= dev
CDK := node_modules/.bin/cdk
CDK_ALL := --context stage=$(STAGE) --no-notices $(CDK_FLAGS)
export CDK_DISABLE_CLI_TELEMETRY := true
# That Node 20 has reached its end of life is no news at each call.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { echo "the CDK needs Node 20 or newer with npm: https://nodejs.org" >&2; exit 1; }
	npm ci --no-audit --no-fund
	@touch $@

.PHONY: synth
synth: node_modules/.package-lock.json ## Write the CloudFormation templates to cdk.out
	@$(CDK) synth --quiet --no-validation $(CDK_ALL)

.PHONY: diff
diff: node_modules/.package-lock.json ## Show what a deployment would change
	@$(CDK) diff --no-validation $(CDK_ALL)

.PHONY: deploy
deploy: node_modules/.package-lock.json ## Deploy to the AWS account of your credentials: STAGE=dev
	@$(CDK) deploy --all --outputs-file cdk.out/outputs.json $(CDK_ALL)

.PHONY: destroy
destroy: node_modules/.package-lock.json ## Delete what deploy made
	@$(CDK) destroy --all $(CDK_ALL)

.PHONY: clean
clean: ## Forget the local engine's state and builds
	rm -rf .less bin cdk.out
`

const ciRun = `#!/usr/bin/env bash
# What a change must pass.
set -euo pipefail
cd "$(dirname "$0")/.."
make check
`

const infra = `// Command infra is the CDK app that cdk.json runs. What the project needs beside its
// tree is added here.
package main

import "github.com/less-go/less/lesscdk"

func main() { lesscdk.Main(nil) }
`
