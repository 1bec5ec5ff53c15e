# Everything a newcomer needs, from a machine with Rust, git and make only. Each target says what it does and may be
# repeated: what is there already is not done again.
CARGO ?= cargo

.PHONY: help setup build demo demo-real test lint bench
.DEFAULT_GOAL := help

help: ## tell the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing (Debian, Ubuntu) or tell it (elsewhere)
	@scripts/setup.sh

build: setup ## build the program: target/release/pantau
	$(CARGO) build --release --locked -p pantau

demo: build ## film a made office, analyse it, compare with the truth, write demo/report.html
	target/release/pantau demo --dir demo

demo-real: build ## analyse a public recording of real people, write a report
	scripts/demo_real.sh

test: ## all tests, and the lake read by the analysts' tools
	@scripts/setup.sh --tests
	$(CARGO) test --release --locked --workspace
	scripts/test_analysts.sh

lint: setup ## format, clippy, licences of the dependencies, what ops copy from deploy/
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings
	scripts/check_licenses.sh
	scripts/check_deploy.sh

bench: build ## kernels, and the whole against plain decoding (CLIPS="a.mp4 b.mp4": on those)
	$(CARGO) bench --locked -p pantau-benches
	benches/end_to_end.sh $(CLIPS)
