# SPDX-License-Identifier: Apache-2.0
# The few commands that people type. CMake does the work; `make help` lists them.
.PHONY: all demo test firmware emulate test-firmware test-brokers check spec \
	coverage exhaustive mutate time-table model prove bench bench-firmware size fuzz soak ledger \
	rotations faults api-docs help
CONFIGURE = cmake -S . -G Ninja

all: ## build build/hawser
	tools/setup build
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF
	cmake --build build

demo: ## show a device at work against a private Mosquitto
	./demo.sh

test: ## build and prove everything
	./test.sh

# The image for RV32IMC, in build-firmware.
FIRMWARE = tools/setup build firmware && tools/firmware-sources && \
	cmake -S . -B build-firmware -G Ninja -DCMAKE_BUILD_TYPE=MinSizeRel \
	-DCMAKE_TOOLCHAIN_FILE=cmake/rv32imc.cmake -DHAWSER_FIRMWARE=ON \
	-DHAWSER_TESTS=OFF -DHAWSER_WERROR=ON && cmake --build build-firmware

firmware: ## the device as bare-metal firmware for RV32IMC; what it takes
	$(FIRMWARE)
	tools/firmware-size build-firmware/firmware.map

emulate: ## the firmware at work in QEMU, beside a private Mosquitto
	$(FIRMWARE) >/dev/null
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF >/dev/null && \
		cmake --build build >/dev/null
	tools/story --firmware build-firmware/firmware.bin $(STORY)

test-firmware: ## the firmware's stories: TLS, outages, power cuts, a day offline
	$(FIRMWARE)
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF && cmake --build build
	tests/system/run -j 3 --firmware build-firmware/firmware.bin $(WORDS)

test-brokers: ## RabbitMQ; 100,000 messages for each QoS under 100 cuts
	tools/setup build demo test brokers
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF && cmake --build build
	mkdir -p build/node && cp tests/system/node/package*.json build/node/
	cd build/node && npm ci --silent --no-audit --no-fund
	NODE_MODULES=$$PWD/build/node/node_modules HAWSER_TEST_SECONDS=1800 \
		EXCHANGE_MESSAGES=$(or $(MESSAGES),100000) EXCHANGE_CUTS=100 \
		tests/system/run -j 1 exchange rabbitmq aedes driver

ledger: ## 10,000 records under 200 faults: broker, line, process, disk
	tools/setup build demo test
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF && cmake --build build
	HAWSER_TEST_SECONDS=1800 LEDGER_RECORDS=$(or $(RECORDS),10000) \
		LEDGER_FAULTS=$(or $(FAULTS),200) LEDGER_SEED=$(or $(SEED),1) \
		tests/system/run -j 2 --long ledger

rotations: ## a CA rolled 50 times in a row by update_cert, and over a fleet
	tools/setup build demo test
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF && cmake --build build
	HAWSER_TEST_SECONDS=1800 UPDATE_ROTATIONS=$(or $(ROTATIONS),50) \
		UPDATE_FLEET=$(or $(FLEET),20) \
		tests/system/run -j 1 --long again_and_again of_a_fleet

check: ## format, clang-tidy, cppcheck, -fanalyzer, layers, symbols, sizes
	@tools/setup build test firmware check
	@tools/check build-check

spec: ## each rule of MQTT that binds a client, with its tests
	tools/setup build test
	$(CONFIGURE) -B build-spec -DHAWSER_LINUX=OFF
	cmake --build build-spec --target spec
	ctest --test-dir build-spec -R '^spec_' --verbose >build-spec/spec.log; \
		tools/spec build-spec/spec.log

coverage: ## lines, branches and MC/DC that the unit tests show
	tools/setup build test
	tools/coverage build-coverage

exhaustive: ## every four bytes through varints, decoders and hawser_feed
	tools/setup build test
	$(CONFIGURE) -B build-exhaustive -DCMAKE_BUILD_TYPE=Release \
		-DHAWSER_LINUX=OFF
	cmake --build build-exhaustive --target four_bytes
	printf '%s\n' feed-5 feed-3 packet-5 packet-3 varint | \
		xargs -P $$(nproc) -n 1 build-exhaustive/bin/four_bytes 4

mutate: ## are small mistakes noticed? FILES=, SAMPLE=, SEED= as one likes
	tools/setup build test
	tools/mutate $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) \
		build-mutate $(FILES)

time-table: ## what time servers may do, and what clock and TLS make of it
	@tools/setup build test
	@$(CONFIGURE) -B build-spec -DHAWSER_LINUX=OFF >/dev/null
	@cmake --build build-spec --target device_time_table_test >/dev/null
	@build-spec/bin/device_time_table_test 2>&1 | grep '|'

model: ## delivery, both ends, every order of events, by Spin
	tools/setup build test
	tools/model

prove: ## decoders and QoS state by Frama-C: no read past the end, no overflow
	tools/setup prove
	tools/prove build-prove $(FILES)

api-docs: ## the API reference, build/api/index.html
	tools/setup docs
	mkdir -p build/api
	OUT=build/api doxygen docs/Doxyfile

bench: ## speed, instructions, memory; beside libmosquitto and Paho C
	tools/setup build test
	$(CONFIGURE) -B build-bench -DCMAKE_BUILD_TYPE=Release -DHAWSER_BENCH=ON \
		-DHAWSER_TESTS=OFF -DHAWSER_PEERS=ON
	cmake --build build-bench
	build-bench/bin/codec_bench
	tools/instructions build-bench
	bench/peers/compare build-bench --out build-bench/peers.md

bench-firmware: ## the firmware: reset to online, handshakes, stack, memory
	$(FIRMWARE) >/dev/null
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF >/dev/null && \
		cmake --build build >/dev/null
	tools/firmware-bench build/hawser build-firmware/firmware.bin

size: ## what a small program takes of the core on RV32IMC
	tools/setup build test
	tools/size

fuzz: ## each fuzz target for FUZZ_S seconds (60); FUZZ_FAST=1: no sanitizers
	tools/setup build fuzz
	tools/fuzz $(or $(FUZZ_S),60)

soak: ## the system tests again and again, ROUNDS times (20)
	tools/setup build test
	$(CONFIGURE) -B build -DHAWSER_TESTS=OFF && cmake --build build
	for i in $$(seq $(or $(ROUNDS),20)); do tests/system/run || exit 1; done

faults: ## each fault of tests/faults/catalogue.tsv, live; WORDS=net dns: those
	tools/setup build test firmware
	tools/firmware-sources
	$(CONFIGURE) -B build-faults -DHAWSER_MBEDTLS=ON && \
		cmake --build build-faults
	tools/faults build-faults $(WORDS)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
