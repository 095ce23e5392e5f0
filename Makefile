# The project's commands; `make` lists them.
.DEFAULT_GOAL := help

# Settings of the caller: make run EVENT=events/other.json DEFINITION=math-answer
EVENT ?= events/contract_review_batch.json
DEFINITION ?= contract-review
PYTHON ?=
PYTEST_ARGS ?=
RUNTIME ?=
ARCHITECTURE ?= x86_64
ARGS ?=

# Processes that share the tests: one a core, and at most 4. WORKERS=0 runs them all in one process.
WORKERS ?= auto

VENV := .venv/bin
PYTEST = $(VENV)/python -m pytest -n $(WORKERS) --maxprocesses 4
export SAM_CLI_TELEMETRY = 0
unexport PYTHONPATH PYTHONHOME

.PHONY: help
help:  ## list these commands
	@echo "Here, without an AWS account:"
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | grep -v '## cloud: ' | sed 's/:.*## /\t/' | expand -t 16 | sed 's/^/  make /'
	@echo
	@echo "With an AWS account (costs money):"
	@grep -hE '^[a-z-]+:.*## cloud: ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## cloud: /\t/' | expand -t 16 | sed 's/^/  make /'
	@echo
	@echo "Settings of all: PYTHON=/path/to/python3.12 (any CPython from 3.11 to 3.13)"
	@echo "Of run, local:   EVENT=$(EVENT)"
	@echo "                 DEFINITION=$(DEFINITION)"

# If the environment is up to date, this only starts one Python to check it.
.PHONY: setup
setup:  ## create .venv (the other commands do it too)
	@if [ -n "$(PYTHON)" ] || ! $(VENV)/python requirements/sync.py --ready 2>/dev/null; then \
	  python=$$(sh requirements/find_python.sh "$(PYTHON)") && "$$python" requirements/sync.py; \
	fi

# The packages of report, calibrate and label. The tests and the type checker need them too.
.PHONY: analysis
analysis: setup  ## add the packages of report, calibrate and label
	@$(VENV)/python requirements/sync.py --analysis

# The trained pair judge, which no other command needs: 150 MB of wheels.
.PHONY: minilm
minilm: analysis  ## add the judge minilm
	@$(VENV)/python requirements/sync.py --minilm

.PHONY: run
run: setup  ## score EVENT with the function as deployed
	@$(VENV)/python -m rewardctl run --event "$(EVENT)" --definition "$(DEFINITION)" $(ARGS)

.PHONY: local
local: setup  ## score EVENT with DEFINITION in a container (needs Docker)
	@$(VENV)/python -m rewardctl local --event "$(EVENT)" --definition "$(DEFINITION)" \
	  $(if $(RUNTIME),--runtime "$(RUNTIME)") $(ARGS)

.PHONY: start-lambda
start-lambda: setup  ## serve the function in a container (needs Docker)
	@$(VENV)/python -m rewardctl local --serve --definition "$(DEFINITION)" \
	  $(if $(RUNTIME),--runtime "$(RUNTIME)") $(ARGS)

.PHONY: check
check: lint  ## check style and types and run the unit tests: within a minute, for each save
	@$(PYTEST) tests/unit $(PYTEST_ARGS)

.PHONY: test
test: analysis  ## run all tests (PYTEST_ARGS="tests/docs -k name -x" for some)
	@$(PYTEST) $(PYTEST_ARGS)

.PHONY: lint
lint: analysis  ## check style and types
	@$(VENV)/ruff check --quiet .
	@$(VENV)/ruff format --check --quiet .
	@$(VENV)/mypy

.PHONY: validate
validate: setup  ## check template.yaml with sam and cfn-lint
	@AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} $(VENV)/sam validate --lint

.PHONY: scan
scan: setup  ## check template.yaml against security policies
	@$(VENV)/python requirements/scan.py

.PHONY: build
build: setup  ## build into .aws-sam (RUNTIME=, ARCHITECTURE=)
	@$(VENV)/sam build $(if $(RUNTIME),--parameter-overrides "Runtime=$(RUNTIME) Architecture=$(ARCHITECTURE)")

.PHONY: bench
bench: setup  ## measure speed and cost into benchmarks/RESULTS.md
	@$(VENV)/python -m benchmarks $(ARGS)

.PHONY: emulate
emulate: setup  ## start the stand-in for Bedrock (ARGS="--latency-s 0.1")
	@$(VENV)/python -m rewardctl emulate $(ARGS)

# One set of pins serves all supported Pythons and systems; pip checks the hash of every file.
.PHONY: requirements
requirements: setup  ## compile the pins (needs a package index)
	@$(VENV)/python requirements/compile.py

.PHONY: clean
clean:  ## remove all generated files, including .venv
	rm -rf .venv .build .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The cloud commands act on the AWS account and region of your credentials.
ENVIRONMENT ?= default

TARGET ?=
N ?=

CLOUD = $(VENV)/python -m rewardctl
CHOSEN = --environment "$(ENVIRONMENT)" $(if $(TARGET),--target "$(TARGET)")
HOW_MANY = $(or $(N),$(error Give N, as in: make $@ N=12))

.PHONY: deploy
deploy: setup  ## cloud: build and deploy ENVIRONMENT (default, staging or prod)
	@$(CLOUD) deploy --environment "$(ENVIRONMENT)" $(ARGS)

.PHONY: doctor
doctor: setup  ## cloud: check the deployed function (TARGET=ARN for another)
	@$(CLOUD) doctor $(CHOSEN) $(ARGS)

.PHONY: provision
provision: setup  ## cloud: provision N environments of the alias (N=100)
	@$(CLOUD) provision --count $(HOW_MANY) $(CHOSEN) $(ARGS)

.PHONY: unprovision
unprovision: setup  ## cloud: remove all provisioned environments
	@$(CLOUD) provision --count 0 $(CHOSEN) $(ARGS)

.PHONY: warm
warm: setup  ## cloud: start N environments for callers without alias (N=12)
	@$(CLOUD) warm --count $(HOW_MANY) $(CHOSEN) $(ARGS)

.PHONY: outputs
outputs: setup  ## cloud: show the ARNs for a trainer
	@$(VENV)/sam list stack-outputs --config-env "$(ENVIRONMENT)"

# `sam build` calls this for the function, in place, with ARTIFACTS_DIR set.
.PHONY: build-RewardFunction
build-RewardFunction:
	@$(or $(wildcard $(VENV)/python),$(shell sh requirements/find_python.sh)) \
	  layers/deps/build.py function --to "$(ARTIFACTS_DIR)"
