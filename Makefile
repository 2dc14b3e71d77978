# Set-up happens by itself: every target needs .venv/ready, which is made anew when the pinned libraries change.
# A distribution's Python is built with optimisations; one compiled on the machine, as pyenv does it, is a tenth slower.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; print(sys.executable if sys.version_info >= (3, 11) \
	else "python3")' 2>/dev/null || echo python3)
BIN := .venv/bin
# Two more than there are cores: many tests wait for a server or a disk.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')
# Hundreds of processes of tests load our modules: where nothing of them is kept, each compiles them anew.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/pip install --disable-pip-version-check --no-input --progress-bar off --no-deps

.PHONY: forecast answers serve demo test soak fuzz check bench sizing pages site typescript lock clean

forecast: .venv/ready  ## the main job: users, deadlines and scan-centre load of the NRW plan, into out/
	@$(BIN)/eva forecast --out out

answers: .venv/ready  ## the twelve what-ifs of the plan, one page each, into out/answers
	@for file in scenarios/nrw/what-if/*.yaml; do \
		$(BIN)/eva compare nrw/plan-2021.yaml $$file --out out/answers/$$(basename $$file .yaml) || exit $$?; done

serve: .venv/ready  ## the API and its pages on http://127.0.0.1:8000/ (EVA_HOST, EVA_PORT, EVA_DATABASE_URL)
	@$(BIN)/eva serve

demo: .venv/ready  ## an authority at work to look around in, in eva-demo/; opens the browser, logged in
	@$(BIN)/eva demo

test: .venv/ready  ## style, types and every test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@# Beside the types, the tests are compiled: once, and not by each of their processes.
	@$(BIN)/pytest --collect-only -qq >.venv/collected 2>&1 & collected=$$!; $(BIN)/mypy; types=$$?; \
		wait $$collected || { cat .venv/collected; exit 1; }; exit $$types
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

soak: .venv/ready  ## the long ones: an hour under load and disturbed (EVA_SOAK_MINUTES), kills at every step, every planted fault
	@EVA_KILL_CYCLES=100 $(BIN)/pytest -n $(WORKERS) --timeout 1800 tests/workflow/engine/test_store_faults.py -k kill
	@EVA_KILL_CYCLES=50 $(BIN)/pytest --timeout 3600 tests/api/server/test_under_load.py
	@EVA_KILL_CYCLES=20 $(BIN)/pytest --timeout 3600 tests/scanning/capture/test_killed_at_any_step.py
	@EVA_ITEMS=1000 $(BIN)/pytest --timeout 3600 tests/scanning/capture/test_items_through_kills.py
	@EVA_SOAK=20 $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/workflow/records/test_record_model.py tests/workflow/routing_slips/test_slip_model.py tests/simulation/scenario/test_spoil_a_scenario.py tests/workflow/engine/test_engine_model.py tests/scanning/batches/test_scan_model.py tests/api/replay/test_same_result.py tests/api/application/test_who_may_read_what.py tests/api/server/auth/test_every_read.py
	@EVA_SOAK_MINUTES=$${EVA_SOAK_MINUTES:-60} $(BIN)/python -m tests.soak
	@EVA_ALL_MUTANTS=1 $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/api/replay/test_shipped_files_notice.py -k planted
	@EVA_SOAK=1 $(BIN)/pytest -n $(WORKERS) --timeout 3600 tests/scanning/pdfa/test_corpus.py
	@EVA_SOAK=1 $(BIN)/pytest --timeout 3600 tests/simulation/test_cluster.py

fuzz: .venv/ready  ## schemathesis with many more examples, and all its phases
	@EVA_FUZZ_EXAMPLES=50 $(BIN)/pytest --timeout 7200 tests/api/server/openapi/test_contract_of_the_api.py

pages: .venv/ready  ## write the reference pages of machines, tables and charts, who may do what, and the description of the API anew
	@$(BIN)/python -m api.cli.machine_docs docs/machines
	@$(BIN)/python -m api.cli.authorisation docs/reference/authorisation.csv
	@$(BIN)/python -m api.cli.measure_docs docs/reference/measures.md
	@$(BIN)/python -m simulation.report.reference docs/reference/tables.md
	@$(BIN)/python -m api.cli.systems.page docs/reference/systems.md
	@$(BIN)/eva schema openapi > docs/reference/openapi.json

site: .venv/ready  ## the documentation as pages to read in a browser, into out/site; a broken link ends it
	@$(BIN)/mkdocs build --quiet --strict

check: .venv/ready  ## the shipped scenarios and replay files
	@$(BIN)/eva check scenarios/nrw/plan-2021.yaml
	@$(BIN)/eva replay scenarios/replays --min-coverage 100

bench: .venv/ready  ## every ratio, both sides in one run; writes out/bench.json
	@$(BIN)/python -m benchmarks

sizing: .venv/ready  ## how many seats one server carries, by eva drive; about ten minutes, writes docs/reference/sizing.md
	@$(BIN)/python -m benchmarks.sizing

typescript: .venv/ready  ## what the test of the TypeScript client needs (needs Node.js and npm)
	@mkdir -p .venv/typescript && cp tests/api/server/openapi/typescript/package*.json .venv/typescript/
	@npm ci --prefix .venv/typescript --no-audit --no-fund --loglevel error >/dev/null

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
	@echo "set-up, once: eva itself, and a small forecast, which compiles what computes" >&2
	@{ $(PIP) --no-build-isolation -e . && $(BIN)/eva forecast tests/simulation/scenario/small/small.yaml --no-cache \
		--replications 2 --out .venv/first; } >>.venv/setup.log 2>&1 || { tail -n 6 .venv/setup.log >&2; exit 1; }
	@touch $@
