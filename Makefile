# Mercado. `make` lists the targets; every one works on a fresh machine that has make and Python 3.11 to 3.13.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# XGBoost's idle threads yield; spinning, they take five times as long when another process wants a core.
export OMP_WAIT_POLICY := PASSIVE

# This machine's own addresses are reached without a proxy, whatever else goes through one.
comma := ,
export NO_PROXY := $(if $(NO_PROXY),$(NO_PROXY)$(comma))127.0.0.1,localhost
export no_proxy := $(NO_PROXY)

# Without compiled modules every start compiles thousands of files again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The installer itself; the lock pins everything else by hash.
UV_VERSION := 0.13.9
READY := $(VENV)/.ready
COMPILE = $(BIN)/uv pip compile $(if $(UPGRADE),--upgrade) --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make lock  (inputs sha256 $$($(BIN)/python tests/locks.py))"

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Make .venv with the locked dependencies and the mercado command

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11 to 3.13 is needed; choose one: make PYTHON=/path/to/python3.12 setup"; exit 1; }
	@test -x $(BIN)/python || \
		if command -v uv >/dev/null; then uv venv --quiet --python $(PYTHON) $(VENV); \
		elif $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
		else echo "Python's venv module is missing: install the package python3-venv"; false; fi || \
		{ rm -rf $(VENV); exit 1; }
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
local-status: setup ## State and memory of its processes
	@$(BIN)/mercado local status
local-destroy: setup ## Delete its databases, logs and models (asks)
	@$(BIN)/mercado local destroy

.PHONY: demo demo-down demo-status demo-destroy
demo: setup ## The whole platform on simulated sources, run to a served prediction
	@$(BIN)/mercado demo up
demo-down: setup ## Stop the demo; its data stays
	@$(BIN)/mercado demo down
demo-status: setup ## State and memory of its processes
	@$(BIN)/mercado demo status
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

.PHONY: readme
readme: setup ## Write the READMEs' table of DAGs anew from the DAGs
	@$(BIN)/python -m tests.dags.dag_table

.PHONY: wheel
wheel: setup ## Build the wheel of src/ into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

.PHONY: lock
lock: setup ## Resolve the dependencies into requirements.lock and each image's requirements.txt; UPGRADE=1: the newest
	@$(COMPILE) pyproject.toml --group dev --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group airflow --constraint requirements.lock --output-file airflow/requirements.txt
	@$(COMPILE) pyproject.toml --group api --constraint requirements.lock --output-file fastapi_app/requirements.txt
	@$(COMPILE) --group mlflow --constraint requirements.lock --output-file mlflow_custom/requirements.txt
	@$(COMPILE) --group wheel --constraint requirements.lock --output-file wheel-requirements.txt
