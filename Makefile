# make app     open CellDesk in the browser
# make test    everything that must be clean before a commit: lint, types, layers, all tests
# make test-fast, make lint, make bench
# make env-scvi  scvi-tools in an environment of its own, which benchmarks/variational.py compares with
# make env-celltypist  CellTypist in an environment of its own, which the Annotation page and `compare` run
# Each sets itself up in .venv and is quick the second time.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export CELLDESK_TEST_DATA ?= ../shared/data
export OMP_NUM_THREADS ?= 1
export NUMBA_NUM_THREADS ?= 1
# processes that run tests side by side: one more than the machine has processors, since many tests wait; at most 8
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$(( n < 7 ? n + 1 : 8 )))
# BENCH=name runs one script of benchmarks/, else all of them; one that ends with 2 has said what it lacks here
BENCH ?= *

.PHONY: app test test-fast lint bench env-scvi env-celltypist clean

app: $(VENV)/.app
	$(BIN)/python -m core app

test: lint $(VENV)/.system .venv-celltypist/.done
	$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

test-fast: $(VENV)/.dev
	$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow and not browser and not gpu"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright -p pyproject.toml
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	@for script in benchmarks/$(BENCH).py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python "$$script" || [ $$? = 2 ] || exit 1; done

env-scvi: .venv-scvi/.done

# scvi-tools asks for versions that the rest does not take
.venv-scvi/.done: requirements.txt
	"$(PYTHON)" -m venv .venv-scvi
	.venv-scvi/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.txt)"
	.venv-scvi/bin/python -m pip install --quiet --disable-pip-version-check scvi-tools==1.4.2
	@touch $@

env-celltypist: .venv-celltypist/.done

.venv-celltypist/.done: requirements-celltypist.txt
	"$(PYTHON)" -m venv .venv-celltypist
	.venv-celltypist/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-celltypist.txt
	@touch $@

clean:
	rm -rf $(VENV) .venv-scvi .venv-celltypist .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "CellDesk needs Python 3.11 or newer. Got $$("$(PYTHON)" --version 2>&1 || echo none)."; \
	  echo "Install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	@touch $@

# torch first: it is the largest, and what follows must not choose another one
$(VENV)/.app: requirements.txt | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.txt)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-devices.txt requirements-activity.txt $(VENV)/.app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# a browser, SLURM for a cluster of one node, and OpenMP for LightGBM; without them the tests that need them fail and say so
$(VENV)/.system: | $(VENV)/.python
	@wanted=; \
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || [ -x "$${BROWSER_PATH:-}" ] || wanted="chromium fonts-liberation"; \
	PATH="$$PATH:/usr/sbin"; for program in munged slurmctld slurmd sbatch; do \
	  command -v $$program >/dev/null || { wanted="$$wanted slurm-wlm munge"; break; }; done; \
	ldconfig -p 2>/dev/null | grep -q libgomp.so.1 || ! command -v ldconfig >/dev/null || wanted="$$wanted libgomp1"; \
	if [ -z "$$wanted" ]; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted; \
	else echo "Install $$wanted: without them the tests that need them fail."; exit 0; fi && touch $@
