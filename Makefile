# Everything sets itself up: on a bare Debian 12 with Swift, `make demo` and `make test` need no other step.
SHELL := /bin/sh
SWIFT ?= swift

# Headers and tools that the build needs, and what a build finds in its sandbox in the samples.
BUILD_PACKAGES := libyaml-dev libarchive-dev libdeflate-dev zlib1g-dev pkg-config
RUN_PACKAGES := bubblewrap git python3
# The peers that tests run for real.
TEST_PACKAGES := python3-venv unzip zip libarchive-tools p7zip-full xz-utils bzip2 zstd bash dash shellcheck procps podman runc

.PHONY: help setup setup-build setup-test release demo test bench fuzz format lint clean

help:
	@echo 'make demo    build the release executable and run the three samples'
	@echo 'make test    set up the peers and run all tests'
	@echo 'make bench   compare speeds with the peers, as ratios'
	@echo 'make fuzz    have libFuzzer look for texts that the validator cannot take (SECONDS=60)'
	@echo 'make lint    what CI wants of the form of the code'
	@echo 'make format  bring the code into that form'
	@echo 'make release the executable alone: .build/release/buildspec'

setup: setup-build setup-test

setup-build:
	@.ci/packages $(BUILD_PACKAGES) $(RUN_PACKAGES)

setup-test: setup-build
	@.ci/packages $(TEST_PACKAGES)
	@.ci/venv .cache/venv Tests/requirements.txt
	@.ci/venv .cache/venv-encryption-cli Tests/requirements-cli.txt

release: setup-build
	SWIFT='$(SWIFT)' .ci/release buildspec

demo: release
	samples/demo.sh

test: setup-test
	$(SWIFT) build --build-tests
	SWIFT='$(SWIFT)' .ci/test

# ROWS="phases copying" runs only these.
bench: release setup-test
	SWIFT='$(SWIFT)' .ci/release UploadBenchmark
	.cache/venv/bin/python -u Tests/bench.py .build/release/buildspec $(ROWS)

# libFuzzer with the address sanitizer; the directory of what it found interesting is kept for the next run.
SECONDS ?= 60
FUZZER := .build/fuzzing/release/BuildspecFuzzer
fuzz: setup-build
	$(SWIFT) build --package-path Tests/Fuzzing --scratch-path .build/fuzzing -c release -Xswiftc -sanitize=fuzzer
	@mkdir -p .build/fuzzing/corpus && cp Tests/BuildspecTests/Cases/*/*.yml .build/fuzzing/corpus/ 2>/dev/null || true
	$(FUZZER) -max_total_time=$(SECONDS) -timeout=2 -rss_limit_mb=2000 -max_len=8192 \
	  -artifact_prefix=.build/fuzzing/ .build/fuzzing/corpus

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests
	@! grep -rnE 'try!|fatalError\(|as! |nonisolated\(unsafe\)' Sources || { echo 'not in Sources, please'; exit 1; }

clean:
	rm -rf .build .cache
