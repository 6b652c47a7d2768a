# make demo   set everything up and serve the demo district on 127.0.0.1
# make test   set up what the tests need and run them all
# make check  formatting, lint and strict types, as CI runs them
# make bench  speed, as ratios of one run; make bench-large with a million officers

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test check soak bench bench-large screenshots messages lock clean

help:
	@sed -n 's/^# //p' Makefile

setup: .venv/ready
setup-dev: .venv/ready-dev

# Debian ships python3 without ensurepip; the package that brings it is named in the message.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (make PYTHON=python3.12 ...)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/install-debian python3-venv \
		|| { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/ready: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: requirements-dev.txt .venv/ready
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@

demo: setup
	@exec $(BIN)/chizheng demo

test: setup-dev
	@.ci/install-browser || true
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@echo "make check: clean"

soak: setup-dev
	$(BIN)/python -m pytest -m soak

bench: setup-dev
	$(BIN)/python -m tests.bench

bench-large: setup-dev
	$(BIN)/python -m tests.bench --large

screenshots: setup-dev
	$(BIN)/python -m tests.journeys.screenshots

# Gathers new messages into the English catalogue; a test fails while one is untranslated.
messages: setup-dev
	$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --keyword _ --keyword N_ --no-location --sort-output \
		--omit-header --output .venv/messages.pot src personnel courses exams
	$(BIN)/pybabel --quiet update --locale en --input-file .venv/messages.pot --no-fuzzy-matching --ignore-obsolete \
		--omit-header --width 116 --output-file src/chizheng/kernel/locale/en.po

# Pins every dependency with its hashes and no address; needs uv on the PATH.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra build pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra build --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
