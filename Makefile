# SPDX-License-Identifier: Apache-2.0
# The few commands that people type. CMake does the work; `make help` lists them.
.PHONY: all demo test check coverage bench fuzz soak help
SOURCES = $(shell git ls-files '*.c' '*.h')
SCRIPTS = demo.sh test.sh .ci/run tools/setup tools/coverage tools/rv32 \
	tools/check-symbols
CONFIGURE = cmake -S . -G Ninja

all: ## build build/hawser
	tools/setup build
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF
	cmake --build build

demo: ## show a device at work against a private Mosquitto
	./demo.sh

test: ## build and prove everything
	./test.sh

check: ## format, clang-tidy, cppcheck, -fanalyzer, layers, symbols, sizes
	tools/setup build test check
	clang-format --dry-run --Werror $(SOURCES)
	shellcheck $(SCRIPTS)
	tools/check-layers
	tools/check-twins
	tools/check-sizes
	tools/rv32
	$(CONFIGURE) -B build-check -DCMAKE_C_COMPILER=gcc -DHAWSER_WERROR=ON \
		-DCMAKE_C_FLAGS=-fanalyzer -DHAWSER_TESTS=OFF
	cmake --build build-check
	tools/check-symbols build-check
	run-clang-tidy -quiet -p build-check '/(src|ports|cli)/' >build-check/tidy.log 2>&1 \
		|| { grep -E 'error|warning' build-check/tidy.log; exit 1; }
	cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -I include -I src src ports cli

coverage: ## lines and branches that the unit tests execute
	tools/setup build test
	tools/coverage build-coverage

bench: ## speed and memory of the core
	tools/setup build
	$(CONFIGURE) -B build-bench -DCMAKE_BUILD_TYPE=Release -DHAWSER_BENCH=ON \
		-DHAWSER_TESTS=OFF -DHAWSER_LINUX=OFF
	cmake --build build-bench
	build-bench/bin/codec_bench

fuzz: ## run each fuzz target for FUZZ_S seconds (60)
	tools/setup build fuzz
	$(CONFIGURE) -B build-fuzz -DCMAKE_C_COMPILER=clang -DHAWSER_FUZZ=ON \
		-DHAWSER_TESTS=OFF -DHAWSER_LINUX=OFF
	cmake --build build-fuzz
	for t in feed property topic; do mkdir -p build-fuzz/corpus/$$t && \
		build-fuzz/bin/$${t}_fuzz -max_total_time=$(or $(FUZZ_S),60) -print_final_stats=1 \
		build-fuzz/corpus/$$t fuzz/corpus/$$t || exit 1; done

soak: ## the system tests again and again, ROUNDS times (20)
	tools/setup build test
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF && cmake --build build
	for i in $$(seq $(or $(ROUNDS),20)); do tests/system/run || exit 1; done

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
