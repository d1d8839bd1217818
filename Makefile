# `make train` and `make test` do all the set-up that they need; the first call takes a minute or two
# (a .venv from the lock file), the next ones start at once.

# The first of these that runs and is 3.11 or newer; say `make PYTHON=... train` to choose another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile

# Without compiled files, each of the hundreds of processes that the tests start compiles all sources again.
unexport PYTHONDONTWRITEBYTECODE

# What the benchmark compares with besides: each has an environment of its own, for their pins conflict.
PEERS := keras-tensorflow keras-jax onnxruntime

# pyproject.toml selects the tests of `make test`; the other targets select tests by their marks.
PYTEST := $(BIN)/python -m pytest
CAMPAIGN := PYTHONPATH=tools $(PYTEST) -p faults_plugin

TRAIN ?=
TIMES ?=
SPEEDRUN ?=
TESTS ?=
TUTORIALS ?=
BENCH ?=
SCALE ?=
SERVE ?=
LOAD ?=
WHEEL ?=
SOAK ?= 600
ROBUSTNESS ?=
FUZZ ?=
KILLS ?= 200
QUICK ?=
JOBS ?= auto

.PHONY: help train serve studio test long scale processors browser check format referees tutorials docs bench speedrun bench-parallel \
	bench-scale load robustness faults fuzz fuzz-api trained wheel reader times ledger scale-plan lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

train: $(VENV)/.runtime  ## train LeNet-5 on MNIST and write its report (options: TRAIN="--epochs 3")
	$(BIN)/tenfold train lenet5 $(TRAIN)

serve: $(VENV)/.serve  ## the page to draw on, and the API, at http://127.0.0.1:8000 (options: SERVE="--port 8080")
	$(BIN)/tenfold serve $(SERVE)

studio: $(VENV)/.serve  ## train networks in the browser and watch them, at http://127.0.0.1:8100 (options: STUDIO="--port 8080")
	$(BIN)/tenfold studio $(STUDIO)

test: $(VENV)/.dev  ## the fast tests (options: TESTS="tests/nn -k dense")
	$(PYTEST) -n $(JOBS) --dist worksteal $(TESTS)

# What measures time runs alone, the others side by side. Where TESTS selects none of one kind, pytest ends with 5: that is
# a failure only if there is none of either kind.
long: $(VENV)/.dev  ## the tests that start processes, train or draw figures, and those that measure time
	together=0; alone=0; \
	$(PYTEST) -m "slow and not kills and not alone" -n $(JOBS) --dist loadfile $(TESTS) || together=$$?; \
	$(PYTEST) -m "slow and not kills and alone" $(TESTS) || alone=$$?; \
	case $$together$$alone in 00 | 05 | 50) ;; *) exit 1 ;; esac

scale: $(VENV)/.scale  ## trials and predictions on a Ray cluster of three nodes and through submitit, four minutes
	PYTHONPATH=$(CURDIR)/src $(VENV)/scale/bin/python -m pytest -m scale -n 2 --dist loadfile --timeout 900 $(TESTS)

wheel: $(VENV)/.release  ## build the sdist and the wheel, install and try the wheel elsewhere (options: WHEEL="--sdist --pythons python3.12 python3.13")
	$(BIN)/python tools/check_wheel.py $(WHEEL)

bench-scale: $(VENV)/.scale  ## predict a million images on a cluster of three nodes, one lost; options: SCALE="--images 100000"
	PYTHONPATH=src $(VENV)/scale/bin/python benchmarks/shards $(SCALE)

processors: $(VENV)/.dev  ## the engine's tests with narrower registers than this processor's: AVX2, SSE
	$(BIN)/python tools/processors.py -m "not alone" -n $(JOBS) --dist worksteal \
		$(or $(TESTS),tests/backend --ignore tests/backend/test_compile_cache.py)

browser: $(VENV)/.browser  ## draw on the page in a real Chromium (says so where none is installed)
	$(PYTEST) -m browser -rs $(TESTS)

check: $(VENV)/.dev  ## formatting, lint and types, also of the Python in the docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/typed_docs.py

format: $(VENV)/.dev  ## format and sort imports
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

referees: $(VENV)/.referees  ## compare with PyTorch, step by step, and let TensorBoard read
	$(PYTEST) -m referee $(TESTS)

