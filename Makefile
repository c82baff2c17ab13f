# Mercado. `make` lists the targets; every one works on a fresh machine that has make and Python 3.11 to 3.13.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# XGBoost's idle threads yield; spinning, they take five times as long when another process wants a core.
export OMP_WAIT_POLICY := PASSIVE

# Without compiled modules every start compiles thousands of files again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The installer itself; the lock pins everything else by hash.
UV_VERSION := 0.13.9
READY := $(VENV)/.ready
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make lock  (inputs sha256 $$($(BIN)/python tests/locks.py))"

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Make .venv with the locked dependencies and the mercado command

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11 to 3.13 is needed; choose one: make PYTHON=/path/to/python3.12 setup"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing: install the package python3-venv"; exit 1; }
	@echo "Installing the locked dependencies into $(VENV) (about 1.2 GB, once)"
	@uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then $(BIN)/python -m pip install --quiet "uv==$(UV_VERSION)"; uv=$(BIN)/uv; fi; \
	"$$uv" pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && \
	"$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: env
env: ## Write .env with fresh random secrets; never overwrites one
	@$(PYTHON) src/mercado/environment.py

.PHONY: local local-down local-status local-destroy
local: setup env ## Start the platform as local processes, with real sources
	@$(BIN)/mercado local up
local-down: setup ## Stop it; data stays
	@$(BIN)/mercado local down
local-status: setup ## State of its processes
	@$(BIN)/mercado local status
local-destroy: setup ## Delete its databases, logs and models (asks)
	@$(BIN)/mercado local destroy

.PHONY: demo demo-down demo-destroy
demo: setup ## The whole platform on simulated sources, run to a served prediction
	@$(BIN)/mercado demo up
demo-down: setup ## Stop the demo; its data stays
	@$(BIN)/mercado demo down
demo-destroy: setup ## Delete everything of the demo (asks)
	@$(BIN)/mercado demo destroy

.PHONY: doctor
doctor: setup ## Health of a running platform, with remedies
	@$(BIN)/mercado doctor

.PHONY: check
check: setup ## Lint, format and types; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.PHONY: test
test: check ## Everything that needs no Docker engine
	@$(BIN)/pytest tests

.PHONY: wheel
wheel: setup ## Build the wheel of src/ into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

.PHONY: lock
lock: setup ## Resolve all dependencies anew into requirements.lock and each image's requirements.txt
	@$(COMPILE) pyproject.toml --group dev --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group airflow --constraint requirements.lock --output-file airflow/requirements.txt
	@$(COMPILE) pyproject.toml --group api --constraint requirements.lock --output-file fastapi_app/requirements.txt
	@$(COMPILE) --group mlflow --constraint requirements.lock --output-file mlflow_custom/requirements.txt
