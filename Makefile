# Set-up happens by itself: every target needs .venv/ready, which is made anew when the pinned libraries change.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto
PIP := $(BIN)/pip install --disable-pip-version-check --no-input --progress-bar off --no-deps

.PHONY: forecast serve test soak fuzz check bench pages lock clean

forecast: .venv/ready  ## the main job: users, deadlines and scan-centre load of the NRW plan, into out/
	@$(BIN)/eva forecast --out out

serve: .venv/ready  ## the API and its pages on http://127.0.0.1:8000/ (EVA_HOST, EVA_PORT, EVA_DATABASE_URL)
	@$(BIN)/eva serve

test: .venv/ready  ## style, types and every test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n $(WORKERS)

soak: .venv/ready  ## the long ones: kills under load and at every step of a scan, and every planted fault
	@EVA_KILL_CYCLES=100 $(BIN)/pytest -n $(WORKERS) --timeout 1800 tests/workflow/engine/test_store_faults.py -k kill
	@EVA_KILL_CYCLES=50 $(BIN)/pytest --timeout 3600 tests/api/server/test_under_load.py -k kill
	@EVA_KILL_CYCLES=20 $(BIN)/pytest --timeout 3600 tests/scanning/capture/test_killed_at_any_step.py
	@EVA_SOAK=20 $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/workflow/records/test_record_model.py tests/workflow/routing_slips/test_slip_model.py tests/simulation/scenario/test_spoil_a_scenario.py
	@EVA_ALL_MUTANTS=1 $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/api/replay/test_mutants.py

fuzz: .venv/ready  ## schemathesis with many more examples, and all its phases
	@EVA_FUZZ_EXAMPLES=50 $(BIN)/pytest --timeout 7200 tests/api/server/openapi/test_contract_of_the_api.py

pages: .venv/ready  ## write the reference pages of machines, tables and charts, and who may do what, anew
	@$(BIN)/python -m api.cli.machine_docs docs/machines
	@$(BIN)/python -m api.cli.authorisation docs/reference/authorisation.csv
	@$(BIN)/python -m simulation.report.reference docs/reference/tables.md

check: .venv/ready  ## the shipped scenarios and replay files
	@$(BIN)/eva check scenarios/nrw/plan-2021.yaml
	@$(BIN)/eva replay scenarios/replays --min-coverage 100

bench: .venv/ready  ## every ratio, both sides in one run; writes out/bench.json
	@$(BIN)/python -m benchmarks

lock:  ## pin the libraries anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --extra dev pyproject.toml -o requirements.txt

clean:
	rm -rf .venv out

# One line a step on the terminal; all that pip says goes into .venv/setup.log, and its end is shown where it fails.
.venv/ready: requirements.txt pyproject.toml
	@echo "set-up, once: an environment in .venv" >&2
	@$(PYTHON) -m venv .venv
	@rm -f .venv/libraries
	@echo "set-up, once: about $$(grep -c == requirements.txt) libraries, as pinned in requirements.txt" >&2
	@{ $(PIP) --require-hashes -r requirements.txt 2>&1 && touch .venv/libraries; } | tee .venv/setup.log | \
		awk '/^(Collecting|Processing)/ && ++n % 30 == 0 { print "  " n " fetched"; fflush() } \
			/^Installing/ { print "  installing"; fflush() }' >&2
	@test -f .venv/libraries || { tail -n 6 .venv/setup.log >&2; exit 1; }
	@echo "set-up, once: eva itself" >&2
	@$(PIP) --no-build-isolation -e . >>.venv/setup.log 2>&1 || { tail -n 6 .venv/setup.log >&2; exit 1; }
	@touch $@
