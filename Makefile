# You need Python 3.13 and make; each target installs what else it needs.
PYTHON ?= python3.13
# The oldest Python that `ship`, the builder and the core support. A test compares it with pyproject.toml.
OLDEST ?= python3.11
BIN := .venv/bin
SOURCE ?= examples/hello
TEMPLATES := template.yaml $(wildcard examples/*/*.yaml)

export AWS_DEFAULT_REGION := us-east-1
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help setup demo cloud cloud-down test check oldest e2e bench costs picture recording format pins clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/demo .venv-cloud/ready ## The whole pipeline on this machine: deploys, uploads SOURCE, builds, records, runs the image
	@$(BIN)/python -m local.demo "$(SOURCE)"

cloud: .venv/demo .venv/ship .venv-cloud/ready ## A local cloud with the stack deployed, to play in until Ctrl-C
	@$(BIN)/python -m local.playground

cloud-down: .venv/demo ## Ends what `make cloud` runs in another terminal
	@$(BIN)/python -m local.playground down

test: check e2e ## Run everything that CI runs

check: .venv/dev .venv/ship .venv/runtime .venv-cloud/ready .venv-scan/ready ## The fast part: format, lint, types, scan, and all tests below the end-to-end suite
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
	else echo "NOT RUN: the tests of ship and the core on $(OLDEST), which isn't installed here. CI runs them."; fi

oldest: .venv-oldest/ready ## The tests of ship, the builder and the core, on the oldest Python and packages that ship admits
	.venv-oldest/bin/python -m pytest --numprocesses 2 tests/builder tests/ship tests/unit

# Each of the two has an account and a stack of its own; the engine is one.
e2e: .venv/dev .venv/ship .venv-cloud/ready ## The end-to-end suite: a real deployment and real builds in the local cloud
	$(BIN)/pytest --numprocesses 2 --dist loadfile tests/e2e

bench: .venv/demo .venv-cloud/ready ## Measures it beside its alternatives, and writes docs/performance.md (half an hour; empties its own engine)
	@$(BIN)/python -m local.bench

costs: .venv/demo ## Writes the costs into docs/costs.md and docs/performance.md: after a change of a price, an alarm or a queue
	@$(BIN)/python -m local.bench.report

picture: .venv/demo .venv-cloud/ready ## Draws docs/dashboard.svg from a run in the local cloud: after each change of the dashboard (ten minutes)
	@$(BIN)/python -m local.dashboard

recording: .venv/dev .venv/ship .venv-cloud/ready ## Records docs/ship.svg, `ship` at a terminal, from a run in the local cloud (a minute)
	@$(BIN)/python -m local.recording

format: .venv/dev ## Formats the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: .venv/demo .venv/ship ## SAM CLI, the AWS CLI and `ship`, in .venv/bin

# The pipeline runs in two environments: .venv is the user's side (SAM CLI, the AWS CLI and ship, with the developers' tools when a
# target needs them), .venv-cloud is AWS's side. docs/decisions.md says why the others stand apart.
UV := .venv/bin/python requirements/installer.py
export UV_PYTHON_DOWNLOADS := never

# Says what is installed where, and how long it takes: $(call announce,folder,time).
announce = @echo "Installing $(<) into $(1): $(2) …"
# Makes an empty environment: $(call environment,folder,Python).
environment = @.venv/bin/uv venv --quiet --allow-existing --python "$$($(2) -c 'import sys; print(sys.executable)')" $(1)
# Installs a requirements file: $(call install,folder of the environment,more options).
install = @$(UV) pip install --quiet --python $(1) --requirement $< $(2)

.venv/uv: requirements/uv.txt
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.13 is needed: install it, or give its path by PYTHON=…"; exit 1; }
	$(call announce,.venv,about 10 s)
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

.venv/demo: requirements/demo.txt .venv/uv
	$(call announce,.venv,10 to 60 s)
	$(call install,.venv)
	@touch $@

# Tests write no bytecode and start many programs, so all of it is made here. Elsewhere a program's first start makes its own.
.venv/dev: requirements/dev.txt .venv/demo
	$(call announce,.venv,about 30 s)
	$(call install,.venv)
	@.venv/bin/python -m compileall -qq -j 0 -x '/tests?/' .venv/lib/python*/site-packages || true # templates of code don't compile
	@touch $@

# `ship` as its users install it: a wheel, with these constraints.
.venv/ship: requirements/ship.txt .venv/demo pyproject.toml $(wildcard ship/*.py ship/*/*.py functions/core/*.py)
	@echo "Installing ship into .venv: about 5 s …"
	@$(UV) pip install --quiet --python .venv --reinstall-package source-to-ecr --constraint $< .
	@.venv/bin/python -m compileall -q .venv/lib/python*/site-packages/ship
	@touch $@

# Nothing runs in this folder: the tests read which requests the oldest boto3 of Lambda's runtime knows.
.venv/runtime: requirements/runtime.txt .venv/uv
	$(call announce,.venv/lambda-runtime,about 5 s)
	$(call install,.venv,--target .venv/lambda-runtime)
	@touch $@

.venv-cloud/ready: requirements/cloud.txt .venv/uv
	$(call announce,.venv-cloud,5 to 20 s)
	$(call environment,.venv-cloud,.venv/bin/python)
	$(call install,.venv-cloud)
	@touch $@

.venv-scan/ready: requirements/scan.txt .venv/uv
	$(call announce,.venv-scan,10 to 30 s)
	$(call environment,.venv-scan,.venv/bin/python)
	$(call install,.venv-scan)
	@touch $@

# `ship` on the oldest Python, with the oldest versions that its dependencies admit, and what its tests take.
.venv-oldest/ready: requirements/oldest.txt .venv/uv pyproject.toml $(wildcard ship/*.py ship/*/*.py functions/core/*.py)
	@$(OLDEST) -c "" || { echo "$(OLDEST) is needed: install it, or give its path by OLDEST=…"; exit 1; }
	$(call announce,.venv-oldest,about 20 s)
	$(call environment,.venv-oldest,$(OLDEST))
	$(call install,.venv-oldest,--compile-bytecode --reinstall-package source-to-ecr .)
	@touch $@

PINS = $(UV) pip compile --quiet --upgrade --no-emit-index-url --no-annotate --no-header
pins: .venv/uv ## Writes requirements/*.txt anew from pyproject.toml, at the newest versions it admits
	@for group in uv cloud runtime scan; do \
	  $(PINS) --python-version 3.13 --group $$group --output-file requirements/$$group.txt || exit 1; done
	@$(PINS) --python-version 3.13 --group dev pyproject.toml --output-file requirements/dev.txt
	@$(PINS) --python-version 3.13 --constraint requirements/dev.txt --group demo pyproject.toml --output-file requirements/demo.txt
	@$(PINS) --python-version 3.11 --constraint requirements/dev.txt pyproject.toml --output-file requirements/ship.txt
	@$(PINS) --python-version 3.11 --resolution lowest-direct --group oldest pyproject.toml --output-file requirements/oldest.txt

clean: ## Removes what was made here; the engine's own cache stays in the user's cache folder
	@test ! -e .cloud/env || { echo "A local cloud of this clone runs: end it with \`make cloud-down\` first."; exit 1; }
	rm -rf .venv .venv-* .aws-sam .cloud .mypy_cache .pytest_cache .ruff_cache .hypothesis
