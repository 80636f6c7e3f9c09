# make demo and make test are all that a newcomer needs; both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow lint types check

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(READY) ## Make .venv and install the tested set of packages

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making $(VENV) and installing the tested packages (PyTorch is large: a few minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,sweep,stream]'
	@touch $(READY)
	@echo "Installed. Activate it with: . $(BIN)/activate"

demo: install ## Fit, test and explain on drawn lesions
	@$(BIN)/python scripts/demo.py

test: install ## Run the default test suite
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

test-slow: install ## Run the slow tests too
	$(BIN)/python -m pytest -m "slow and not exhaustive"

lint: install ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install ## Check types
	$(BIN)/mypy

check: test lint types ## All that CI runs
