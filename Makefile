# Marmot's build. Needs Go, gcc and make; `make test` installs the rest itself.
#
# SQLite is compiled into the binaries through cgo. The tags and flags below are part of
# the program: a binary built without them says so at start and stops.

TAGS        := sqlite_preupdate_hook sqlite_fts5 sqlite_math_functions
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
export CGO_CFLAGS := -O2 -g -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_MAX_ATTACHED=30 -DSQLITE_MAX_VARIABLE_NUMBER=65535
export CGO_ENABLED := 1
export GOFLAGS := -buildvcs=false
GO          := go
LDFLAGS     := -X marmot/node.Version=$(VERSION) -X main.version=$(VERSION)
PACKAGES    := ./...
# Built at its first use, which takes two minutes; go keeps it.
LINTER      := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: apps build run cluster unit simulate mutations race asan test long soak bench fuzz lint generate clean help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

build: ## bin/marmot and bin/marmot-connect
	@mkdir -p bin
	$(GO) build -tags "$(TAGS)" -ldflags "$(LDFLAGS)" -o bin/ ./cmd/...

run: build ## one node, marmot-connect and a small shop, shown in three ways
	scripts/demo.sh single

cluster: build ## the same with three nodes on a real Kafka of three brokers
	scripts/demo.sh cluster

unit: ## tests that need neither network nor services
	$(GO) test -tags "$(TAGS)" -timeout 10m $(PACKAGES)

SEED         ?= 1
TEST         ?= UnderFaults
TRANSACTIONS ?= 40
REPEAT       ?= 20
simulate: ## one seed of the simulation, several times, since goroutines take turns by chance: make simulate SEED=17
	$(GO) test -tags "$(TAGS)" -count=1 -failfast -timeout 60m -run '$(TEST)' ./internal/simulation -args -seed $(SEED) -transactions $(TRANSACTIONS) -repeat $(REPEAT)

race: ## the unit tests under the race detector
	$(GO) test -tags "$(TAGS)" -race -timeout 20m $(PACKAGES)

# Without SQLite's own pools of small blocks and pages, so that the sanitizer sees each of them.
asan: export CGO_CFLAGS := -O1 -g -fno-omit-frame-pointer -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_MAX_ATTACHED=30 -DSQLITE_MAX_VARIABLE_NUMBER=65535 -DSQLITE_DEFAULT_LOOKASIDE=0,0 -DSQLITE_DEFAULT_PCACHE_INITSZ=0
asan: ## the branch and the store under C's address sanitizer, leaks too
	$(GO) test -asan -tags "$(TAGS)" -timeout 10m ./store/...

test: ## install what the tests need, then run every one of them
	scripts/test.sh

long: build ## what is too long for CI: fresh simulation seeds, long races, long fault tests, long without a Kafka
	scripts/long.sh

mutations: ## each rule of the commit path broken once; tells which test notices (NAME=regexp: some of them)
	$(GO) run ./internal/mutation -tags "$(TAGS)" -name "$(NAME)"

soak: build ## an hour (LENGTH=1h) of load with a fault every 20 s; writes docs/soak.md
	scripts/kafka.sh install
	MARMOT_TEST_E2E=1 MARMOT_TEST_SOAK=$(or $(LENGTH),1h) MARMOT_TEST_SOAK_REPORT=$(CURDIR)/docs \
		$(GO) test -tags "$(TAGS)" -count=1 -timeout 24h -run TestSoak -v ./e2e

apps: build ## real programs written for MySQL, driven against Marmot (NAME=wordpress: one; apps/README.md)
	apps/run.sh $(NAME)

bench: build ## sysbench against one node, three, MariaDB and Galera
	scripts/bench.sh

fuzz: ## every fuzz target for 30 s
	scripts/fuzz.sh 30s

lint: ## gofmt, and golangci-lint with the rules of .golangci.yml (vet and staticcheck among them)
	@test -z "$$(gofmt -l . | tee -a /dev/stderr)" || { echo "run gofmt -w on these files"; exit 1; }
	$(GO) run $(LINTER) run --build-tags "$(TAGS)" $(PACKAGES)

generate: ## protobuf code (needs protoc and protoc-gen-go), docs/functions.md, docs/compatibility.md, schemas/avro
	$(GO) generate ./txn/...
	$(GO) test -tags "$(TAGS)" -count=1 -run TestFunctionsDocument ./dialect -args -rewrite
	$(GO) test -tags "$(TAGS)" -count=1 -run TestCompatibilityDocument ./conformance -args -rewrite
	$(GO) test -tags "$(TAGS)" -count=1 -run TestPublishedSchemas ./debezium -args -rewrite

clean: ## build products; never data
	rm -rf bin
