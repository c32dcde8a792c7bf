PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
SAMPLE := data/sample
DATA_ROOT ?= $(SAMPLE)
DRAFTS ?= 60
# Errors only: the locks are complete and checked by hash. Modules are compiled when they are first imported.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps
# The recorded walks start with their own samples.
unexport DAYDREAMING_DATA_ROOT
# If it is set, every process compiles pandas and the other packages again: the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
PORT ?= 2718

SEED ?= 0
RECORDS ?= 1000000

.PHONY: torture help setup dev audit reports workbench test check format docs bundle notebooks fixtures bench lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make .venv with genaudit and the notebooks in it, from the hashed lock

dev: $(DEV) ## add the tools for tests and checks, from their hashed lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "genaudit needs Python 3.11 or newer; set PYTHON")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(DEV): $(READY) requirements-dev.lock
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(SAMPLE): $(READY)
	$(BIN)/genaudit sample $@ --drafts $(DRAFTS) --faults all
	@touch $@

audit: $(SAMPLE) ## make the sample store, audit it, write its reports to reports/
	$(BIN)/genaudit audit --data-root $(SAMPLE) --output reports --with-content --with-references --fail-on never

reports: $(SAMPLE) ## write a page for each subject and an index to reports/, DATA_ROOT=... for another store
	$(BIN)/genaudit report --data-root $(DATA_ROOT) --output reports

workbench: $(SAMPLE) ## serve the interactive notebooks on this machine, DATA_ROOT=... for another store
	$(BIN)/genaudit workbench --data-root $(DATA_ROOT) --port $(PORT)

test: $(DEV) ## run every test, the recorded notebooks included
	$(BIN)/pytest --numprocesses auto --dist loadfile
	$(BIN)/pytest --nbval notebooks/jupyter --override-ini testpaths= --override-ini verbosity_assertions=2

check: $(DEV) ## formatting, lint, types, dead code, Dagster's definitions, and that generated docs are up to date
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/marimo check --strict src/genaudit/workbench/notebooks
	DAGSTER_DISABLE_TELEMETRY=yes $(BIN)/dg check defs
	$(BIN)/python docs/generate.py --check

format: $(DEV) ## bring the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(DEV) ## write docs/cli.md, docs/errors.md, docs/api.md, docs/reports/, reports/sample/ and all examples
	$(BIN)/python docs/generate.py

notebooks: $(DEV) ## record the Jupyter notebooks
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False notebooks/jupyter/*.ipynb

bundle: $(DEV) ## make the Vega bundle of the pages
	$(BIN)/python docs/vega_bundle.py

fixtures: $(DEV) ## materialize the pipeline's regression fixtures
	$(BIN)/python tests/fixtures/regenerate.py

bench: $(DEV) ## time the scan and the audits beside other ways to read a store, and cohorts of three sizes
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/run_cohorts.py

torture: $(DEV) ## injected crashes, power losses and mutations, SEED=... RECORDS=...; figures in docs/reliability.md
	PYTHONPATH=tests $(BIN)/python -m torture --seed $(SEED) --records $(RECORDS)

LOCK := $(BIN)/uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --quiet \
	--no-header --no-emit-index-url --no-emit-find-links --no-annotate --no-strip-extras

lock: $(DEV) ## resolve the dependencies, the same versions in both locks
	$(LOCK) --all-extras --group dev --upgrade --output-file requirements-dev.lock
	$(LOCK) --extra notebooks --group build --constraint requirements-dev.lock --output-file requirements.lock

clean: ## remove the files that make creates
	rm -rf $(VENV) $(SAMPLE)
