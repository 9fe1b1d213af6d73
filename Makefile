# Every command of the project. `make help` lists them.
#
# A command first lets tools/bootstrap.sh look for what it needs, and then runs the rule of the
# same name with an underscore in a make of its own, which sees the tree as that has left it.

PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python

ifeq ($(origin CC),default)
CC := $(shell command -v gcc || command -v cc || command -v clang)
endif
ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(notdir $(CC))),clang++,$(shell command -v g++ || command -v c++ || command -v clang++))
endif
# What was given by hand or by the environment reaches the scripts too.
ifneq ($(origin CC),file)
export CC
endif
ifneq ($(origin CXX),file)
export CXX
endif
export PORT

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

NEEDS_C := test-c test-c-asan fuzz
NEEDS_ALL := demo demo-check build test test-node test-browser properties asan lint format bench matrix

.PHONY: help clean $(NEEDS_C) $(NEEDS_ALL) $(NEEDS_C:%=_%) $(NEEDS_ALL:%=_%)

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1#\2/p' $(MAKEFILE_LIST) | \
	    awk -F'#' '{ printf "%-20s %s\n", $$1, $$2 }'

# ------------------------------------------------------------------- commands

demo: ## serve the example Django site on 127.0.0.1 (PORT=8000)
demo-check: ## start that site, visit it as six visitors, check the answers, stop it
build: ## build the extension and install the package into .venv
test: ## C tests and pytest (SLOW=1: the packaging tests too; PYTEST_ARGS=…)
test-node: ## consent strings against the official JavaScript libraries, fetched with npm
test-browser: ## the example sites as Chromium sees them (CHROMIUM=…: another than Debian's)
properties: ## what is promised, over 10 000 random worlds for each promise
matrix: ## the web tests against a wheel, on each Python and Django (CELLS="3.12/6.0 …")
test-c: ## the C tests of the core, built without Python, warnings as errors
test-c-asan: ## the C tests under the address and undefined-behaviour sanitizers, leaks included
fuzz: ## every fuzz target for FUZZ_SECONDS=20 seconds (clang; fuzz-NAME: one of them)
asan: ## test-c-asan, then pytest against an extension built with the sanitizers
lint: ## ruff, mypy --strict, clang-format and the project's own rules, changing nothing
format: ## let ruff and clang-format rewrite the sources
bench: ## the benchmarks, against Python references and peers, in one run (BENCH_ARGS=…)

demo demo-check build: NEEDED := c python
test test-node test-browser properties asan lint format bench matrix: NEEDED := c c++ python
$(NEEDS_C): NEEDED := c c++

$(NEEDS_C) $(NEEDS_ALL):
	@tools/bootstrap.sh $(NEEDED)
	@$(MAKE) --no-print-directory _$@

fuzz-%:
	@tools/bootstrap.sh c
	@$(MAKE) --no-print-directory _$@

clean: ## remove everything that was built, .venv included
	rm -rf build dist $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache consentpy.egg-info
	rm -f consentpy/_core*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------- the Python side

