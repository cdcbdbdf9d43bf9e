# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
TORCH := torch==2.13.0

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo serve test test-all soak lint format bench clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: pyproject.toml constraints.txt no-deps.txt
	@$(PYTHON) -c 'import sys; sys.exit("OmniGov needs Python 3.11; this is " + sys.version.split()[0] + ". Say which: make PYTHON=/path/to/python3.11 …") if sys.version_info[:2] != (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt pip
	@echo "Installing torch first: the other packages take the build that is there."
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(TORCH)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	$(BIN)/python -m pip install --quiet --no-deps --requirement no-deps.txt
	$(BIN)/python -m workers.weights.torchaudio_cpu
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

setup: $(VENV)/.ready ## install, and fetch and check the model files
	$(BIN)/omnigov models fetch

setup-dev: setup $(VENV)/.ready-dev ## the same, with what tests need

demo: setup ## the whole product once, on what is in samples/
	$(BIN)/omnigov demo

serve: setup ## the web server and a worker, on port 8000
	$(BIN)/omnigov serve

lint: $(VENV)/.ready-dev ## format, style, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready-dev ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup-dev ## the tests, without the long ones
	$(BIN)/pytest -m "not long" -n 2 --dist loadfile

test-all: test ## the same, and the long ones; they measure the model on the pictures it was held back from
	$(BIN)/omnigov data fetch tuxpaint-stamps-default
	$(BIN)/pytest -m long

soak: setup-dev ## an hour of work with five faults a minute (MINUTES=60)
	$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),60)

bench: setup-dev ## every benchmark, as JSON under var/bench
	$(BIN)/omnigov bench all

clean: ## remove what was installed; var/ with its data stays
	rm -rf $(VENV)
