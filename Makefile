# The same commands for people and CI. Needs Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JAVA := $(shell command -v java 2>/dev/null)
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint fuzz bench lock samples pictures clean browser java test-engines

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Whysure needs Python 3.11 or newer; say which with: make PYTHON=python3.12" && exit 1)
	$(PYTHON) -m venv $(VENV)

# Each stamp is newer than the pins it was made from, so that a second call does nothing.
$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# What the first start would take longer for, done once for those who open the app.
$(VENV)/.prepared: $(VENV)/.run
	$(BIN)/whysure prepare
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.run ## Make .venv with the pinned packages

setup-dev: $(VENV)/.dev ## The same with the tools for development

run: $(VENV)/.prepared ## Open the app on http://127.0.0.1:8501
	$(BIN)/whysure

browser:
ifeq ($(CHROMIUM),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq chromium; \
	else \
	  echo "The browser tests need Chromium. Install it with:  sudo apt-get install chromium   (or your system's package)"; exit 1; \
	fi
endif

test: setup-dev browser ## Run every test, the browser ones too
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

java:
ifeq ($(JAVA),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq default-jre-headless; \
	else \
	  echo "The tests of Spark need Java 17 or newer. Install it with:  sudo apt-get install default-jre-headless   (or your system's package)"; exit 1; \
	fi
endif

# An environment of their own: Ray, Dask and Spark weigh more than all else.
.venv-engines/.ready: requirements-engines.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Whysure needs Python 3.11 or newer; say which with: make PYTHON=python3.12" && exit 1)
	$(PYTHON) -m venv .venv-engines
	.venv-engines/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements-engines.txt
	.venv-engines/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

test-engines: .venv-engines/.ready java ## Run the tests of Ray, Dask and Spark
	.venv-engines/bin/python -m pytest tests/engines

lint: setup-dev ## Style, types, layers and sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tests/sizes.py

fuzz: setup-dev ## Break files for the parsers, for ten minutes or as many SECONDS as said
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

bench: setup-dev browser ## Measure anew every figure of docs/figures.md
	$(BIN)/python -m benchmarks.app
	$(BIN)/python -m benchmarks.app_hand
	$(BIN)/python -m benchmarks.road
	$(BIN)/python -m benchmarks.adding
	$(BIN)/python -m benchmarks.hostile
	$(BIN)/python -m benchmarks.scores_alone
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet -r benchmarks/requirements.txt --editable .
	.venv-bench/bin/python -m benchmarks.attributions
	.venv-bench/bin/python -m benchmarks.sampled
	.venv-bench/bin/python -m benchmarks.trust

# What CatBoost asks for and needs only to draw; shap changes with it.
LEFT_OUT := $(addprefix --no-emit-package ,matplotlib contourpy cycler fonttools kiwisolver pyparsing graphviz)

lock: setup-dev ## Pin anew what pyproject.toml asks for
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url $(LEFT_OUT) -c requirements.txt --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url -c requirements.txt -c requirements-dev.txt --extra dask --extra ray --extra spark --group engines pyproject.toml -o requirements-engines.txt

samples: ## Rebuild sample_data from its sources
	$(PYTHON) -m venv .venv-samples
	.venv-samples/bin/python -m pip install --quiet -r sample_data/requirements.txt
	.venv-samples/bin/python sample_data/make.py

pictures: setup-dev browser ## Take README's pictures anew
	$(BIN)/python -m tests.journeys.pictures docs/pictures

clean: ## Remove what the other commands made
	rm -rf $(VENV) .venv-samples .venv-bench .venv-engines build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
