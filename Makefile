# Batal. `make` lists what there is; every target makes its own virtual environment first.
PYTHON ?= python3
PORT ?= 8000
T ?=
B ?= tests/browser
STAGE ?= dev
PROVIDER ?= midtrans
EXPECTED ?= expected.jsonl
# Where a running Batal is: a sandbox on PORT unless said. Expanded here, since it is handed on below as it was typed.
ifeq ($(origin URL),undefined)
URL := http://127.0.0.1:$(PORT)
endif
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# On all cores, each with a stretch of the files to itself, so that what a file makes for all its tests is made once.
PYTEST := $(BIN)/pytest -n auto --dist worksteal
# What needs more than Python: each has a target of its own.
OUTSIDE := --ignore=tests/browser --ignore=tests/clients --ignore=tests/site --ignore=tests/verify --ignore=tests/model/test_spin.py

# Where bytecode is not kept, as containers like to have it, every process compiles all libraries anew: a third of the
# tests' start. It lies in $(VENV) and in ignored folders.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run example history lint check test browser chromium planted clients node docs fuzz model proofs proofs-ci proofs-long bench odds package deploy switch destroy verify-deploy cost reconcile format conformance whole simulate clean smoke claims cdk

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: $(READY)  ## serve everything on this machine at http://127.0.0.1:8000 (PORT= for another port, HISTORY=yes for a year of history)
	@PORT=$(PORT) HISTORY=$(if $(filter $(AFFIRMED),$(HISTORY)),1) exec $(BIN)/python -m infra.sandbox

example: $(READY)  ## a tiny marketplace against a running sandbox (examples/marketplace; PORT= as for run, or URL=)
	@$(BIN)/python -m examples.marketplace --url "$$URL"

history: $(READY)  ## a year of simulated requests in a running sandbox, so that charts, figures and odds are alive (PORT=, or URL=)
	@$(BIN)/python -m infra.history "$$URL"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint  ## what to run often: ruff, mypy, import-linter, the tests of domain and workflow
	$(PYTEST) tests/domain tests/workflow

test: lint  ## all checks and tests but the browser's (T=tests/domain for some of them)
	$(PYTEST) $(OUTSIDE) $(T)

browser: $(READY) chromium  ## click through all pages in Chromium; axe, html-validate and caniemail read them (B= for some)
	$(BIN)/pytest -n auto $(B)

planted: $(READY) chromium  ## faults that people met on pages, each put back: its test in Chromium finds it (half an hour)
	BATAL_PROOFS=full $(BIN)/pytest -n auto tests/browser/test_planted.py

# Debian's Chromium, Node and html-validate, where missing (as root).
chromium:
	@command -v chromium >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }
	@command -v npm >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm; }
	@npm ci --prefix tests/markup --no-audit --no-fund --loglevel=error

CLIENTS := tests/clients/.venv

clients: node $(CLIENTS)/.ready  ## make clients for Python and TypeScript from the contract; both walk both stories, Spectral reads it
	$(BIN)/pytest -n auto tests/clients

node:
	@command -v npm >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm; }
	@npm ci --prefix tests/clients --no-audit --no-fund --loglevel=error

# An environment of its own: what makes clients brings libraries that are none of ours.
$(CLIENTS)/.ready: tests/clients/requirements.txt $(READY)
	@$(PYTHON) -m venv --clear $(CLIENTS)
	@index=$$($(BIN)/pip config get global.index-url 2>/dev/null || true); index=$${PIP_INDEX_URL:-$$index}; \
	  $${index:+env UV_DEFAULT_INDEX=$$index} $(BIN)/uv pip install -q --python $(CLIENTS)/bin/python -r tests/clients/requirements.txt
	@touch $@

SITE := infra/site/.venv
MERMAID := 11.15.0

docs: $(READY) $(SITE)/.ready build/mermaid/mermaid.min.js  ## the docs as a site in build/docs, which asks no other host for anything
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build -q -f infra/site/mkdocs.yml
	$(BIN)/pytest tests/site

$(SITE)/.ready: infra/site/requirements.txt $(READY)
	@$(PYTHON) -m venv --clear $(SITE)
	@index=$$($(BIN)/pip config get global.index-url 2>/dev/null || true); index=$${PIP_INDEX_URL:-$$index}; \
	  $${index:+env UV_DEFAULT_INDEX=$$index} $(BIN)/uv pip install -q --python $(SITE)/bin/python -r infra/site/requirements.txt
	@touch $@

