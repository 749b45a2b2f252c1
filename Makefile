# Resident. `make` alone explains itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
BABEL := .venv/bin/pybabel
LANGUAGES := fi sv et pl ru

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | column -t -s "$$(printf '\t')"

.venv/installed: requirements.txt
	@deploy/python-ready
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt .venv/installed
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	touch $@

# The acceptance provider of the tests of strong identification: Node 20 or newer. Without Node those tests say so.
tests/provider/node_modules/installed: tests/provider/package-lock.json
	@if command -v npm >/dev/null; then cd tests/provider && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/installed; \
	  else echo "npm is missing: strong identification is not tried. On Debian or Ubuntu: apt-get install nodejs npm"; fi

words: .venv/installed-dev  ## Collect every string of the portal into the catalogues
	@$(BABEL) --quiet extract -F babel.cfg -k _ -k N_ -k ngettext:1,2 -k pgettext:1c,2 -k npgettext:1c,2,3 -k Np_:1c,2 \
	  -c "Translators:" --no-wrap --sort-by-file --omit-header -o translations/messages.pot .
	@for language in $(LANGUAGES); do $(BABEL) --quiet update -i translations/messages.pot -d translations -l $$language \
	  --no-wrap --no-fuzzy-matching --ignore-obsolete; done
	@$(MAKE) --no-print-directory catalogues

catalogues: .venv/installed
	@$(BABEL) --quiet compile --directory translations

install: .venv/installed catalogues  ## The environment and the catalogues, for an installation of your own

run: .venv/installed catalogues  ## Set everything up and serve on http://127.0.0.1:8000, with the worker beside it
	@.venv/bin/flask migrate
	@.venv/bin/flask demo --if-empty
	@trap 'kill $$(jobs -p) 2>/dev/null; wait' EXIT; trap 'exit 0' INT TERM; .venv/bin/flask worker & .venv/bin/flask serve & wait -n

check: .venv/installed-dev  ## Linters: style of the code, and that nothing is left unformatted
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

test: .venv/installed-dev catalogues check tests/provider/node_modules/installed  ## Set everything up and run the whole suite, on SQLite and PostgreSQL
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: .venv/installed-dev catalogues  ## Measure the bars; some of them: make bench WHAT="speed wire"
	$(PY) -m bench $(WHAT)

mutation: .venv/installed-dev catalogues  ## Change the rules of metering and money in small ways and see whether a test notices (an hour and more)
	$(PY) -m bench mutation

lock: .venv/installed-dev  ## Write requirements*.txt anew from requirements*.in, with hashes
	.venv/bin/pip install --quiet uv
	.venv/bin/uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt
	.venv/bin/uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt

.PHONY: help install catalogues words run check test bench mutation lock
