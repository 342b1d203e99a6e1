# Two commands do most: `make demo` shows everything, `make test` proves it. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LEVELS := unit workflow replay contract integration programme browser chaos
PART ?=
KEEP ?=
ALL ?=

UV ?= uv

.PHONY: help setup lock up down status demo check format test test-deep bench minio

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# ------------------------------------------------------------------------------------------------------- set-up

setup: $(VENV)/.installed $(if $(wildcard package.json),node_modules/.built) ## install everything the project needs; instant when done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=python3.x if it has another name." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A virtual environment that is a link belongs to someone else: it is used as it is.
$(VENV)/.installed: requirements-test.lock pyproject.toml | $(VENV)/bin/python
	@if [ -L $(VENV) ]; then \
		echo "$(VENV) is a link: taken as it is."; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-test.lock && \
		$(BIN)/python -m deploy.install; \
	fi
	@touch $@

# Hashes, no addresses; versions already pinned stay. Needs uv (https://docs.astral.sh/uv).
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: ## pin what pyproject.toml asks for
	@$(LOCK) --output-file requirements.lock pyproject.toml
	@$(LOCK) --constraint requirements.lock --extra test --output-file requirements-test.lock pyproject.toml

node_modules/.built: package.json package-lock.json $(wildcard shared/web/build_static.mjs) $(shell find shared/web/assets -type f 2>/dev/null)
	@command -v npm > /dev/null || { echo "npm is needed to build the static files: install it (Debian package npm)." >&2; exit 1; }
	@if [ ! -e node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then \
		npm ci --silent --no-audit --no-fund && touch node_modules/.installed; \
	fi
	@npm run --silent build
	@touch $@

# -------------------------------------------------------------------------------------------------------- running

up: setup ## start the local stack in the background
	@$(BIN)/python -m deploy up

down: ## stop it; no process stays behind
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy down; fi

status: ## show every part of it
	@$(BIN)/python -m deploy status

demo: setup ## both programmes, from call to release; ALL=1 all categories of both; KEEP=1 leaves everything running
	@$(BIN)/python -m deploy demo $(if $(KEEP),--keep) $(if $(ALL),--all)

bench: setup ## the numbers the design promises
	@$(BIN)/python -m pytest -p no:cacheprovider -q -s tests/bench

minio: setup ## build a real MinIO server from its Go module, outside the checkout
	@$(BIN)/python -m deploy.minio

# -------------------------------------------------------------------------------------------------------- testing

check: setup ## lint, format, types, import contracts
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

format: setup ## put the code into its form
	@$(BIN)/python -m ruff check --fix-only .
	@$(BIN)/python -m ruff format .

# Three processes on two cores: one of them waits for most of the time.
# Services are started many times: what is compiled once is kept, whatever the environment says.
test: setup ## every landing test, on real servers
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 3 --dist loadscope --no-loadscope-reorder -m "not deep" $(wildcard $(addprefix tests/,$(LEVELS)))

# PART=minio runs the storage tests on a MinIO server built here; any other PART runs the deep tests whose
# names match; without PART all of it.
test-deep: setup ## the long tests; PART=minio or part of a name chooses some
ifneq ($(PART),minio)
	@$(BIN)/python -m pytest -m deep $(if $(PART),-k $(PART)) tests
endif
ifneq ($(filter minio,$(or $(PART),minio)),)
	@$(BIN)/python -m deploy.minio
	@FANGBANG_TEST_STORAGE=minio $(BIN)/python -m pytest tests/integration/test_stack_files.py \
		tests/integration/submission/test_large_evidence.py tests/integration/submission/test_evidence_previews.py
endif
