# Tout se fait dans un environnement virtuel local, .venv, que ces cibles préparent elles-mêmes.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format notebooks bench bench-peers clean

.venv/demo.ok: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/dev.ok: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable ".[dev,web,pdf,dask]"
	touch $@ .venv/demo.ok

demo: .venv/demo.ok
	$(BIN)/python scripts/demo.py

test: .venv/dev.ok
	$(BIN)/python -m pytest -q -n 2

check: .venv/dev.ok
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q --doctest-modules cesp_geo

notebooks: .venv/dev.ok
	$(BIN)/python -m pytest -q --nbmake notebooks

format: .venv/dev.ok
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev.ok
	$(BIN)/python scripts/bench/all.py

.venv-peers/ok: scripts/bench/peers.txt pyproject.toml
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --editable . --requirement scripts/bench/peers.txt
	touch $@

bench-peers: .venv-peers/ok
	.venv-peers/bin/python scripts/bench/locate.py

clean:
	rm -rf .venv .venv-peers build dist *.egg-info
