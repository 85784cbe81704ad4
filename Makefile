# Two commands to know: `make demo` and `make test`. Both make .venv from the lock file first.
PYTHON ?= python3
VENV   ?= .venv
DEMO_LANG ?= en
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
READY  := $(VENV)/.ready
FRENCH := bot/locales/fr/LC_MESSAGES/vigie.po

.DEFAULT_GOAL := help
.PHONY: help demo story test check lock bench faults texts clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/: .*## /\t/' | expand -t 12

demo: $(READY)   ## try the bot in the browser, with no token
	@$(BIN)/vigie demo --lang $(DEMO_LANG)

story: $(READY)  ## the three jobs told in the terminal
	@$(BIN)/vigie demo --story --lang $(DEMO_LANG)

test: $(READY)   ## the whole test suite
	@$(BIN)/python -m pytest -n auto $(PYTEST)

check: $(READY)  ## style, types, architecture, dead dependencies, and a build of the wheel
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .
	$(BIN)/python -m hatchling build -t wheel -d dist

bench: $(READY)  ## the figures of docs/benchmarks.md
	@$(BIN)/python -m bench

faults: $(READY) ## 1,000 kills on each database, as docs/reliability.md tells; FAULTS="--kills 50" for less
	@$(BIN)/python -m tests.faults $(FAULTS)

texts: $(READY)  ## take new texts into the French catalogue, and compile it
	$(BIN)/pybabel -q extract -k t -k rich -k later -k plural:1,2 -k rich_plural:1,2 --no-location \
	  --omit-header --sort-output -o $(VENV)/vigie.pot bot adapters storage
	cp $(FRENCH) $(VENV)/fr.po
	$(BIN)/pybabel -q update -N --no-fuzzy-matching --omit-header --ignore-obsolete -l fr \
	  -i $(VENV)/vigie.pot -o $(VENV)/fr.po
	@{ sed '/^$$/q' $(FRENCH); cat $(VENV)/fr.po; } > $(VENV)/whole.po  # our header: babel's is full of blanks to fill in
	@mv $(VENV)/whole.po $(FRENCH)
	$(BIN)/pybabel -q compile -i $(FRENCH) -o $(FRENCH:.po=.mo) -l fr

lock: $(READY)   ## pin every dependency anew
	$(UVX) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --all-extras --group dev pyproject.toml -o requirements.lock

clean:           ## forget what was built
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache

# uv where it is, else one in the environment it fills.
UVX := $(if $(UV),$(UV),$(BIN)/uv)

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -n "$(UV)" || $(BIN)/python -m pip install -q --disable-pip-version-check uv
	@$(UVX) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UVX) pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@
