# Everything a newcomer types. `make` alone lists the targets; nothing here asks a question.

SWIFT ?= swift
SCRATCH ?= .build
SOURCES = Sources Tests Package.swift

.DEFAULT_GOAL := help
.PHONY: help deps build demo test test-peers bench bench-check bench-peers lint format clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install the Debian packages that are missing
	@scripts/install-deps

build: deps ## build the release binary
	$(SWIFT) build --scratch-path $(SCRATCH) -c release --product agentd --static-swift-stdlib

demo: build ## build, then watch a daemon of its own at work
	@$(SCRATCH)/release/agentd demo

test: deps ## build and run every test that needs nothing else
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	# The disk that fails keeps all that was written in memory: it has a process of its own, so that nobody's memory is
	# measured beside it.
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --filter DiskTests
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --skip DiskTests

test-peers: deps ## play against a mock of the vendors' APIs, which it installs from PyPI
	SCRATCH=$(SCRATCH) SWIFT=$(SWIFT) scripts/test-peers

bench: build ## measure the release binary beside a yardstick in C; QUICK=1 for a look
	Benchmarks/bench.py --agentd $(SCRATCH)/release/agentd --scratch $(SCRATCH)/bench $(if $(QUICK),--quick)

bench-check: ## compare what `make bench` measured last with the committed bounds
	Benchmarks/goals.py $(SCRATCH)/bench/results.json $(SCRATCH)/bench/peers.json

bench-peers: build ## measure it beside agent frameworks, which it installs from PyPI; QUICK=1 for a look
	SCRATCH=$(SCRATCH) scripts/bench-peers $(if $(QUICK),--quick)

lint: ## check the format of the sources and the generated protocol files
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	python3 scripts/generate-protocol.py --check

format: ## bring the sources into the one format
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

clean: ## remove what was built
	rm -rf $(SCRATCH)
