# SPDX-License-Identifier: Apache-2.0
# The time of the source: the floor under every clock of a device.
set(hawser_build_time "$ENV{SOURCE_DATE_EPOCH}")
if(NOT hawser_build_time)
  execute_process(COMMAND git log -1 --format=%ct
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE hawser_build_time
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT hawser_build_time MATCHES "^[0-9]+$")
  string(TIMESTAMP hawser_build_time "%s" UTC)
endif()