PIP := $(PY) -m pip install --quiet --disable-pip-version-check
CSRC := $(wildcard csrc/core/*.[ch] csrc/py/*.[ch])

$(VENV)/.installed: pyproject.toml setup.py
	$(PIP) 'setuptools>=77'
	CC='$(CC)' $(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

# Rebuilds in place; the installation above already points here.
$(VENV)/.extension: $(VENV)/.installed $(CSRC)
	CC='$(CC)' $(PY) setup.py --quiet build_ext --inplace
	@touch $@

# The libraries of one extra of pyproject.toml; the package itself is there already.
$(VENV)/.extra-%: $(VENV)/.installed
	$(PIP) 'consentpy[$*]'
	@touch $@

.PRECIOUS: $(VENV)/.extra-%

_build: $(VENV)/.extension
	@echo "The package is installed in $(VENV): $(VENV)/bin/consentpy --help"

_demo: $(VENV)/.extension $(VENV)/.extra-django
	@tools/demo.sh

_demo-check: $(VENV)/.extension $(VENV)/.extra-django
	$(PY) examples/django_site/check.py

_test: _test-c $(VENV)/.extension $(VENV)/.extra-test
	CC='$(CC)' $(PY) -m pytest $(if $(SLOW),-m 'slow or not slow') $(PYTEST_ARGS)

_test-node: $(VENV)/.extension $(VENV)/.extra-test
	$(PY) -m pytest -rs tests/node $(PYTEST_ARGS)

_test-browser: $(VENV)/.extension $(VENV)/.extra-test $(VENV)/.extra-browser
	$(PY) -m pytest -rs tests/browser $(PYTEST_ARGS)

_properties: $(VENV)/.extension $(VENV)/.extra-test
	CONSENTPY_EXAMPLES=long $(PY) -m pytest tests/py/test_properties*.py --durations=5 $(PYTEST_ARGS)

_matrix:
	CC='$(CC)' $(or $(wildcard $(PY)),python3) tools/matrix.py $(CELLS)

_asan: _test-c-asan $(VENV)/.extension $(VENV)/.extra-test
	CC='$(CC)' tools/asan_pytest.sh $(PYTEST_ARGS)

_bench: $(VENV)/.extension $(VENV)/.extra-bench
	$(PY) -m benchmarks $(BENCH_ARGS)

C_FILES = $(wildcard csrc/*/*.[ch] tests/c/*.[ch] tests/fuzz/*.[ch])

_lint: $(VENV)/.extension $(VENV)/.extra-lint
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy --strict consentpy
	$(PY) -m mypy.stubtest consentpy._core
	$(VENV)/bin/clang-format --dry-run --Werror $(C_FILES)
	tools/check_tree.sh

_format: $(VENV)/.extra-lint
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format
	$(VENV)/bin/clang-format -i $(C_FILES)

# ------------------------------------------------------------------- the core alone

# No Python in sight: the core and its tests see the C library and cJSON, nothing else.
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wvla -Werror
WARN_C := $(WARN) -Wstrict-prototypes -Wmissing-prototypes
CJSON_CFLAGS = $(or $(CONSENTPY_CJSON_CFLAGS),$(if $(CONSENTPY_CJSON_LIBS),,$(shell pkg-config --cflags libcjson)))
CJSON_LIBS = $(or $(CONSENTPY_CJSON_LIBS),$(shell pkg-config --libs libcjson))

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE_ENV := ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

CORE_FLAGS_core := -O2 -g
CORE_FLAGS_asan := -O1 -g $(SANITIZE) -DCNS_ARENA_APART

# One folder of objects for each compiler and each of the three kinds (core, asan, fuzz).
# For libFuzzer, so clang only: _fuzz runs itself again with FUZZ_CC.
CORE_FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer -DCNS_ARENA_APART

OUT_core := build/core/$(notdir $(firstword $(CC)))
OUT_asan := build/core-asan/$(notdir $(firstword $(CC)))
OUT_fuzz := build/core-fuzz/$(notdir $(firstword $(CC)))

CORE := $(wildcard csrc/core/*.c)
# Every tests/c/test_*.c is a program of its own; what else is there is linked to all of them.
C_TESTS := $(wildcard tests/c/test_*.c)
# Every tests/fuzz/fuzz_*.c is a target: one program for libFuzzer, and one that replays vectors.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
VECTORS := $(wildcard tests/vectors/*.json)
# What replay_NAME (tests/fuzz/replay.c) is given: all texts of the vectors, or what is said here.
# A visit's law goes by the length of the header, so each is given in eight lengths.
REPLAY_visit := $(foreach longer,'' ';' ';;' ';;;' ';;;;' ';;;;;' ';;;;;;' ';;;;;;;', \
    -p $(longer) -b '' tests/fuzz/visit.json \
    -p $(longer)didomi_token= -b eyJ tests/vectors/didomi.json) \
    -p euconsent-v2= -b C tests/vectors/tcf.json -p didomi_dcs= -b C tests/vectors/didomi.json
REPLAY_config := tests/fuzz/config.json -f tests/vectors/notice.json tests/vectors/didomi.json
REPLAY_query := tests/fuzz/query.json -p '?didomiConfig=' tests/vectors/didomi.json
REPLAY_bot := tests/fuzz/bot.json tests/vectors/didomi.json
REPLAY_gvl := tests/fuzz/gvl.json tests/vectors/didomi.json
REPLAY_html := tests/fuzz/html.json tests/vectors/didomi.json
REPLAY_privacy := tests/vectors/usp.json tests/vectors/gpc.json
replayed = $(or $(REPLAY_$1),$(VECTORS))
C_SHARED := $(filter-out $(C_TESTS),$(wildcard tests/c/*.c))

# Commands of the compiler are shown in short, or whole with V=1.
show = $(if $(V),,@printf '%-8s%s\n' $1 $2 && )

define kind
$(OUT_$1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(call show,compile,$$@)$$(CC) -std=c11 $$(WARN_C) $$(CORE_FLAGS_$1) -pthread -MMD -MP -Icsrc/core -Itests/c $$(CJSON_CFLAGS) -c -o $$@ $$<

$(OUT_$1)/tests/c/test_%: $(OUT_$1)/tests/c/test_%.o $(CORE:%.c=$(OUT_$1)/%.o) $(C_SHARED:%.c=$(OUT_$1)/%.o)
	$$(call show,link,$$@)$$(CC) $$(CORE_FLAGS_$1) -pthread -o $$@ $$^ $$(CJSON_LIBS) -lm

$(OUT_$1)/tests/fuzz/replay_%: $(OUT_$1)/tests/fuzz/fuzz_%.o $(OUT_$1)/tests/fuzz/replay.o $(CORE:%.c=$(OUT_$1)/%.o)
	$$(call show,link,$$@)$$(CC) $$(CORE_FLAGS_$1) -pthread -o $$@ $$^ $$(CJSON_LIBS) -lm

PROGRAMS_$1 := $(C_TESTS:%.c=$(OUT_$1)/%)
REPLAYS_$1 := $(FUZZ_TARGETS:%=$(OUT_$1)/tests/fuzz/replay_%)
-include $(patsubst %.c,$(OUT_$1)/%.d,$(CORE) $(C_TESTS) $(C_SHARED) $(wildcard tests/fuzz/*.c))
endef

$(eval $(call kind,core))
$(eval $(call kind,asan))
$(eval $(call kind,fuzz))
.SECONDARY:

_test-c: _headers $(PROGRAMS_core) $(REPLAYS_core)
	@set -e; for program in $(PROGRAMS_core); do echo "$$program"; "$$program"; done
	@set -e; $(foreach name,$(FUZZ_TARGETS),echo replay_$(name); \
	    $(OUT_core)/tests/fuzz/replay_$(name) $(call replayed,$(name));)

_test-c-asan: _headers $(PROGRAMS_asan) $(REPLAYS_asan)
	@set -e; for program in $(PROGRAMS_asan); do \
	    echo "$$program"; $(SANITIZE_ENV) "$$program"; done
	@set -e; $(foreach name,$(FUZZ_TARGETS),echo replay_$(name); \
	    $(SANITIZE_ENV) $(OUT_asan)/tests/fuzz/replay_$(name) $(call replayed,$(name));)

# What the fuzzers have found stays in build/corpus, beside the texts that they begin with.
FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
FUZZ_MOST := 70000

_fuzz: $(FUZZ_TARGETS:%=_fuzz-%)

ifneq ($(notdir $(firstword $(CC))),$(notdir $(firstword $(FUZZ_CC))))
_fuzz-%:
	@$(MAKE) --no-print-directory CC='$(FUZZ_CC)' $@
else
$(OUT_fuzz)/tests/fuzz/fuzz_%: $(OUT_fuzz)/tests/fuzz/fuzz_%.o $(CORE:%.c=$(OUT_fuzz)/%.o)
	$(call show,link,$@)$(CC) $(CORE_FLAGS_fuzz) -fsanitize=fuzzer -pthread -o $@ $^ $(CJSON_LIBS) -lm

_fuzz-%: $(OUT_fuzz)/tests/fuzz/fuzz_% $(OUT_core)/tests/fuzz/replay_%
	@mkdir -p build/corpus/$*
	$(OUT_core)/tests/fuzz/replay_$* -w build/corpus/$* $(or $(REPLAY_$*),$(wildcard tests/vectors/$*.json),$(VECTORS))
	$(SANITIZE_ENV) $(OUT_fuzz)/tests/fuzz/fuzz_$* -max_total_time=$(FUZZ_SECONDS) -max_len=$(FUZZ_MOST) \
	    -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=build/corpus/ build/corpus/$*
endif

# Each header of the core stands on its own; the public one is C++ as well.
.PHONY: _headers
_headers:
	@set -e; for header in $(sort $(wildcard csrc/core/*.h)); do \
	    printf '#include "%s"\n' "$${header##*/}" | \
	        $(CC) -std=c11 $(WARN_C) -Icsrc/core -fsyntax-only -x c -; done
	@printf '#include "consent.h"\n' | \
	    $(CXX) -std=c++11 $(WARN) -Icsrc/core -fsyntax-only -x c++ -
