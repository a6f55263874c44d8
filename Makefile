# The two that matter: `make demo` and `make test`. Everything lives in .venv/ and var/ (VAR_DIR moves the latter).
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
PIP = $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.PHONY: help install demo serve soak test test-sqlite test-postgresql test-programs fuzz audit lint format lock pictures browser bench spark store java

help:  ## Show these targets
	@sed -n 's/^\([a-z]*\):.*##/\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-9s %s\n", $$1, $$2 }'

install: $(INSTALLED)  ## Make .venv with everything at its locked version

$(INSTALLED): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; this is " + sys.version.split()[0] + ". Set PYTHON to one.")'
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements-dev.txt | awk ' \
	  /^(Collecting|Processing|Requirement already)/ { printf "\rFilling .venv: %d packages fetched", ++n; fflush() } \
	  /^Installing/ { printf "; installing them"; fflush() } END { print "" }'
	@touch $@

demo: install  ## A sample market (SIZE Meter Points), loaded and reconciled, on http://127.0.0.1:8000 (PORT)
	@exec $(BIN)/python manage.py demo $(if $(SIZE),--meter-points $(SIZE)) $(if $(PORT),--port $(PORT))

serve: install  ## The product without a sample, on this machine (PORT)
	@exec $(BIN)/python manage.py serve $(if $(PORT),--port $(PORT))

# What starts real workers and browsers, and waits for them, runs alone: beside others some of it is late.
test: install browser  ## Format, types, flaws that are known, and every test, on SQLite and on PostgreSQL, with a real Redis and a real browser
	@$(MAKE) --no-print-directory --jobs=3 lint audit test-sqlite
	@$(MAKE) --no-print-directory test-postgresql test-programs

# Programs start more than a hundred times in tests: what Python compiles is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

# Each worker has a VAR_DIR and a database of its own.
SIDE_BY_SIDE = --numprocesses auto --maxprocesses 4 --dist worksteal
test-sqlite: install
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --quiet tests --ignore=tests/celery --ignore=tests/browser --ignore=tests/spark

test-postgresql: install
	$(BIN)/python -m tests.with_postgres $(BIN)/python -m pytest $(SIDE_BY_SIDE) --quiet -m "not one_database" tests/alerts tests/corrections tests/ledger tests/web tests/work

# Real workers and browsers are started once a file.
test-programs: install browser
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --quiet tests/celery tests/browser

store: install  ## The tests of the ledger, with all their lakes and files in a real object store
	$(BIN)/python -m tests.with_store $(BIN)/python -m pytest $(SIDE_BY_SIDE) --quiet tests/ledger

soak: install  ## An hour (MINUTES) of work and people while processes are killed at random, against a quiet run
	@MINUTES=$(or $(MINUTES),60) $(BIN)/python -m tests.soak

fuzz: install  ## Files nobody would send, bent anew for MINUTES (60): each is rows and rejects, or one sentence
	FUZZ_SECONDS=$$(( $(or $(MINUTES),60) * 60 )) HYPOTHESIS_PROFILE=search \
	  $(BIN)/python -m pytest --quiet --timeout 0 tests/formats/test_fuzz.py

audit: install  ## Whether flaws are known of the packages in requirements.txt; without an internet it says so
	@$(BIN)/python -m tests.audit

lint: install  ## Format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

BENCHED := .venv-bench/installed
$(BENCHED): requirements-bench.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@echo '*' > .venv-bench/.gitignore
	@touch $@

bench: install $(BENCHED)  ## The product and its peers on SIZE million Meter Points (0.5), REPEAT times over (1)
	@$(BIN)/python -m benchmarks $(if $(SIZE),--size $(SIZE)) $(if $(REPEAT),--repeat $(REPEAT))

SPARKED := .venv-spark/installed
$(SPARKED): requirements-dev.txt requirements-spark.txt requirements-cluster.txt
	@$(PYTHON) -m venv .venv-spark
	@$(PYTHON) -m venv .venv-spark/cluster
	@.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	@echo "Fetching Spark for the cluster of the tests, 400 MB"
	@.venv-spark/cluster/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-cluster.txt
	@echo '*' > .venv-spark/.gitignore
	@touch $@

CLUSTER = PYSPARK_PYTHON=$(CURDIR)/.venv-spark/cluster/bin/python \
  CLUSTER_HOME=$$(echo $(CURDIR)/.venv-spark/cluster/lib/python3*/site-packages/pyspark)
spark: install $(SPARKED) java  ## Spark against DuckDB on a real cluster: small markets, then SIZE million Meter Points (5.4; 0 for none)
	@$(CLUSTER) .venv-spark/bin/python -m pytest --quiet --timeout 1800 tests/spark
	@$(if $(filter 0,$(SIZE)),true,$(CLUSTER) .venv-spark/bin/python -m benchmarks.spark $(or $(SIZE),5.4))

format: install  ## Put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# uv writes the locks, because it resolves for every Python at once: 3.11.2 needs a package that 3.11.3 does not.
UV = .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes
lock:  ## Lock requirements*.in again, with hashes
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) requirements.in -o requirements.txt
	$(UV) requirements.in requirements-dev.in -o requirements-dev.txt
	$(UV) requirements-spark.in -o requirements-spark.txt
	$(UV) requirements-cluster.in -o requirements-cluster.txt
	rm -rf .venv-lock

pictures: install browser  ## The pictures of the documents, anew, from the demonstration
	@$(BIN)/python -m tests.pictures

browser:
	@test -x /usr/bin/chromium -a -x /usr/sbin/nginx || { \
	  echo "Installing chromium and nginx for the tests"; \
	  sudo=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium nginx-light openssl; \
	} || { echo "The tests need /usr/bin/chromium and /usr/sbin/nginx: install them with your package manager." >&2; exit 1; }

java:
	@command -v java > /dev/null || { \
	  echo "Installing default-jre-headless for Spark"; \
	  sudo=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless; \
	} || { echo "Spark needs Java 17 or later: install it with your package manager." >&2; exit 1; }