# Draws the diagrams. One file of it, without what it is made of.
build/mermaid/mermaid.min.js:
	@command -v npm >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm; }
	@mkdir -p build/mermaid && cd build/mermaid && npm pack --silent mermaid@$(MERMAID) >/dev/null && \
	  tar -xzf mermaid-$(MERMAID).tgz --strip-components=2 package/dist/mermaid.min.js && touch mermaid.min.js

FUZZ = tests/e2e/test_openapi.py tests/e2e/test_in_other_words.py tests/e2e/test_in_other_words_anew.py

fuzz: $(READY)  ## 10,000 requests by all roles: only answers that the contract knows, each operation answered well 20 times
	@rm -f .figures
	BATAL_PROOFS=full BATAL_FUZZ=70 BATAL_FIGURES=.figures $(BIN)/pytest -n auto $(FUZZ)
	@$(BIN)/python -m tests.e2e.fuzz_table .figures

model: $(READY)  ## what can happen around a case, looked through step by step by SPIN; prints how much that was
	@command -v spin >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends spin; }
	@command -v gcc >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev; }
	@rm -f .figures
	BATAL_FIGURES=.figures $(BIN)/pytest -n auto tests/model
	@cat .figures

proofs: $(READY)  ## all tests in their whole form: every crash point and pair, races, histories, volume; prints their figures
	@rm -f .figures
	BATAL_PROOFS=full BATAL_FIGURES=.figures $(PYTEST) $(OUTSIDE)
	@sort .figures

# Crash points in full are left to `make proofs`; their sample is in `make test`.
proofs-ci: $(READY)  ## of the proofs what a change must pass: fuzz, histories, races, outages, volume in full
	BATAL_PROOFS=full BATAL_FUZZ=9 $(PYTEST) $(FUZZ) tests/proofs/test_histories.py tests/proofs/test_races.py tests/proofs/test_volume.py tests/proofs/test_outages.py

whole: $(READY)  ## the tests of which `make test` takes a sample, whole and on DynamoDB
	BATAL_PROOFS=full $(PYTEST) $(OUTSIDE) $(FUZZ:%=--ignore=%) -m "sampled or whole"

proofs-long: $(READY)  ## the proofs for a release: 10,000 histories, 1,000 rounds of each race
	@rm -f .figures
	BATAL_PROOFS=full BATAL_HISTORIES=10000 BATAL_RACE_ROUNDS=1000 BATAL_FIGURES=.figures $(PYTEST) $(OUTSIDE)
	@sort .figures

bench: $(READY)  ## what each page and each step of a case costs in CPU of our own, as ratios within one run
	@$(BIN)/python -m tests.benchmarks.pages
	@$(BIN)/python -m tests.benchmarks.steps

odds: $(READY)  ## how good learned odds are on simulated sellers, against the business's table and simple averages
	@$(BIN)/python -m tests.benchmarks.odds

package: $(READY)  ## build what would be deployed, into build/package (STAGE= for another stage than dev)
	@$(BIN)/python -m infra.build --stage $(STAGE)

# What people type here reaches the command as it was typed: make hands it on unread, in the environment, and the shell
# between quotes. Of `YES` and `DATA` only a clear yes counts.
override STAGE := $(value STAGE)
override SENDER := $(value SENDER)
override SET := $(value SET)
override FILE := $(value FILE)
override REPORT := $(value REPORT)
override PROVIDER := $(value PROVIDER)
override OFF := $(value OFF)
override EXPECTED := $(value EXPECTED)
override URL := $(value URL)
override TOKENS := $(value TOKENS)
override RECEIVER := $(value RECEIVER)
override SECRET := $(value SECRET)
override BOOKS := $(value BOOKS)
override ONLY := $(value ONLY)
override SEED := $(value SEED)
override POLICY := $(value POLICY)
override DATA := $(value DATA)
override SIMULATED := $(value SIMULATED)
override SUGGEST := $(value SUGGEST)
export STAGE SENDER SET OFF
export FILE REPORT PROVIDER EXPECTED
export POLICY DATA SIMULATED SUGGEST
export URL TOKENS RECEIVER SECRET BOOKS ONLY SEED
AFFIRMED := yes y true 1

deploy: $(READY)  ## into your AWS account: make deploy STAGE=dev SENDER=me@example.com (SET="NAME=VALUE ..." sets more)
	@$(BIN)/python -m infra.deploy deploy --stage="$$STAGE" --sender="$$SENDER" --settings="$$SET" $(if $(filter $(AFFIRMED),$(YES)),--yes)

