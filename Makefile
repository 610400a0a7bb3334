# Everything runs from .venv, which the first target that needs it makes: Python 3.11 or newer, make and git suffice.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help setup demo test check pages lock format clean
.DELETE_ON_ERROR:

help: ## Say what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

# Where a shell forbids Python to write bytecode, each process would compile everything anew, for 1.5 s.
setup: .venv/.installed node_modules/.installed .venv/.jars ## Leave .venv/bin/hubs, the pages' styles and Kafka's jars
	@$(BIN)/python -m compileall -q services shared deploy

demo: setup ## Play a school year on real parts and prove it; ARGS="--json --seed 7" passes on
	@$(BIN)/hubs demo $(ARGS)

test: setup ## Run every test, on real Kafka and Postgres; ARGS="-k register" passes on
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.installed node_modules/.installed ## Format, lint, types, layers, schemas, SQL, links: no Kafka needed
	@$(BIN)/ruff format --check --quiet services shared deploy tests
	@$(BIN)/ruff check --quiet services shared deploy tests
	@$(BIN)/mypy --no-error-summary services shared deploy tests
	@said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/pytest tests/house --no-header -q

pages: setup ## Look at each page at two widths in Debian's chromium, and run axe on it
	@$(BIN)/python -m hubs.lookbook $(ARGS)

lock: .venv/.installed ## Write both locks anew: requirements.lock, and that of Kafka's jars
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev --upgrade \
	    pyproject.toml -o requirements.lock
	@$(BIN)/python -m hubs.parts.jars lock

format: .venv/.installed ## Format the code and mend what can be mended
	@$(BIN)/ruff format --quiet services shared deploy tests
	@$(BIN)/ruff check --fix --quiet services shared deploy tests

clean: ## Remove what was made here; the user's cache of Kafka's jars stays
	@if [ -e .venv/.installed ]; then $(BIN)/python -m hubs.clearing .hubs .hubs-demo; \
	elif [ -e .hubs ] || [ -e .hubs-demo ]; then \
	    echo "Homes stay, since what removes them stands in .venv: run make setup clean" >&2; fi
	rm -rf .venv node_modules build

$(BIN)/uv: deploy/bootstrap/requirements.lock
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	    echo "Python's venv module is needed too. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.installed: $(BIN)/uv requirements.lock pyproject.toml
	@echo "Installing what requirements.lock pins"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.installed: .venv/.installed package.json package-lock.json
	@echo "Fetching the pages' styles"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

.venv/.jars: .venv/.installed deploy/kafka/jgo.lock.toml
	@$(BIN)/python -m hubs.parts.training
	@touch $@
