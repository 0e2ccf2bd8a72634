# `make demo` and `make test` need Python 3.11 or newer with venv, make, and the package registries, nothing else.
# Nothing is done twice: .venv is brought up to date when pyproject.toml changes, the page when its sources do.

PYTHON ?= python3
VENV_PYTHON = .venv/bin/python
# Handed on: make demo ARGS="--http-port 8000", make test ARGS="tests/test_config.py -k token"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check bench page unreal clean env dev

help: ## Say what can be made
	@echo "make TARGET, with PYTHON=python3.12 to choose the Python and ARGS=... for what a target hands on"
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile

demo: env page ## Set up, start the bridge, open its page and speak
	@$(VENV_PYTHON) -m bridge demo $(ARGS)

test: dev ## Set up and run every test
	@$(VENV_PYTHON) tools/page.py --dev
	$(VENV_PYTHON) -m pytest $(ARGS)

check: dev ## Lint, types, schema, and whether all that is generated is current
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	.venv/bin/buf lint proto
	$(VENV_PYTHON) tools/generate.py --check
	$(VENV_PYTHON) tools/names.py --check
	$(VENV_PYTHON) tools/vectors.py --check

bench: dev ## Measure latency, lateness and load on this machine
	$(VENV_PYTHON) -m bridge bench $(or $(ARGS),latency)

page: env ## Build the preview page
	@$(VENV_PYTHON) tools/page.py

unreal: ## Pack the Unreal plugin as a zip
	@$(PYTHON) tools/unreal.py

clean: ## Remove all that was made here, .venv too
	rm -rf .venv bridge/preview/dist bridge/preview/node_modules tests/avatar_js/node_modules artifacts build dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

env:
	@$(PYTHON) tools/venv.py

dev:
	@$(PYTHON) tools/venv.py dev
