# `make run` starts the whole platform on this machine; Python 3.11 or newer is all it needs.
# `make run ARGS="--port 0"` hands options on.

PYTHON := .venv/bin/python
UV ?= uv
ARGS ?=

# A process starts twice as fast from .pyc files, and we start many.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint bench bench-ratings bench-check venv requirements clean

run: venv
	@exec .venv/bin/aftersales up $(ARGS)

test: .venv/dev.installed
	$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/dev.installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/deptry .
	.venv/bin/hadolint Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

bench: .venv/dev.installed
	$(PYTHON) -m bench $(ARGS)

bench-ratings: .venv/dev.installed
	$(PYTHON) -m bench.ratings

bench-check: .venv/dev.installed
	$(PYTHON) -m bench.check $(ARGS)

venv: .venv/run.installed

.venv/run.installed: requirements.txt pyproject.toml | .venv/bin/pip
	$(call install,requirements.txt)
	@touch $@

# Holds what the platform runs on too, so that `make run` finds nothing left to install.
.venv/dev.installed: requirements-dev.txt pyproject.toml | .venv/bin/pip
	$(call install,requirements-dev.txt)
	@touch .venv/run.installed $@

define install
@echo "Installing $(1), a minute the first time"
@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

.venv/bin/pip:
	@for python in python3.13 python3.12 python3.11 python3; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        exec $$python -m venv .venv; \
	    fi; \
	done; \
	echo "aftersales needs Python 3.11 or newer, and none is on PATH" >&2; exit 1

# Resolves again, for every platform, keeping pins that still fit; ARGS=--upgrade moves them all.
requirements:
	$(call resolve,-o requirements.txt)
	$(call resolve,--extra carriers --constraints requirements.txt -o requirements-carriers.txt)
	$(call resolve,--extra advice --constraints requirements-carriers.txt -o requirements-advice.txt)
	$(call resolve,--extra dev --extra carriers --extra advice \
	    --constraints requirements-advice.txt -o requirements-dev.txt)

define resolve
$(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --generate-hashes --no-header $(ARGS) $(1)
endef

clean:
	rm -rf .venv *.egg-info build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
