# Each target makes .venv if it is missing, installs what it needs once, and runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# scispaCy holds numpy below 2 and so has an environment of its own, up to Python 3.12.
UMLS := .venv-umls
HAS_UMLS := $(shell $(PYTHON) -c "import sys; print('yes' * (sys.version_info < (3, 13)))")
# Tests with torch are a run of their own: where it is loaded, workers cannot be forked.
WITH_TORCH := $(shell grep -lE "^(from chestx\.model|import torch|from torch)" tests/test_*.py)
TESTS := test-rest test-torch $(if $(HAS_UMLS),test-umls)
NAME := $(word 2,$(MAKECMDGOALS))

.PHONY: install install-umls demo test test-rest test-torch test-umls lint docs bench soak clean
.DEFAULT_GOAL := install

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[onnx,docs,dev]'
	touch $@

install-umls: $(UMLS)/.installed

# The dry run proves that the package with its extra resolves by itself.
$(UMLS)/.installed: pyproject.toml
	$(PYTHON) -m venv $(UMLS)
	$(UMLS)/bin/python -m pip install --quiet --upgrade pip
	$(UMLS)/bin/python -m pip install --quiet --dry-run --ignore-installed '.[umls]'
	$(UMLS)/bin/python -m pip install --quiet --editable '.[umls]' pytest hypothesis
	touch $@

# A made-up hospital from its files to a model and a gallery, and OpenI's reports.
demo: install
	$(BIN)/chestx demo

# Two runs at a time: each is of one process at most times.
test: install $(if $(HAS_UMLS),install-umls)
	$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=2 $(TESTS)

test-rest:
	$(BIN)/python -m pytest $(addprefix --ignore=,$(WITH_TORCH))

test-torch:
	$(BIN)/python -m pytest $(WITH_TORCH)

test-umls:
	$(UMLS)/bin/python -m pytest tests/test_umls.py

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The pages of docs/, in build/docs/; a warning is an error.
docs: install
	$(BIN)/python -m sphinx -E -W --keep-going -q -d build/doctrees docs build/docs

# "make bench NAME" measures one stage, "make bench" all; results go to bench/results/.
bench: install
	$(BIN)/python -m bench $(NAME)

# The long trials of the tests, whole.
soak: install
	$(BIN)/python -m pytest --soak

clean:
	rm -rf $(VENV) $(UMLS) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

ifeq (bench,$(firstword $(MAKECMDGOALS)))
$(NAME):
	@:
endif
