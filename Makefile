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
	@$(PYTHON) src/mercado/environment.py write

.PHONY: local local-down local-status local-destroy
local: setup env ## Start the platform as local processes, with real sources
	@$(BIN)/mercado local up
local-down: setup ## Stop it; data stays
	@$(BIN)/mercado local down
local-status: setup ## State and memory of its processes
	@$(BIN)/mercado local status
local-destroy: setup ## Delete its databases, logs and models (asks)
	@$(BIN)/mercado local destroy

# --- Docker Compose: no .venv needed; DEV=1 runs the code of the checkout instead of the images' ---
# SCALE=3: that many workers run Airflow's tasks (CeleryExecutor), 0: the scheduler does; API_REPLICAS=3: APIs behind a
# proxy. Not said: what .env says. Where a service may run from before, EVERYTHING names it.
in_env = $(shell sed -n 's/^$(1)=//p' .env 2>/dev/null)
SCALE = $(call in_env,MERCADO_CELERY_WORKERS)
API_REPLICAS = $(call in_env,MERCADO_API_REPLICAS)
CELERY = -f docker-compose.celery.yml --profile celery
COMPOSE = docker compose -f docker-compose.yml $(if $(filter-out 0,$(SCALE)),$(CELERY)) $(if $(DEV),-f docker-compose.dev.yml)
EVERYTHING = docker compose -f docker-compose.yml $(if $(call in_env,REDIS_PASSWORD),$(CELERY)) --profile proxy
PROXY = $(filter-out 1,$(API_REPLICAS))
# Each replica has any free port, and takes the word of the proxy, whose address is of Docker's networks, on its clients.
BEHIND_PROXY = API_REPLICA_PORTS=0 MERCADO_API_TRUSTED_PROXIES=172.16.0.0/12,192.168.0.0/16

.PHONY: engine
engine:
	@docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1 || \
		{ echo "No Docker engine with Compose v2 answers. Start one, or run the platform without: make local"; exit 1; }

