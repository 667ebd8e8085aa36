# The one front door: `make help`. Everything is built under build/<preset>, see CMakePresets.json.

JOBS ?= $(shell nproc)
SECONDS ?= 60
SEEDS ?= 100000
ROUNDS ?= 10000
CHAOS_SECONDS ?= 3600
MAKEFLAGS += --no-print-directory
export CTEST_PARALLEL_LEVEL = $(JOBS)
presets = release tsan asan clang
cxx_files = $(shell find include src apps tests examples bench -name '*.[ch]pp' 2>/dev/null)

.PHONY: help run build test test-% cluster-demo chaos fuzz bench format lint clean

help:
	@echo 'make run      build the library and the example seconds_since, and run it (15 seconds)'
	@echo 'make build    build the library, the tests and the examples'
	@echo 'make test     all tests: GCC, ThreadSanitizer, AddressSanitizer + UBSan, Clang'
	@echo 'make test-X   the tests of one preset: release, tsan, asan, clang or debug;'
	@echo '              or on a Debian of its own (as root): trixie, bookworm'
	@echo 'make cluster-demo  three workers on PostgreSQL, one killed, one stopped: half a minute'
	@echo 'make chaos    clusters by SEEDS=100000, SQLite with ROUNDS=10000 of kill -9, PostgreSQL'
	@echo '              and three nodes with faults for CHAOS_SECONDS=3600: hours (the last alone:'
	@echo '              tests/chaos/chaos.py build/release/tests/chaos --seconds 3600)'
	@echo 'make fuzz     all parsers, each for SECONDS=60'
	@echo 'make bench    build and run the benchmarks and their peers'
	@echo 'make format   lay out the code'
	@echo 'make lint     check layout, columns, includes and SQL, and run clang-tidy'
	@echo 'make clean    remove build/'

run:
	scripts/bootstrap run
	cmake --preset release -D CICADA_TESTS=OFF -D CICADA_APPS=OFF \
	    -D CICADA_ASIO=OFF -D CICADA_UV=OFF -D CICADA_GLIB=OFF -D CICADA_JOBS=OFF \
	    -D CICADA_POSTGRES=OFF
	cmake --build --preset release -j $(JOBS) --target seconds_since
	build/release/examples/seconds_since

build:
	scripts/bootstrap test
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

test:
	scripts/bootstrap test
	for preset in $(presets); do $(MAKE) test-$$preset || exit 1; done
	@cat $(presets:%=build/%/seconds)

test-%:
	cmake --preset $*
	@date +%s >build/$*/began
	cmake --build --preset $* -j $(JOBS)
	@date +%s >build/$*/built
	ctest --preset $*
	@built=$$(cat build/$*/built); \
	    echo "$*: built in $$((built - $$(cat build/$*/began))) s," \
	        "tested in $$(($$(date +%s) - built)) s" | tee build/$*/seconds

test-trixie test-bookworm: test-%:
	scripts/bootstrap debian
	scripts/test-debian $* test

cluster-demo:
	scripts/bootstrap demo
	@cmake --preset release -D CICADA_EXAMPLES=OFF -D CICADA_APPS=OFF -D CICADA_ASIO=OFF \
	    -D CICADA_UV=OFF -D CICADA_GLIB=OFF >/dev/null
	cmake --build --preset release -j $(JOBS) --target chaos_worker chaos_clock_ahead
	@tests/chaos/demo.py build/release/tests/chaos

chaos:
	scripts/bootstrap test
	cmake --preset release
	cmake --build --preset release -j $(JOBS) --target model_tests fault_tests \
	    chaos_worker chaos_clock_ahead
	CICADA_SEEDS=$(SEEDS) build/release/tests/model_tests --gtest_filter='cluster.*'
	CICADA_ROUNDS=$(ROUNDS) build/release/tests/fault_tests --gtest_filter='killed_process.*'
	tests/chaos/chaos.py build/release/tests/chaos --seconds $(CHAOS_SECONDS)

fuzz:
	scripts/bootstrap test
	cmake --preset clang
	cmake --build --preset clang -j $(JOBS) --target fuzz_targets
	for f in build/clang/tests/fuzz/fuzz_*; do name=$${f##*/fuzz_}; dict=tests/fuzz/$$name.dict; \
	    $$f -max_total_time=$(SECONDS) -timeout=5 $$([ -f $$dict ] && echo -dict=$$dict) \
	        tests/fuzz/corpus/$$name || exit 1; done

bench:
	scripts/bootstrap bench
	cmake --preset bench
	cmake --build --preset bench -j $(JOBS)
	bench/run

format:
	scripts/bootstrap lint
	clang-format-19 -i $(cxx_files)

lint:
	scripts/bootstrap lint
	scripts/check-columns
	scripts/check-includes
	scripts/check-sql
	clang-format-19 --dry-run -Werror $(cxx_files)
	cmake --preset lint
	run-clang-tidy-19 -quiet -j $(JOBS) -p build/lint '^(?!.*/embedded/)' # which is made as we build

clean:
	rm -rf build
