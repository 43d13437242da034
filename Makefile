# make analyses, make test tests; both set up what they need. `make help` lists the rest.
#
# VENV     the virtual environment                                      [.venv]
# PYTHON   the Python 3.11 to make it with                              [the first one found]
# SETUP    no: use the environment in VENV as it is, for example a conda
#          environment: make SETUP=no VENV=$CONDA_PREFIX                [yes]
# RESULTS  the results folder that `make clean` empties                 [results]

VENV ?= .venv
SETUP ?= yes
RESULTS ?= results
PYTHON ?= $(shell for python in python3.11 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)

# What a rule starts by name is found in the environment first.
BIN := $(if $(filter /%,$(VENV)),,$(CURDIR)/)$(VENV)/bin
IN_ENVIRONMENT := PATH="$(BIN):$$PATH"

.PHONY: report setup test lint schema clean help

report: setup ## analyse the study tables: results/report.html and all tables and figures
	$(IN_ENVIRONMENT) snakemake

setup: ## set up the environment in .venv (the others do it when needed)
ifneq ($(SETUP),no)
	@python="$(PYTHON)"; if [ -z "$$python" ]; then \
		echo "genopool needs Python 3.11, and none of python3.11, python3 and python is that." >&2; \
		echo "Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	"$$python" tools/setup_environment.py "$(VENV)"
endif

test: setup ## run the tests
	$(IN_ENVIRONMENT) python -m pytest

lint: setup ## check style, formatting and the workflow
	$(IN_ENVIRONMENT) ruff check .
	$(IN_ENVIRONMENT) ruff format --check .
	$(IN_ENVIRONMENT) snakefmt --check Snakefile workflow/rules
	$(IN_ENVIRONMENT) snakemake --lint

schema: setup ## write workflow/schemas/config.schema.json anew after a change of the keys
	"$(BIN)/python" tools/write_schema.py

clean: ## delete the files that the last run made; others in results/ stay
	@python="$(PYTHON)"; "$${python:-python3}" tools/clean_results.py "$(RESULTS)"

help: ## show this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1	/p' Makefile
