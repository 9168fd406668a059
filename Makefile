# Everything here makes what it needs; two commands do all set-up on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
TORCH ?= cpu
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RELEASE := .venv-release
UNCONFINED := $(if $(filter Linux,$(shell uname)),$(BIN)/python tools/unconfined.py)

# Tests start hundreds of processes, each of which would compile the tool anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test coverage test-integration test-slow test-light test-unconfined lint fuzz bench wheel licences docs docs-serve clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	# torch first: resolved together with the rest it may become a build for GPUs, of several gigabytes.
	$(BIN)/python -I grader/installing.py --only-torch --exactly --torch $(TORCH)
	@echo "Installing the other libraries: about 250 MB to download and 600 MB on the disk. This takes some minutes."
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# What builds, checks and describes a version to be published.
$(RELEASE)/.ready: constraints.txt
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --constraint constraints.txt build cyclonedx-bom pip-licenses twine
	touch $@

demo: $(READY)
	$(BIN)/python tests/demo.py

test: $(READY)
	$(BIN)/python -m pytest -m "not slow and not thorough" --numprocesses 2 --dist loadfile

# Fails below the share of lines and branches that pyproject.toml names; build/coverage/index.html shows the others.
coverage: $(READY)
	mkdir -p build/coverage
	$(BIN)/python -m pytest -m "not slow and not thorough" --numprocesses 2 --dist loadfile --quiet \
		--cov --cov-report term --cov-report html:build/coverage

test-integration: $(READY)
	$(BIN)/python -m pytest tests -m "thorough and not slow" --numprocesses 2 --dist loadfile

# What needs no PyTorch, which is not even installed: for a Python that PyTorch has no small build for, say, by
# `make test-light PYTHON=python3.13`.
test-light:
	$(PYTHON) tools/with_versions.py pinned --light --venv $(VENV)-light-$(notdir $(PYTHON)) -- \
		--without-torch --numprocesses 2 --dist loadfile

# The path of Macs and older kernels. A Mac cannot confine anything; on Linux, a namespace is made that cannot either.
test-unconfined: $(READY)
	$(UNCONFINED) $(BIN)/python -m pytest --unconfined -m "not slow" --numprocesses 2 --dist loadfile

test-slow: $(READY)
	$(BIN)/python -m pytest tests -m slow

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Older wheels go: commands say `dist/diffusion_grader-*.whl`.
wheel: $(READY)
	rm -f dist/diffusion_grader-*
	$(BIN)/python -m build --quiet --outdir dist .

# Without the advertisement that Material for MkDocs prints at each build.
docs docs-serve: export NO_MKDOCS_2_WARNING := 1

docs: $(READY)
	$(BIN)/python -m mkdocs build --strict

docs-serve: $(READY)
	$(BIN)/python -m mkdocs serve --strict --dev-addr 127.0.0.1:8000

licences: $(READY) $(RELEASE)/.ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tools.licences --pip-licenses $(RELEASE)/bin/pip-licenses

# Look for bytes that break what reads them, led by coverage: SECONDS for each of TARGETS (tests/fuzz/targets.py).
SECONDS ?= 60
TARGETS ?= answers trees submissions python notebooks archives texts rubrics
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	for target in $(TARGETS); do \
		$(BIN)/python tests/fuzz/fuzz.py $$target -max_total_time=$(SECONDS) || exit 1; \
	done

bench: $(READY)
	$(BIN)/python tests/bench.py
	$(BIN)/python tests/bench_desk.py

clean:
	rm -rf $(VENV) $(VENV)-* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