switch: $(READY)  ## keep mails, refunds or writes from happening: make switch STAGE=dev OFF=mails,refunds (OFF= for all on)
	@$(BIN)/python -m infra.deploy switch --stage="$$STAGE" --off="$$OFF" $(if $(filter $(AFFIRMED),$(YES)),--yes)

destroy: $(READY)  ## and out of it again; DATA=yes takes tables, evidence and secrets along
	@$(BIN)/python -m infra.deploy destroy --stage="$$STAGE" $(if $(filter $(AFFIRMED),$(DATA)),--data) $(if $(filter $(AFFIRMED),$(YES)),--yes)

verify-deploy: $(READY)  ## the deploy command against an emulator that enforces IAM; the stories over its HTTP endpoint
	$(BIN)/pytest tests/verify

cost: $(READY)  ## what a cancellation costs on AWS, by counted calls and infra/prices.json
	@$(BIN)/python -m infra.cost

reconcile: $(READY)  ## a settlement file against what Batal expects (FILE= PROVIDER= EXPECTED= REPORT=)
	@$(BIN)/python -m infra.reconcile --provider="$$PROVIDER" --expected="$$EXPECTED" $(if $(REPORT),--report="$$REPORT") "$$FILE"

simulate: $(READY)  ## what a policy would have changed of past cases (POLICY= DATA=, SIMULATED= keeps it as JSON, SUGGEST='answer_time 90 12 2')
	@$(BIN)/python -m infra.simulate --policy="$$POLICY" --data="$$DATA" $(if $(SIMULATED),--json="$$SIMULATED") $(if $(SUGGEST),--suggest="$$SUGGEST")

conformance: $(READY)  ## how cancellations end, with mischief, and whether all books agree (PORT= or URL=, TOKENS= RECEIVER= SECRET= BOOKS= ONLY= SEED=)
	@$(BIN)/python -m infra.conformance "$$URL"

CDK := infra/cdk/.venv

cdk: $(CDK)/.ready package  ## a construct of CDK that includes the template (infra/cdk); its test synthesizes a stack
	@command -v node >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs; }
	@$(BIN)/python -m infra.plain
	$(CDK)/bin/pytest -q -p no:cacheprovider -c /dev/null infra/cdk

# An environment of its own, like the site's.
$(CDK)/.ready: infra/cdk/requirements.txt $(READY)
	@$(PYTHON) -m venv --clear $(CDK)
	@index=$$($(BIN)/pip config get global.index-url 2>/dev/null || true); index=$${PIP_INDEX_URL:-$$index}; \
	  $${index:+env UV_DEFAULT_INDEX=$$index} $(BIN)/uv pip install -q --python $(CDK)/bin/python -r infra/cdk/requirements.txt
	@touch $@

smoke: $(READY)  ## two minutes against a deployment: both stories, a webhook, a refund; a report to send back (URL= TOKENS=, RECEIVER= REPORT=)
	@$(BIN)/python -m infra.smoke "$$URL"

claims: $(READY)  ## what waits for a run against a real account, and how each is shown
	@$(BIN)/python -m infra.claims

format: $(READY)  ## put all files into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove the virtual environment and all caches
	rm -rf tests/markup/node_modules $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Who presses Ctrl-C while it is made gets no traceback: venv then ends as other programs do.
VENV_QUIETLY := import runpy, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); runpy.run_module('venv', run_name='__main__', alter_sys=True)

# Made from nothing each time, so that a pin that was dropped is gone and an interrupted install leaves no trace;
# the stamp comes last. A link is never followed: what it leads to is somebody else's. uv installs in seconds what takes
# pip a minute, but reads none of pip's settings, so the index that is configured for pip is handed to it.
$(READY): requirements.txt requirements-dev.txt
	@if [ -L $(VENV) ]; then \
	  echo "$(VENV) is a symbolic link, and would be emptied: remove it first (rm $(VENV))."; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Batal needs Python 3.11 or newer as $(PYTHON): apt-get install python3 python3-venv, or PYTHON=/path/to/python make ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV), once; it takes half a minute to three minutes, by disk and network"
	@$(PYTHON) -c "$(VENV_QUIETLY)" --clear $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check $$(grep -o '^uv==[^ ]*' requirements-dev.txt)
	@index=$$($(BIN)/pip config get global.index-url 2>/dev/null || true); index=$${PIP_INDEX_URL:-$$index}; \
	  $${index:+env UV_DEFAULT_INDEX=$$index} $(BIN)/uv pip install -q --python $(BIN)/python -r requirements-dev.txt
	@touch $(READY)
	@echo "Made $(VENV)"