tutorials: $(VENV)/.tutorials  ## execute the tutorials, write their pages and notebooks (options: TUTORIALS="1_classical_models --out DIR")
	$(BIN)/python tools/tutorials.py $(TUTORIALS)

docs: $(VENV)/.docs  ## make these pages and the API reference into a site: build/site/index.html
	rm -rf build/site build/doctrees docs/api/tenfold*.rst
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -d build/doctrees docs build/site
	$(BIN)/python tools/check_site.py build/site

bench: $(VENV)/.referees $(PEERS:%=$(VENV)/.peer-%)  ## time it beside PyTorch and others for 20 minutes (QUICK=1: for three)
	$(BIN)/python benchmarks $(if $(QUICK),--quick) $(BENCH)
	$(BIN)/python tools/speed_table.py

speedrun: $(VENV)/.referees  ## seconds to 97, 98, 99 and 99.4 %, next to PyTorch; options: SPEEDRUN="99 --seeds 0-2"
	$(BIN)/python benchmarks/speedrun.py $(SPEEDRUN)
	$(BIN)/python tools/speedrun_page.py

bench-parallel: $(VENV)/.runtime  ## time two workers against one and against threads, two minutes; results/parallel.json
	$(BIN)/python benchmarks/parallel.py

reader: $(VENV)/.runtime  ## train the network that comes with the package, from MNIST alone (half an hour)
	$(BIN)/python tools/reader.py

faults: $(VENV)/.atheris  ## provoke every fault, kill 200 processes, fuzz: an hour; docs/reliability.md (QUICK=1: a sample, no record)
	rm -rf build/faults
ifeq ($(QUICK),)
	$(CAMPAIGN) -m "fault and not kills and not alone" -n $(JOBS) --dist worksteal --faults build/faults/checks-together.json
	$(CAMPAIGN) -m "fault and alone and not kills" --faults build/faults/checks-alone.json
endif
	$(CAMPAIGN) -m "slow and kills" -n $(JOBS) --kills $(if $(QUICK),10,$(KILLS)) --faults build/faults/checks-kills.json
	$(BIN)/python tools/fuzz $(if $(QUICK),--mutations --inputs 3000,--seconds 300) --record build/faults
	$(if $(QUICK),,$(BIN)/python tools/faults_table.py --gather build/faults)

fuzz: $(VENV)/.atheris  ## throw damaged files at every reader, half a minute each (options: FUZZ="json --seconds 600")
	$(BIN)/python tools/fuzz $(FUZZ)

load: $(VENV)/.serve  ## load the server with wrk, on this machine (SOAK=seconds of the last part; LOAD="--seconds 5")
	$(BIN)/python benchmarks/load --soak $(SOAK) $(LOAD)

fuzz-api: $(VENV)/.fuzz  ## ask the API what nobody would ask, for a minute (options: FUZZ="--seconds 600")
	$(BIN)/python tools/fuzz_api.py $(FUZZ)

robustness: $(VENV)/.runtime  ## read pictures as people make them, 15 minutes; docs/robustness.md (QUICK=1: two minutes, no record)
	$(BIN)/python benchmarks/robustness $(if $(QUICK),--quick) $(ROBUSTNESS)

trained: $(VENV)/.runtime  ## train the networks of the zoo that come with the package (an hour); docs/trained-networks.md
	$(BIN)/python tools/trained.py $(TRAINED)

times: $(VENV)/.runtime  ## time every model on a quiet machine into results/times/, in half an hour (options: TIMES="nn1l lenet5")
	set -e; for name in $(or $(TIMES),$$($(BIN)/python -c 'import tenfold; print(*tenfold.models())')); do \
		$(BIN)/tenfold verify $$name --time --quiet; done

ledger: $(VENV)/.runtime  ## write docs/models.md, docs/ablations.md and the README's table from results/
	$(BIN)/python tools/ledger.py

scale-plan: $(VENV)/.runtime  ## simulate 28 systems on 1 to 64 machines, and a billion pictures, in a minute; docs/scale.md
	$(BIN)/python benchmarks/scale
	$(BIN)/python tools/scale_page.py

lock:  ## write the lock files again (needs uv)
	tools/lock.sh

