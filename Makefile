# Everything starts from Python >= 3.11 and make; the environment is made once and reused.
PYTHON ?= python3
BIN := .venv/bin
# One thread per process: on few cores that are busy otherwise, two threads wait for each other most of the time.
ONE_THREAD := OMP_NUM_THREADS=1

.PHONY: demo test test-slow test-faults lint types format docs speed claims cost health clean

demo: .venv/done
	$(ONE_THREAD) $(BIN)/gan-lightning fit --config experiments/quickstart.yaml
	$(BIN)/gan-lightning report runs/quickstart

test: lint types .venv/done
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not faults"

test-slow: .venv/done
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile -m slow

# Kills, stops and starves runs, and prints at the end how often.
test-faults: .venv/done
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile tests/faults

lint: .venv/done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/done
	$(BIN)/mypy

format: .venv/done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Into build/docs; the pages of docs/api are written anew, and any warning ends it.
docs: .venv/done
	$(BIN)/python docs/api_pages.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

speed: .venv/done
	$(ONE_THREAD) $(BIN)/python experiments/speed/step_time.py

claims: .venv/done
	$(ONE_THREAD) $(BIN)/python experiments/claims/run.py

cost: .venv/done
	$(ONE_THREAD) $(BIN)/python experiments/claims/cost.py

# About an hour on one core; finished runs are kept. MNIST=FOLDER holds mnist/MNIST/raw; without it those runs are left out.
health: .venv/done
	$(ONE_THREAD) $(BIN)/python experiments/health/score.py --half held_out --workers 1 $(if $(MNIST),--data $(MNIST))

.venv/done: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gan_lightning needs Python >= 3.11, this is " + sys.version)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv runs build
