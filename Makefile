# Each target makes .venv if it is missing, installs what it needs once, and runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NAME := $(word 2,$(MAKECMDGOALS))

.PHONY: install demo test lint bench soak clean
.DEFAULT_GOAL := install

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# The OpenI reports, mined and scored beside the paper's figures.
demo: install
	$(BIN)/chestx demo

test: install
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# "make bench NAME" measures one stage, "make bench" all; results go to bench/results/.
bench: install
	$(BIN)/python -m bench $(NAME)

# The long trials of the tests, whole.
soak: install
	$(BIN)/python -m pytest --soak

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

ifeq (bench,$(firstword $(MAKECMDGOALS)))
$(NAME):
	@:
endif