.PHONY: up down destroy logs ps
up: export MERCADO_CELERY_WORKERS = $(SCALE)
up: export MERCADO_API_REPLICAS = $(API_REPLICAS)
up: engine env ## Build and start the platform on Docker Compose, with real sources; SCALE=3: with workers
	@$(PYTHON) src/mercado/environment.py check
	@test "$$(id -u)" != 0 || chmod g+rwx data/*
	@$(if $(PROXY),,$(EVERYTHING) rm --stop --force proxy)
	@$(if $(PROXY),$(BEHIND_PROXY)) $(COMPOSE) $(if $(PROXY),--profile proxy) up --detach --build --remove-orphans --wait --wait-timeout 600 || \
		{ echo "Not everything is healthy: make ps, make logs. A port that is taken is changed in .env."; exit 1; }
	@$(PYTHON) src/mercado/environment.py addresses
down: engine ## Stop and remove its containers; volumes and data/ stay
	@$(EVERYTHING) down
destroy: engine ## Delete its containers and volumes (asks); data/ stays
	@printf 'Delete the databases, logs and models of the Docker platform? [y/N] '; read -r answer; \
		[ "$$answer" = y ] || { echo "Nothing was deleted."; exit 1; }
	@$(EVERYTHING) down --volumes --remove-orphans
logs: engine ## Follow its logs; of one service: make logs SERVICE=api
	@$(EVERYTHING) logs --follow --tail 100 $(SERVICE)
ps: engine ## State of its containers
	@$(EVERYTHING) ps --all

.PHONY: demo demo-tour demo-down demo-status demo-destroy
DEMO_OPTIONS = $(if $(RUNTIME),--runtime $(RUNTIME))
DEMO_SCALE = $(if $(filter command,$(origin SCALE)),--workers $(SCALE)) $(if $(filter command,$(origin API_REPLICAS)),--api-replicas $(API_REPLICAS))
demo: setup ## The whole platform on simulated sources, run to a served prediction; RUNTIME=docker: in containers
	@$(BIN)/mercado demo up $(DEMO_OPTIONS) $(DEMO_SCALE)
demo-tour: setup ## The five things worth seeing in the demo that runs
	@$(BIN)/mercado demo tour $(DEMO_OPTIONS)
demo-down: setup ## Stop the demo; its data stays
	@$(BIN)/mercado demo down $(DEMO_OPTIONS)
demo-status: setup ## State and memory of its processes
	@$(BIN)/mercado demo status $(DEMO_OPTIONS)
demo-destroy: setup ## Delete everything of the demo (asks)
	@$(BIN)/mercado demo destroy $(DEMO_OPTIONS)

.PHONY: backup restore
backup: setup ## Back up the platform that runs; RUNTIME=docker: the one in containers
	@$(BIN)/mercado backup $(DEMO_OPTIONS)
restore: setup ## Put a backup in place of what a stopped platform holds (asks): make restore BACKUP=data/backups/…
	@test -n "$(BACKUP)" || { echo "Which? make restore BACKUP=data/backups/mercado-…"; exit 1; }
	@$(BIN)/mercado restore "$(BACKUP)" $(DEMO_OPTIONS)

.PHONY: doctor
doctor: setup ## Health of a running platform, with remedies
	@$(BIN)/mercado doctor

.PHONY: check
check: setup ## Lint, format and types; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/hadolint airflow/Dockerfile fastapi_app/Dockerfile fastapi_app/proxy/Dockerfile mlflow_custom/Dockerfile tests/simulators/Dockerfile

# Three parts at once, about equally long; each has servers of its own, and waits for some of them most of the time.
.PHONY: test
test: check ## Everything that needs no Docker engine, no browser and no whole platform
	@logs=$$(mktemp -d); trap 'rm -rf "$$logs"; kill "$$first" "$$second" 2>/dev/null || true' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/pytest tests/unit tests/api tests/dags >"$$logs/first" 2>&1 & first=$$!; \
	$(BIN)/pytest tests/integration/test_[a-l]*.py >"$$logs/second" 2>&1 & second=$$!; \
	$(BIN)/pytest tests/integration/test_[m-z]*.py; status=$$?; \
	wait $$first || status=1; wait $$second || status=1; cat "$$logs/first" "$$logs/second"; exit $$status

.PHONY: test-e2e
test-e2e: setup ## The whole platform as local processes: a demo, its backup restored, faults planted for the doctor
	@$(BIN)/pytest tests/e2e

.PHONY: test-browser
test-browser: setup ## The page and the consoles in a headless Chromium, from an empty platform on; DEMO=folder: a demo that runs
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/pytest tests/browser $(if $(DEMO),--demo $(DEMO))

.PHONY: test-docs
test-docs: setup ## Every command of the documentation, typed in a fresh clone of the last commit; the guide, followed
	@$(BIN)/pytest tests/documentation

.PHONY: test-docker
test-docker: setup engine ## The platform on a Docker engine: build, demo, restart on the same volumes
	@$(BIN)/pytest tests/docker

.PHONY: test-celery
test-celery: setup engine ## The same with workers: one killed, one elsewhere; and three APIs behind the proxy
	@$(BIN)/pytest tests/celery

.PHONY: test-faults
test-faults: setup engine ## Faults: the API's alone, then the platform's in containers (over an hour; an interrupted run goes on)
	@$(BIN)/pytest tests/faults
	@$(BIN)/python -m tests.reliability

.PHONY: bench
bench: setup ## Run the benchmarks and record their figures under docs/; one of them: make bench BENCH=sipsa
	@$(BIN)/python -m tests.benchmarks $(BENCH)

.PHONY: docs readme
docs: readme ## Write the generated pages anew: the READMEs' table of DAGs, docs/data-dictionary.md, docs/api.md
	@$(BIN)/python -m tests.documentation
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
