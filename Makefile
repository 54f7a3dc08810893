# Mingbai. `make help` lists the tasks. Everything a task needs it installs first.
SHELL := /bin/bash
PYTHON ?= python3
PORTAL_DATA ?= var
HOST ?= $(or $(PORTAL_HOST),127.0.0.1)
PORT ?= $(or $(PORTAL_PORT),8000)
BIN := .venv/bin
# No more than there are processors: twice as many took nearly twice as long, each with a browser and a server of its own.
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
PO := $(wildcard portal/translations/*/LC_MESSAGES/messages.po)
MO := $(PO:.po=.mo)

# Where compiled modules may not be kept, every process of a test run compiles the portal and its tests anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run test check pytest bench catalogues pins screenshots pictures clean tools browser pdf

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/installed $(MO) ## make .venv with what the portal needs to run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=… names another one)."; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { echo "Python cannot make virtual environments here. On Debian and Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 1; }

.venv/installed: requirements/run.txt | .venv/bin/python
	@echo "Installing what the portal needs …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

.venv/installed-test: requirements/test.txt .venv/installed
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

%.mo: %.po .venv/installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))

run: install ## serve the portal with its starter library on http://127.0.0.1:8000 (HOST, PORT and PORTAL_* are honoured)
	@PORTAL_DATA="$(PORTAL_DATA)" PORTAL_HOST="$(HOST)" PORTAL_PORT="$(PORT)" $(BIN)/python -m flask --app wsgi serve --prepare content

browser:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || { echo "Installing Chromium …"; \
	bash tests/need.sh chromium-headless-shell chromium-headless-shell fonts-noto-cjk >/dev/null 2>&1 || bash tests/need.sh chromium chromium fonts-noto-cjk; }

PDF_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk
pdf: .venv/installed
	@$(BIN)/python -c 'import weasyprint' 2>/dev/null || bash tests/need.sh pango-is-a-library $(PDF_PACKAGES) >/dev/null 2>&1; \
	$(BIN)/python -c 'import weasyprint' 2>/dev/null || echo "SKIPPED: the tests of PDFs. Pango is not installed (apt-get install $(PDF_PACKAGES))."

tools: tools/node_modules/.package-lock.json
tools/node_modules/.package-lock.json: tools/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tools --silent --no-audit --no-fund; else echo "SKIPPED: npm is not installed; the Nu HTML checker does not run."; mkdir -p tools/node_modules; fi; touch $@

check: .venv/installed-test $(MO) ## lint, types, contracts, templates, security
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/bandit --quiet --recursive --severity-level medium portal

test: check browser tools pdf ## everything: check, then all tests on SQLite and on PostgreSQL, browser included
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
	bash tests/postgres.sh $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not browser"

bench: .venv/installed-test $(MO) ## measure speed and search quality against peers, as ratios
	$(BIN)/python -m bench

catalogues: .venv/installed ## bring portal/translations up to date with the sources
	PYTHONPATH=. $(BIN)/python portal/translations/update.py

screenshots: .venv/installed-test $(MO) browser ## draw docs/screenshots anew
	$(BIN)/python -m tests.journeys.screenshots

pictures: .venv/installed-test browser ## draw the pictures of the starter library (content/media) anew
	$(BIN)/python -m tools.pictures

pins: ## compile requirements/*.in to hashed requirements/*.txt (needs uv)
	for name in run test; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/$$name.in -o requirements/$$name.txt; done

clean: ## remove what can be made again (not var/)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache tools/node_modules
	find . -name '*.mo' -path '*/translations/*' -delete