clean:  ## remove the environment, caches and build output; runs/ and results/ stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "tenfold needs Python 3.11 or newer; install it or say make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# $(call step,WHAT,COMMANDS): print what is installed, its size and the time; install it; print the time that it took.
# The stamp is written last, so that an interrupted installation starts again. The tests of the packages are not compiled;
# a file that does not compile (PyTorch has one for Python 3.12 alone) does not stop the set-up.
define step
@echo "installing $(1)" >&2; start=$$(date +%s); \
{ $(2); } && { $(BIN)/python -m compileall -qq -j 0 -x /tests/ $(VENV)/lib || true; } && touch $@ \
	&& echo "installed in $$(( $$(date +%s) - start )) s" >&2
endef

$(VENV)/.runtime: requirements.lock requirements-sample.lock pyproject.toml | $(BIN)/python
	$(call step,what tenfold runs on: 155 MB to download and 600 MB on disk; one to two minutes, \
		$(INSTALL) --require-hashes -r requirements.lock \
		&& $(INSTALL) --require-hashes --no-deps -r requirements-sample.lock \
		&& $(INSTALL) --no-deps --no-build-isolation --editable .)

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(call step,what the tests need: 130 MB to download and 510 MB on disk; about a minute, \
		$(INSTALL) --require-hashes -r requirements-dev.lock)

$(VENV)/.serve: requirements-serve.lock $(VENV)/.runtime
	$(call step,what the server needs: 6 MB to download and 30 MB on disk; seconds, \
		$(INSTALL) --require-hashes -r requirements-serve.lock)

$(VENV)/.release: requirements-release.lock $(VENV)/.runtime
	$(call step,what builds a release; seconds, $(INSTALL) --require-hashes -r requirements-release.lock)

$(VENV)/.fuzz: requirements-fuzz.lock $(VENV)/.serve
	$(call step,what fuzzes the API; seconds, $(INSTALL) --require-hashes -r requirements-fuzz.lock)

$(VENV)/.tutorials: requirements-tutorials.lock $(VENV)/.runtime
	$(call step,what executes the tutorials; seconds, $(INSTALL) --require-hashes -r requirements-tutorials.lock)

$(VENV)/.docs: requirements-docs.lock $(VENV)/.runtime
	$(call step,what makes the documentation site: 20 MB to download; seconds, \
		$(INSTALL) --require-hashes -r requirements-docs.lock)

# Where it cannot be installed, the fuzzers change sound files at random instead.
$(VENV)/.atheris: requirements-atheris.lock $(VENV)/.dev $(VENV)/.serve
	@$(INSTALL) --require-hashes -r requirements-atheris.lock \
		&& touch $@ || echo "atheris cannot be installed here: mutations of sound files instead" >&2

$(VENV)/.browser: requirements-browser.lock $(VENV)/.dev
	$(call step,what drives a browser: 50 MB to download; seconds, \
		$(INSTALL) --require-hashes -r requirements-browser.lock)

# An environment of its own, on top of the other: the tests there show that nothing of Ray and submitit is needed.
$(VENV)/.scale: requirements-scale.lock $(VENV)/.dev
	@echo "installing Ray and submitit for the tests on clusters: 370 MB on disk" >&2
	@$(BIN)/python -m venv $(VENV)/scale && \
		$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
			> "$$($(VENV)/scale/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tenfold-dev.pth"
	@$(VENV)/scale/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-scale.lock \
		&& touch $@

# The referees are installed on their own: no user and no other test needs them.
$(VENV)/.referees: pyproject.toml $(VENV)/.dev
	$(call step,the referees PyTorch and TensorBoard: 200 MB to download and more where PyTorch comes for GPUs; minutes, \
		$(INSTALL) --no-build-isolation --editable ".[referees]")

# A peer that cannot be installed here is no reason to stop: the benchmark's table says that it is missing.
$(VENV)/.peer-%: benchmarks/locks/%.lock | $(BIN)/python
	@echo "installing $* for the benchmark" >&2
	@$(BIN)/python -m venv $(VENV)/peers/$* \
		&& $(VENV)/peers/$*/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $< \
		&& touch $@ || echo "$* cannot be installed here; the table will say so" >&2
