.PHONY: demo test bench site lint fmt fuzz protos landed

# Starts the service, submits the simulated study, shows rhythms and flags, and stays up. Ctrl-C ends it.
# The same build as `make test` begins with: one with optimisation takes about twice as long.
demo:
	cargo build --workspace --bins
	$${CARGO_TARGET_DIR:-target}/debug/diel demo

# Every suite on SQLite and PostgreSQL, and every example in the documentation.
test:
	cargo build --workspace --bins
	checks/suites

# Measures, on this machine, what docs/performance.md reports.
bench:
	cargo build --release --package diel-cli
	cargo bench --package diel-benches

# The documentation as pages for a browser, in target/site; wants mdbook, or builds it once, and buf or npm.
site:
	site/build

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
	checks/direction
	checks/protocol

# Ten minutes of each target that reads what others send; wants cargo-fuzz (cargo install cargo-fuzz).
fuzz:
	fuzz/run 600

fmt:
	cargo fmt --all
	checks/protocol --write

# What clients in other languages are generated from, alone: target/protos/diel-protos-VERSION.tar.gz.
protos:
	proto/tarball

# After a protocol change has landed: what the next change may not break.
landed:
	checks/protocol --land
