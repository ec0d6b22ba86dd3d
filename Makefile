# make lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# The race detector needs a C compiler. Without one the tests run all the same.
RACE := $(if $(shell command -v "$$(go env CC)" 2>/dev/null),-race)

# The packages of the CDK app. They take most of a minute to compile, twice that for
# the race detector, and have no goroutines of interest.
CDK_PACKAGES := ./internal/cdk ./lesscdk ./infra ./internal/awstest

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run the food delivery on this machine: POST localhost:3333/orders
	@go build -o bin/less-cli ./cmd/less-cli
	@exec bin/less-cli run --visibility 5s

.PHONY: test
test: ## Run all tests
	@$(if $(RACE),,echo "no C compiler found: the tests run without the race detector")
	@$(foreach tool,moto_server aws,$(if $(shell command -v $(tool) 2>/dev/null),,echo "$(tool) is not installed: the tests that compare with it are skipped"; ))true
	@python3 -c "import boto3" 2>/dev/null || echo "boto3 is not installed: the tests that compare with it are skipped"
	CGO_ENABLED=$(if $(RACE),1,0) go test $(RACE) -shuffle=on -timeout 30m $$(go list ./... | grep -vxF "$$(go list $(CDK_PACKAGES))")
	@$(if $(shell command -v npm 2>/dev/null),$(MAKE) --no-print-directory node_modules/.package-lock.json || echo "npm ci has failed: the test that deploys is skipped")
	@$(if $(shell command -v node 2>/dev/null),go test -shuffle=on -timeout 30m $(CDK_PACKAGES),echo "node is not installed: the tests of the CDK app are skipped")

.PHONY: test-aws
test-aws: node_modules/.package-lock.json ## Deploy the app, use it and delete it: LESS_TEST_TARGET=embedded, endpoint or aws
	go test -count=1 -timeout 30m -v ./internal/awstest

.PHONY: crash
crash: ## Kill the engine 3,000 times, and plant mistakes that must be found: half an hour
	go test -timeout 0 -v -run NothingAcknowledgedIsLost ./internal/crash -kills 3000
	go test -timeout 0 -v -run PlantedMistakes ./internal/crash -mistakes

.PHONY: check
check: gen-check workflow-check vet lint test ## All that a change must pass

.PHONY: gen
gen: ## Write the code that follows from the less/ tree
	@go run ./cmd/less-cli gen

.PHONY: gen-check
gen-check: ## Fail where generated code is not current
	@go run ./cmd/less-cli gen --check

.PHONY: workflow-check
workflow-check: ## Fail where the workflow has mistakes
	@go run ./cmd/less-cli check

.PHONY: vet
vet: ## Run go vet
	go vet ./...

.PHONY: lint
lint: ## Run golangci-lint
	go run $(GOLANGCI_LINT) run

.PHONY: fmt
fmt: ## Format the code
	go run $(GOLANGCI_LINT) fmt

.PHONY: bench
bench: ## Run the benchmarks that BENCHMARKS.md records
	go test -run '^$$' -bench . -benchtime 1s ./internal/queue ./internal/lambda ./internal/bench/startup
	go test -run '^$$' -bench Read -benchtime 5x ./internal/analysis
	go test -run '^$$' -bench Package -benchtime 5x ./internal/build
	go test -run '^$$' -bench Fanout -benchtime 2000x ./internal/bench/fanout
	go test -run '^$$' -bench 'PostOrders' -benchtime 20000x ./internal/engine
	go test -run '^$$' -bench 'BenchmarkOrders' -benchtime 30000x ./internal/engine
	go test -run '^$$' -bench 'OneOrder' -benchtime 500x ./internal/engine

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
