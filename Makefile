# Every command a person or CI runs. `make` prints them.
MODULES  := cmd e2e examples/subscriber frontend libs services/archiver services/auth services/gateway \
            services/prober services/reporter services/runner tools
UNIT     := $(patsubst %,./%/...,$(filter-out e2e,$(MODULES)))
GO       := go
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X plimsoll.internal/libs/service.Version=$(VERSION)
GO_FILES := $(shell find cmd libs services frontend/*.go -name '*.go' -not -name '*_test.go' 2>/dev/null) go.work
UI_FILES := $(shell find frontend/src frontend/index.html frontend/vite.config.ts -type f 2>/dev/null)
TOOL     := $(GO) tool
EVALSCOPE_DIR := $(CURDIR)/.evalscope

.DEFAULT_GOAL := help
.PHONY: help require build demo up test verify fmt lint bench e2e generate clean evalscope test-tools

help: ## print this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

require:
	@sh tools/require.sh

build: require bin/plimsoll bin/llmsim ## build the binaries with the UI inside into bin/

frontend/node_modules/.package-lock.json: frontend/package-lock.json | require
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

frontend/dist/index.html: $(UI_FILES) frontend/node_modules/.package-lock.json | require
	cd frontend && npm run build
	@touch $@

bin/plimsoll: $(GO_FILES) frontend/dist/index.html | require
	cd cmd && $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o ../bin/plimsoll ./plimsoll

bin/llmsim: $(GO_FILES) | require
	cd cmd && $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o ../bin/llmsim ./llmsim

evalscope: bin/plimsoll ## install the pinned evalscope into .evalscope/
	@bin/plimsoll evalscope install --dir $(EVALSCOPE_DIR)

demo: build evalscope ## run one test through the whole platform and show what happened
	cd cmd && $(GO) run ./plimsoll/demo --evalscope-dir $(EVALSCOPE_DIR) --out ../out

up: build evalscope ## run the platform on http://127.0.0.1:8080
	bin/plimsoll up --evalscope-dir $(EVALSCOPE_DIR)

test-tools: require
	@sh tools/test-tools.sh

test: test-tools build evalscope ## install what the tests need and run every test
	$(GO) test -race -p 2 -timeout 15m $(UNIT)
	cd frontend && npm test
	cd e2e && $(GO) test -race -count=1 -timeout 15m ./...

e2e: test-tools build evalscope ## run only the whole-system tests
	cd e2e && $(GO) test -race -count=1 -timeout 15m -v ./...

verify: require frontend/dist/index.html ## check everything but the tests: format, lint, imports, generated files, builds
	@sh tools/verify.sh

lint: verify ## the same as verify

fmt: require frontend/node_modules/.package-lock.json ## format Go and TypeScript
	$(TOOL) gofumpt -w $(MODULES)
	cd frontend && npm run format

generate: require frontend/node_modules/.package-lock.json ## make generated code and documents again
	@sh tools/generate.sh

bench: build evalscope ## measure and write docs/benchmarks.md
	cd e2e && $(GO) run ./bench --root ..

clean: ## remove everything that was built or installed here
	rm -rf bin out .evalscope frontend/node_modules frontend/dist/assets frontend/dist/index.html
