# Two commands set everything up and show it: make demo, make dev. make test runs the suite.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install demo dev test test-fast systems faults lint types bench bench-excel bench-sync clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## make .venv with the pinned dependencies

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "hrdata_assets needs Python 3.11, 3.12 or 3.13; say which: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: install ## two generated quarters loaded, three fake systems pulled from
	@$(BIN)/hrdata demo

dev: install ## the Dagster UI on localhost, sensors and schedules on
	@$(BIN)/hrdata dev

# As many at a time as there are cores; tests of one file stay together, for they share what is costly to set up.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: install ## the suite, against a real PostgreSQL
	$(BIN)/python -m pytest $(PARALLEL)

test-fast: install ## the suite without the tests that start servers or kill runs
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not faults and not systems"

systems: install ## every system against its fake: what a pull, a push and a declared source keep to
	$(BIN)/python -m pytest $(PARALLEL) -m "systems and not faults"

faults: install ## kill, cut and fill everything everywhere while quarters are loaded: half an hour
	$(BIN)/python -m pytest $(PARALLEL) -m faults

lint: install ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## mypy --strict
	$(BIN)/mypy

bench: install ## speed and memory at 500 and 20,000 people, and of scoring a million rows
	$(BIN)/python -m hrdata_assets_tests.bench

bench-excel: install ## speed and memory of loading workbooks, beside openpyxl, pandas and calamine
	$(BIN)/python -m hrdata_assets_tests.bench_excel

bench-sync: install ## speed of syncing 100,000 candidates, beside the bare transfer of the same pages
	$(BIN)/python -m hrdata_assets_tests.bench_sync

clean: ## stop the embedded database and remove what the platform keeps on disk here
	-@$(BIN)/hrdata db stop
	rm -rf .hrdata
