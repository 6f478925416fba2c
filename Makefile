# You need Python 3.13 and make; each target installs what else it needs.
PYTHON ?= python3.13
# The oldest Python that `ship`, the builder and the core support. A test compares it with pyproject.toml.
OLDEST ?= python3.11
BIN := .venv/bin
SOURCE ?= examples/hello
TEMPLATES := template.yaml $(wildcard examples/*/*.yaml)

# `make uninstall` and `make verify-aws` act in the caller's region, all else in this one.
CALLERS_REGION := $(AWS_DEFAULT_REGION)
IN_CALLERS_REGION = $(if $(CALLERS_REGION),AWS_DEFAULT_REGION="$(CALLERS_REGION)",env -u AWS_DEFAULT_REGION)
export AWS_DEFAULT_REGION := us-east-1
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help setup uninstall demo cloud cloud-down test check types types-oldest templates security measured others oldest e2e documents verify-aws bench costs picture screencast format pins clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/demo .venv-cloud/ready ## Run the whole pipeline here: deploy, upload SOURCE, build, record and run the image
	@$(BIN)/python -m local.demo "$(SOURCE)"

cloud: .venv/demo .venv/ship .venv-cloud/ready ## Run a local cloud with the stack deployed, to try things in, until Ctrl-C
	@$(BIN)/python -m local.playground

cloud-down: .venv/demo ## Stop the `make cloud` of another terminal
	@$(BIN)/python -m local.playground down

test: export HYPOTHESIS_PROFILE := thorough
test: export SELECTED :=
test: export COVERAGE := --cov=functions
test: export MORE := security types-oldest
test: check ## Run everything that CI runs
	@if $(OLDEST) -c "" 2> /dev/null; then $(MAKE) oldest; \
	else echo "NOT RUN: the tests of ship and the core on $(OLDEST), which isn't installed here. CI runs them."; fi
	@$(MAKE) e2e

# `make test` sets these variables to run the slow tests as well, to measure coverage and to check more.
SELECTED ?= -m "not slow"
COVERAGE ?=
MORE ?=

check: .venv/dev .venv/ship .venv/runtime .venv-cloud/ready .venv-scan/ready ## Check format, lint, types and templates, and run the quick tests on Python 3.13
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(COG) --check --diff $(DOCUMENTS)
	@echo "Checking types and templates and running the tests, two at a time: about a minute …"
	@$(MAKE) --no-print-directory --jobs 2 $(SYNC) others types templates $(MORE) measured
	@test -z '$(SELECTED)' || echo "Only \`make test\` runs the deselected tests and the end-to-end suite, measures coverage and runs checkov."

types: .venv/dev
	$(BIN)/mypy

types-oldest: .venv/dev
	$(BIN)/mypy --python-version $(OLDEST:python%=%) ship functions

templates: .venv/dev .venv-scan/ready
	$(BIN)/cfn-lint $(TEMPLATES)
	.venv-scan/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*/*.yml

security: .venv-scan/ready
	.venv-scan/bin/checkov $(TEMPLATES:%=--file %) --framework cloudformation --compact --quiet --skip-download

# Shows the output of one process after that of the other, where make can: the one of macOS can't.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync)

# The tests of functions/. Measuring their coverage, as `make test` does, makes them half as slow again.
MEASURED := tests/functions tests/unit/builder tests/unit/core
measured: .venv/dev .venv/ship .venv/runtime .venv-cloud/ready
	$(BIN)/pytest --quiet $(SELECTED) $(COVERAGE) $(MEASURED)

others: .venv/dev .venv/ship .venv-cloud/ready .venv-scan/ready
	$(BIN)/pytest --quiet $(SELECTED) tests $(MEASURED:%=--ignore=%) --ignore=tests/e2e

oldest: .venv-oldest/ready ## Test ship, the builder and the core on the oldest Python and packages that ship supports
	.venv-oldest/bin/python -m pytest --numprocesses 2 tests/unit

# The processes have an account and a stack each, and share one engine. They wait a lot, so there are twice as many as for `check`.
e2e: .venv/dev .venv/ship .venv-cloud/ready ## Run the end-to-end suite: a real deployment and real builds in the local cloud
	$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder tests/e2e
	$(BIN)/python -m tests.e2e.support.permissions

# Cog runs what stands in `[[[cog …]]]` in a document. A __pycache__ in functions/ would change the builder, so it writes none (-B).
COG = PYTHONPATH=functions $(BIN)/python -B -m cogapp --verbosity 1 -p "from tools import assumptions, document_tables as tables, status_diagram"
DOCUMENTS = $(wildcard *.md docs/*.md docs/*/*.md)

documents: .venv/dev ## Rewrite the documents' tables, after a change to the template, the code or its docstrings
	@$(COG) -r $(DOCUMENTS)

verify-aws: .venv/demo .venv/ship ## Try what the project assumes about AWS on your account (an hour and a half; asks first): OPTIONS="--help"
	@$(IN_CALLERS_REGION) PYTHONPATH=functions $(BIN)/python -B -m verify $(OPTIONS)

bench: .venv/demo .venv-cloud/ready ## Measure it against alternatives and write docs/performance.md (half an hour; empties its own engine)
	@$(BIN)/python -m tools.bench

costs: .venv/demo ## Write the costs in docs/costs.md and docs/performance.md, after a change to a price, an alarm or a queue
	@$(BIN)/python -m tools.bench.report

picture: .venv/demo .venv-cloud/ready ## Draw docs/operating/dashboard.svg from a run in the local cloud, after a change to the dashboard (ten minutes)
	@$(BIN)/python -m tools.dashboard

screencast: .venv/dev .venv/ship .venv-cloud/ready ## Play `ship` in a terminal of the local cloud and draw it: docs/figures/ship.svg (a minute)
	@$(BIN)/python -m tools.screencast

format: .venv/dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: .venv/demo .venv/ship ## Install SAM CLI, the AWS CLI and `ship`, in .venv/bin

uninstall: .venv/demo ## Show what removing STACK deletes and keeps, ask, and delete it; with DELETE_DATA=yes also images and sources
	@test -n "$(STACK)" || { echo "Name the stack: make uninstall STACK=source-to-ecr"; exit 2; }
	@$(IN_CALLERS_REGION) $(BIN)/python -m tools.uninstall "$(STACK)" $(DELETE_DATA:yes=--delete-data) $(YES:yes=--yes)

# The pipeline runs in two environments: .venv is the user's side (SAM CLI, the AWS CLI and ship, with the developers' tools when a
# target needs them), .venv-cloud is AWS's side. docs/decisions/project.md says why the others are separate.
UV := .venv/bin/python requirements/installer.py
export UV_PYTHON_DOWNLOADS := never

# Says what is installed where, and how long it takes: $(call announce,folder,time).
announce = @echo "Installing $(<) into $(1): $(2) …"
# Makes an empty environment: $(call environment,folder,Python).
environment = @.venv/bin/uv venv --quiet --allow-existing --python "$$($(2) -c 'import sys; print(sys.executable)')" $(1)
# Installs a requirements file: $(call install,folder of the environment,more options).
install = @$(UV) pip install --quiet --python $(1) --requirement $< $(2)

.venv/uv: requirements/uv.txt
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.13 wasn't found. Install it, or give its path with PYTHON=…"; exit 1; }
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
.venv/ship: requirements/ship.txt .venv/demo pyproject.toml $(wildcard ship/*.py ship/*/*.py ship/*/*/*.py functions/aws/*.py functions/core/*.py functions/core/*/*.py)
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

# `ship` and its tests on the oldest Python, with the oldest dependencies that it supports.
.venv-oldest/ready: requirements/oldest.txt .venv/uv pyproject.toml $(wildcard ship/*.py ship/*/*.py ship/*/*/*.py functions/aws/*.py functions/core/*.py functions/core/*/*.py)
	@$(OLDEST) -c "" || { echo "$(OLDEST) wasn't found. Install it, or give its path with OLDEST=…"; exit 1; }
	$(call announce,.venv-oldest,about 20 s)
	$(call environment,.venv-oldest,$(OLDEST))
	$(call install,.venv-oldest,--compile-bytecode --reinstall-package source-to-ecr .)
	@touch $@

PINS = $(UV) pip compile --quiet --upgrade --no-emit-index-url --no-annotate --no-header
pins: .venv/uv ## Rewrite requirements/*.txt with the newest versions that pyproject.toml allows
	@for group in uv cloud runtime scan; do \
	  $(PINS) --python-version 3.13 --group $$group --output-file requirements/$$group.txt || exit 1; done
	@$(PINS) --python-version 3.13 --group dev pyproject.toml --output-file requirements/dev.txt
	@$(PINS) --python-version 3.13 --constraint requirements/dev.txt --group demo pyproject.toml --output-file requirements/demo.txt
	@$(PINS) --python-version 3.11 --constraint requirements/dev.txt pyproject.toml --output-file requirements/ship.txt
	@$(PINS) --python-version 3.11 --resolution lowest-direct --group oldest pyproject.toml --output-file requirements/oldest.txt

clean: ## Remove everything that make created here; the engine's cache stays in your cache folder
	@test ! -e .cloud/env || { echo "A local cloud is running in this clone. Stop it with \`make cloud-down\` first."; exit 1; }
	rm -rf .venv .venv-* .aws-sam .cloud .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
