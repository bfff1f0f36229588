# Each target sets itself up on a fresh machine that has make and Python 3.11 to 3.13 with pip.
# PYTHON=/path/to/python chooses the interpreter; the environment is made anew when it, the lock or pyproject.toml changes.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/ready-$(shell cat pyproject.toml requirements.lock | cksum | tr ' ' '-')$(if $(PYTHON),-$(subst /,_,$(PYTHON)))

# A name on PATH may be a shim that runs nothing, and a system Python may lack venv: only trying tells.
FIND_PYTHON = \
	for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python \
		"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[123]*/bin/python3); do \
		if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; \
		then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "mascript needs Python 3.11, 3.12 or 3.13 with venv and pip; none of$(if $(PYTHON), $(PYTHON), the usual names) is one." >&2; \
		echo "Install one (Debian: apt-get install python3 python3-venv) or say make PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi

.PHONY: demo test test-extras docs lint bench clean

demo: $(STAMP)
	$(BIN)/mascript demo

test: lint
	$(BIN)/pytest -n 2

test-extras: $(STAMP)
	$(BIN)/python tests/extras/run.py

# In the environment of the extra `docs`, which test-extras uses, too.
docs: $(STAMP)
	$(BIN)/python tests/extras/run.py --prepare docs
	.venv-extras/docs/bin/python docs/generate.py
	.venv-extras/docs/bin/python -m zensical build --strict --clean
	@echo "see out/docs/index.html"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/mascript bench targets

# Leaves workspaces and reports alone: they are somebody's results.
clean:
	rm -rf $(VENV) .venv-extras build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find arenas library mascript tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml requirements.lock
	@$(FIND_PYTHON); echo "setting up $(VENV) with $$("$$found" --version); this takes a minute or a few, once"; "$$found" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
