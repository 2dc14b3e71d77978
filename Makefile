# Set-up happens by itself: every target needs .venv/ready, which is made anew when the pinned libraries change.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto

.PHONY: forecast test soak fuzz check bench pages lock clean

forecast: .venv/ready  ## the main job: users, deadlines and scan-centre load of the NRW plan, into out/
	@$(BIN)/eva forecast --out out

test: .venv/ready  ## style, types and every test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n $(WORKERS)

soak: .venv/ready  ## the long ones: kills under load and at every step of a scan, and every planted fault
	@EVA_KILL_CYCLES=100 $(BIN)/pytest -n $(WORKERS) --timeout 1800 tests/workflow/engine/test_store_faults.py -k kill
	@EVA_KILL_CYCLES=50 $(BIN)/pytest --timeout 3600 tests/api/server/test_under_load.py -k kill
	@EVA_KILL_CYCLES=20 $(BIN)/pytest --timeout 3600 tests/scanning/capture/test_killed_at_any_step.py
	@EVA_ALL_MUTANTS=1 $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/api/replay/test_mutants.py

fuzz: .venv/ready  ## schemathesis with many more examples, and all its phases
	@EVA_FUZZ_EXAMPLES=50 $(BIN)/pytest --timeout 7200 tests/api/server/openapi/test_contract_of_the_api.py

pages: .venv/ready  ## write the reference pages of machines, tables and charts anew
	@$(BIN)/python -m api.cli.machine_docs docs/machines
	@$(BIN)/python -m simulation.report.reference docs/reference/tables.md

check: .venv/ready  ## the shipped scenarios and replay files
	@$(BIN)/eva check scenarios/nrw/plan-2021.yaml
	@$(BIN)/eva replay scenarios/replays --min-coverage 100

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
