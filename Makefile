# What a person types. `up` and `down` are for the stack `local` only; real stacks are plain `pulumi up`.
.DEFAULT_GOAL := help
.PHONY: help up down test evidence bench lint lock clean

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.requirements

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16

up: $(STAMP)  ## Deploy the stack `local` against the emulator, and say how to call a model
	@$(PY) -m tools.local up

down: $(STAMP)  ## Destroy the stack `local` and stop the emulator that `make up` started
	@$(PY) -m tools.local down

test: $(STAMP)  ## Run every test: the fast ones, then those on the real engine
	@$(PY) -m tools.test

evidence: $(STAMP)  ## Run the proofs alone and print one line per claim
	@$(PY) -m tools.evidence

bench: $(STAMP)  ## Measure what a stack costs, against a hand-written program and a floor (20 minutes)
	@$(PY) -m tools.bench

lint: $(STAMP)  ## Run every linter and type checker
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/pyright

lock:  ## Resolve requirements*.in again
	@PYTHON="$(PYTHON)" sh tools/lock.sh

clean:  ## Remove what can be made again (not the engine in the user's cache, not .local)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis evidence
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp holds what was installed: a changed lock, another Python or a broken venv makes it again.
$(STAMP): requirements.txt requirements-dev.txt tools/venv.sh
	@PYTHON="$(PYTHON)" sh tools/venv.sh $(VENV)
	@touch $(STAMP)
