# What runs here needs Python 3.13 and make; each target installs the rest by itself.
PYTHON ?= python3.13
# The oldest Python that `ship`, the builder and the core run on, as in pyproject.toml; a test compares.
OLDEST ?= python3.11
BIN := .venv/bin
SOURCE ?= examples/hello
TEMPLATES := template.yaml $(wildcard examples/*/*.yaml)

export AWS_DEFAULT_REGION := us-east-1
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help setup demo cloud cloud-down test check oldest e2e bench costs picture recording format pins clean

help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## The whole pipeline on this machine: deploys, uploads SOURCE, builds, records, runs the image
	@$(BIN)/python -m local.demo "$(SOURCE)"

cloud: setup ## A local cloud with the stack deployed, to play in until Ctrl-C
	@$(BIN)/python -m local.playground

cloud-down: setup ## Ends what `make cloud` runs in another terminal
	@$(BIN)/python -m local.playground down

test: check e2e ## Everything that CI runs

check: setup .venv-scan/installed ## The fast part: format, lint, types, scan, and all tests below the end-to-end suite
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version $(OLDEST:python%=%) ship functions
	$(BIN)/cfn-lint $(TEMPLATES)
	set -e; for template in $(TEMPLATES); do $(BIN)/sam validate --lint --template $$template; done
	.venv-scan/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*/*.yml
	.venv-scan/bin/checkov $(TEMPLATES:%=--file %) --framework cloudformation --compact --quiet --skip-download
	$(BIN)/pytest --numprocesses 2 --dist loadfile tests --ignore tests/e2e
	@if $(OLDEST) -c "" 2> /dev/null; then $(MAKE) oldest; \
	else echo "NOT RUN: the tests of ship and the core on $(OLDEST), which isn't on this machine. CI runs them."; fi

oldest: .venv-oldest/installed ## The tests of ship, the builder and the core, on the oldest Python and packages that ship admits
	.venv-oldest/bin/python -m pytest --numprocesses 2 tests/builder tests/ship tests/unit

# Each of the two has an account and a stack of its own; the engine is one.
e2e: setup ## The end-to-end suite: a real deployment and real builds in the local cloud
	$(BIN)/pytest --numprocesses 2 --dist loadfile tests/e2e

bench: setup ## Measures it beside its alternatives, and writes docs/performance.md (half an hour; empties its own engine)
	@$(BIN)/python -m local.bench

costs: setup ## Writes the costs into README.md and docs/performance.md: after a change of a price, an alarm or a queue
	@$(BIN)/python -m local.bench.report

picture: setup ## Draws docs/dashboard.svg from a run in the local cloud: after each change of the dashboard (ten minutes)
	@$(BIN)/python -m local.dashboard

recording: setup ## Records docs/ship.svg, `ship` at a terminal, from a run in the local cloud (a minute)
	@$(BIN)/python -m local.recording

format: setup ## Formats the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: .venv/installed .venv-cloud/installed .venv-build/installed .venv-runtime/installed .venv-ship/installed ## The Python environments

.venv/installed: requirements/dev.txt
.venv-cloud/installed: requirements/cloud.txt
.venv-build/installed: requirements/build.txt
.venv-runtime/installed: requirements/runtime.txt
.venv-scan/installed: requirements/scan.txt
.venv/installed .venv-cloud/installed .venv-build/installed .venv-runtime/installed .venv-scan/installed:
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.13 is needed: install it, or give its path by PYTHON=…"; exit 1; }
	@echo "Installing $< into $(@D) …"
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# `ship` alone, as its users install it.
.venv-ship/installed: requirements/ship.txt pyproject.toml $(wildcard ship/*.py ship/*/*.py functions/core/*.py)
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.13 is needed: install it, or give its path by PYTHON=…"; exit 1; }
	@echo "Installing ship into $(@D) …"
	@test -e $(@D) || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $< .
	@touch $@

# `ship` on the oldest Python, with the oldest versions that its dependencies admit, and what its tests take.
.venv-oldest/installed: requirements/oldest.txt pyproject.toml $(wildcard ship/*.py ship/*/*.py functions/core/*.py)
	@$(OLDEST) -c "" || { echo "$(OLDEST) is needed: install it, or give its path by OLDEST=…"; exit 1; }
	@echo "Installing ship into $(@D) …"
	@test -e $(@D) || $(OLDEST) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< .
	@touch $@

pins: ## Writes the requirements files anew from pyproject.toml, at the newest versions it admits (needs uv)
	@for group in dev cloud build runtime scan; do \
	  uv pip compile --quiet --upgrade --python-version 3.13 --no-emit-index-url --no-annotate --no-header \
	    --group $$group --output-file requirements/$$group.txt || exit 1; done
	@uv pip compile --quiet --upgrade --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --constraint requirements/dev.txt pyproject.toml --output-file requirements/ship.txt
	@uv pip compile --quiet --upgrade --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
	  --resolution lowest-direct --group oldest pyproject.toml --output-file requirements/oldest.txt

clean: ## Removes what was made here; the engine's own cache stays in the user's cache folder
	@test ! -e .cloud/env || { echo "A local cloud of this clone runs: end it with \`make cloud-down\` first."; exit 1; }
	rm -rf .venv .venv-cloud .venv-build .venv-runtime .venv-scan .venv-ship .venv-oldest .aws-sam .cloud .mypy_cache .pytest_cache .ruff_cache .hypothesis
