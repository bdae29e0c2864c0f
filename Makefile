# `make demo`, `make test` and `make check` do all set-up on a fresh Debian with Python 3.11 and make.
VENV ?= .venv
PYTHON ?= python3
MINUTES ?= 10
DIST ?= dist
BIN := $(VENV)/bin
STAMP := $(VENV)/.jotgraph-installed
DEMO_STAMP := $(VENV)/.jotgraph-demo
# neighbours stay with one worker, as long as each has something to do: they share rigs and worlds
SHARED := -n auto --dist worksteal
PAGE := tools/page
PAGE_STAMP := $(PAGE)/node_modules/.package-lock.json

# root installs a package that set-up itself needs; anyone else is told the line
define need
	@$(1) >/dev/null 2>&1 || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing $(2)"; apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	  apt-get -qq -y install --no-install-recommends $(2) </dev/null; \
	else echo "make: first run: sudo apt-get install $(2)" >&2; exit 1; fi
endef

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-times fuzz reliability wheel check check-page format house clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

# the virtual environment, with jotgraph and an extra of it: $(1), for people $(2)
define install
	$(call need,command -v git,git)
	$(call need,$(PYTHON) -c 'import ensurepip; import venv',python3-venv)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "installing jotgraph and what $(2) into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(1)]'
	@touch $@
endef

# the bytecode of package and tests is written once here, not by every worker of the first run
$(STAMP): pyproject.toml
	$(call install,dev,its tests need)
	@$(BIN)/python -m pytest --collect-only -q -n 0 >/dev/null || true

$(DEMO_STAMP): pyproject.toml
	$(call install,demo,the demo needs)

setup: $(STAMP) ## the virtual environment the other targets use

# what checks and tests need holds what the demo needs
demo: $(if $(wildcard $(STAMP)),$(STAMP),$(DEMO_STAMP)) ## scan, answers and picture on the embedded AWS
	$(BIN)/python -m jotgraph demo

check: $(STAMP) check-page ## ruff, mypy --strict, import-linter, and the page's scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports --no-cache

check-page: ## eslint and tsc for the scripts of the HTML page, where node is
	@if command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory $(PAGE_STAMP) && npm --prefix $(PAGE) run --silent check; \
	else echo "make: the page's scripts are not checked: install nodejs and npm" >&2; test -z "$$CI"; fi

$(PAGE_STAMP): $(PAGE)/package-lock.json
	npm --prefix $(PAGE) ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

format: $(STAMP) ## let ruff rewrite what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP) ## everything; what this machine cannot run is named
	$(BIN)/python -m pytest $(SHARED)

test-times: $(STAMP) ## the same, and where the CPU seconds went
	bash -c 'TIMEFORMAT="%R s of wall, %U + %S CPU seconds in all"; time $(BIN)/python -m pytest $(SHARED) --times'

wheel: $(STAMP) ## build dist/jotgraph-*.whl, offline; a test installs it into a clean environment
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir $(DIST) .

fuzz: $(STAMP) ## search at random with the property tests for MINUTES (10)
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris || true
	$(BIN)/python -m tests.fuzzing.guided --seconds 20

reliability: $(STAMP) ## try what could lose something, and print what was tried and lost
	$(BIN)/python -m tests.reliability

house: ## what extensions cost, lines by package, the largest file and function
	@$(PYTHON) tools/house.py

clean: ## remove what was made here
	rm -rf $(VENV) $(PAGE)/node_modules demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
