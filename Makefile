# Everything a newcomer types. `make` alone lists the targets; nothing here asks a question.

SWIFT ?= swift
SCRATCH ?= .build
PREFIX ?= /usr/local
SOURCES = Sources Tests Fuzz Package.swift

.DEFAULT_GOAL := help
.PHONY: help deps build demo tour test test-peers test-package bench bench-check bench-peers fuzz install deb lint format clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install the Debian packages that are missing
	@scripts/install-deps

build: deps ## build the release binary
	$(SWIFT) build --scratch-path $(SCRATCH) -c release --product agentd --static-swift-stdlib

demo: build ## build, then watch a daemon of its own at work
	@$(SCRATCH)/release/agentd demo

tour: build ## run every command as people and programs do, check it, and write docs/tour.md
	@scripts/tour $(SCRATCH)/release/agentd

test: deps ## build and run every test that needs nothing else
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	# The disk that fails keeps all that was written in memory: it has a process of its own, so that nobody's memory is
	# measured beside it. So have those who kill, flood and starve daemons: a thousand other tests beside them would be the
	# machine's trouble and not the daemon's.
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --filter ^DiskTests
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --filter ^FaultTests
	$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --skip ^DiskTests --skip ^FaultTests

test-peers: deps ## play against a mock of the vendors' APIs, and hold every frame against the schema; both from PyPI
	SCRATCH=$(SCRATCH) SWIFT=$(SWIFT) scripts/test-peers

test-package: build ## hold package, units and their filter against Debian and systemd: root, and a mirror the first time
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	SCRATCH=$(SCRATCH) SWIFT=$(SWIFT) scripts/test-package

bench: build ## measure the release binary beside a yardstick in C; QUICK=1 for a look
	Benchmarks/bench.py --agentd $(SCRATCH)/release/agentd --scratch $(SCRATCH)/bench $(if $(QUICK),--quick)

bench-check: ## compare what `make bench` measured last with the committed bounds
	Benchmarks/goals.py $(SCRATCH)/bench/results.json $(SCRATCH)/bench/peers.json

bench-peers: build ## measure it beside agent frameworks, which it installs from PyPI; QUICK=1 for a look
	SCRATCH=$(SCRATCH) scripts/bench-peers $(if $(QUICK),--quick)

fuzz: deps ## attack everything that reads what strangers wrote, SECONDS (60) each
	Fuzz/fuzz.py --swift $(SWIFT) --scratch $(SCRATCH)-fuzz --seconds $(or $(SECONDS),60)

install: ## install what was built: PREFIX=/usr/local, DESTDIR= for packagers
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) BINARY=$(SCRATCH)/release/agentd scripts/install

deb: build ## build a Debian package into .build
	BINARY=$(SCRATCH)/release/agentd OUTPUT=$(SCRATCH) scripts/build-deb

lint: ## check formats, generated files, and that promises and threats name their tests
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	python3 scripts/generate-protocol.py --check
	python3 scripts/check-vectors.py
	python3 scripts/check-threat-model.py

format: ## bring the sources into the one format
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

clean: ## remove what was built
	rm -rf $(SCRATCH)
