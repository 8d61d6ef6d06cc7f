# SPDX-License-Identifier: Apache-2.0
# What the hawser command is made of, as SPDX: hawser.spdx.json, made anew with
# each program. Not for programs with sanitizers, counters or fuzzers in them,
# which nobody installs.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND CMAKE_GENERATOR STREQUAL "Ninja" AND NOT HAWSER_SANITIZE
    AND NOT HAWSER_COVERAGE AND NOT HAWSER_FUZZ)
  set(hawser_sbom ${PROJECT_BINARY_DIR}/hawser.spdx.json)
  add_custom_command(OUTPUT ${hawser_sbom}
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/sbom
      ${PROJECT_BINARY_DIR} hawser ${hawser_sbom}
    DEPENDS hawser ${PROJECT_SOURCE_DIR}/tools/sbom VERBATIM)
  add_custom_target(sbom ALL DEPENDS ${hawser_sbom})
  install(FILES ${hawser_sbom} DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
