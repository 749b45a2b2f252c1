# Resident. `make` alone explains itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
BABEL := .venv/bin/pybabel
LANGUAGES := fi sv et pl ru

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | column -t -s "$$(printf '\t')"

.venv/installed: requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt .venv/installed
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	touch $@

catalogues: .venv/installed
	@$(BABEL) compile --quiet --directory translations --statistics >/dev/null

words: .venv/installed  ## Collect every string of the portal into the catalogues
	$(BABEL) extract --quiet -F babel.cfg -k _ -k N_ -k ngettext:1,2 -k pgettext:1c,2 -k npgettext:1c,2,3 -c "Translators:" --no-wrap --sort-by-file --omit-header -o translations/messages.pot .
	for language in $(LANGUAGES); do $(BABEL) update --quiet -i translations/messages.pot -d translations -l $$language --no-wrap --no-fuzzy-matching --ignore-obsolete --omit-header; done
	$(MAKE) catalogues
