# `make demo` and `make test` do all set-up on a fresh Debian with Python 3.11 and make.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.jotgraph-installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-8s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(STAMP) ## scan, answers and picture on the embedded AWS
	$(BIN)/python -m jotgraph demo

check: $(STAMP) ## ruff, mypy --strict, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(STAMP) ## let ruff rewrite what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP) ## everything; what this machine cannot run is named
	$(BIN)/python -m pytest -n auto

clean: ## remove what was made here
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache
