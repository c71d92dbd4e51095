# Each target works as root and as an ordinary user: root works through an account made for it.
# The same account is used again; `make clean` removes it.

SHELL := /bin/bash
RUN := sandbox/as-account
TEST := $(RUN) --group dev ops-test
ARGS ?=
NTH ?= 1
JOBS ?= 1
PART ?= all
PART_units := --ignore=tests/e2e --ignore=tests/faults --ignore=tests/model
PART_stories := tests/e2e
PART_faults := tests/faults tests/model
FAULTS ?= ../faults.jsonl

.DEFAULT_GOAL := help
.PHONY: help demo demo-shell demo-stop test test-all quick soak coverage mutants house reliability lint types check bench pages apps pictures clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

demo: ## Deploy a real app here, break it twice, watch it stay up; leaves it running
	@$(RUN) ops-demo python -m sandbox.demo

demo-shell: ## Open a shell in which `fab -H manager status` means the demo
	@$(RUN) ops-demo python -m sandbox.demo shell

demo-stop: ## Remove every trace of the demo
	@if [ "$$(id -u)" -eq 0 ]; then $(RUN) --remove ops-demo; \
	elif [ -x .venv/bin/python ]; then .venv/bin/python -m sandbox.demo stop; fi

test: ## Run the tests of five minutes; ARGS="-k lock" narrows them
	@$(TEST) pytest $(ARGS)

test-all: ## Run all tests but the soak; PART=units, stories or faults runs one part
	@$(TEST) pytest -m 'not soak' $(PART_$(PART)) $(ARGS)

soak: ## Run the long tests, then every fault; NTH=20 takes each 20th, JOBS=2 two at once, FAULTS=/path/… goes on with a record
	@$(TEST) pytest -m soak $(ARGS)
	@$(TEST) python -m tests.faults --every $(NTH) --jobs $(JOBS) --record "$(FAULTS)"

quick: ## Run the tests of the pure modules: seconds, no account, no host
	@$(TEST) bash -c 'pytest -n 0 $$(python -m tests.support.pure_tests) $(ARGS)'

coverage: ## Measure which lines and branches the tests run; fails below the limits; ARGS=pure or flows for one layer
	@$(TEST) python -m tests.support.coverage_gate $(ARGS)

mutants: ## Plant mistakes in pure modules, print how many the tests catch; ARGS="--sample 200 --seed 7"
	@$(TEST) python -m tests.mutants $(ARGS)

house: ## Print the figures of the code: functions, imports, files, words
	@$(TEST) python -m tests.support.house_figures

reliability: ## Write docs/reliability.md out of the record of the faults that were tried
	@$(TEST) python -m tests.faults.report "$(FAULTS)" >docs/reliability.md.new
	@mv docs/reliability.md.new docs/reliability.md

lint: ## Check style
	@$(TEST) bash -c 'ruff check && ruff format --check && tools/lint.sh'

types: ## Check types
	@$(TEST) mypy

check: lint types test test-all ## Check everything, as .ci/run does

bench: ## Measure what it costs, beside others, and write docs/performance.md; ARGS="--only fleet" writes none
	@$(RUN) --group dev ops-bench python -m bench $(ARGS) >docs/performance.md.new
	@if [ -s docs/performance.md.new ]; then mv docs/performance.md.new docs/performance.md; \
	else rm docs/performance.md.new; fi

pages: ## Write docs/tasks.md and docs/inventory.md from the tasks and inventory/hosts.toml
	@$(RUN) ops-pictures bash -c 'python -m sandbox.pages >&2 && tar -cf - docs/tasks.md docs/inventory.md' | tar --no-same-owner -xf -

apps: ## Write docs/apps.md from the shapes of tests/e2e/shapes and what their last run here saw
	@$(TEST) bash -c 'python -m tests.e2e.shapes.table >&2 && tar -cf - docs/apps.md tests/e2e/shapes/seen.json' | tar --no-same-owner -xf -

pictures: ## Draw docs/*.svg: what deploy, status, check and watch look like
	@$(RUN) ops-pictures bash -c 'python -m sandbox.pictures . >&2 && tar -cf - *.svg' | tar -C docs --no-same-owner -xf -

clean: demo-stop ## Remove environments, caches and the accounts that were made
	@$(RUN) --remove ops-test
	@$(RUN) --remove ops-bench
	@$(RUN) --remove ops-pictures
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	@rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/mantodeus-ops"
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
