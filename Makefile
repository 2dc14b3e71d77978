# Set-up happens by itself: every target needs .venv/ready, which is made anew when the pinned libraries change.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto

.PHONY: forecast test soak check bench pages lock clean

forecast: .venv/ready  ## the main job: users, deadlines and scan-centre load of the NRW plan, into out/
	@$(BIN)/eva forecast --out out

test: .venv/ready  ## style, types and every test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n $(WORKERS)

soak: .venv/ready  ## the long ones: a hundred kills under load on each database
	@EVA_KILL_CYCLES=100 $(BIN)/pytest -n $(WORKERS) --timeout 1800 tests/workflow/test_store_faults.py -k kill

pages: .venv/ready  ## write the reference pages of the state machines anew from their tables
	@$(BIN)/python -m scanning.pages docs/machines

check: .venv/ready  ## the shipped scenarios
	@$(BIN)/eva check scenarios/nrw/plan-2021.yaml

bench: .venv/ready  ## every ratio, both sides in one run; writes out/bench.json
	@$(BIN)/python -m benchmarks

lock:  ## pin the libraries anew (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --extra dev pyproject.toml -o requirements.txt

clean:
	rm -rf .venv out

.venv/ready: requirements.txt pyproject.toml
	@echo "setting up .venv (once) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
