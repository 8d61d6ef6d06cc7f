# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the command with its manual pages,
# completions and systemd unit; the core's headers and libraries, to be found
# by find_package(hawser) and by pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The core, lowest layer last, as a linker reads it.
set(hawser_core)
foreach(layer device mqtt wire)
  if(TARGET hawser_${layer})
    list(APPEND hawser_core ${layer})
  endif()
endforeach()
list(TRANSFORM hawser_core PREPEND hawser_ OUTPUT_VARIABLE hawser_core_targets)
install(TARGETS ${hawser_core_targets}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hawser
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")

# Not an export of our targets: that would hand our warnings on to others.
set(hawser_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hawser)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/hawser-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/hawser-config.cmake
  INSTALL_DESTINATION ${hawser_package_dir}
  PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/hawser-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hawser-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/hawser-config-version.cmake
  DESTINATION ${hawser_package_dir} COMPONENT development)

list(TRANSFORM hawser_core PREPEND -lhawser_ OUTPUT_VARIABLE hawser_pc_libs)
list(JOIN hawser_pc_libs " " hawser_pc_libs)
configure_file(${CMAKE_CURRENT_LIST_DIR}/hawser.pc.in
  ${CMAKE_CURRENT_BINARY_DIR}/hawser.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hawser.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

if(HAWSER_LINUX)
  set(hawser_cli ${PROJECT_SOURCE_DIR}/cli)
  install(TARGETS hawser RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY ${hawser_cli}/man/
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
  install(DIRECTORY ${hawser_cli}/man/
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 FILES_MATCHING PATTERN "*.5")
  install(FILES ${hawser_cli}/completion/hawser.bash RENAME hawser
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${hawser_cli}/completion/_hawser
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${hawser_cli}/example.ini
    DESTINATION ${CMAKE_INSTALL_DOCDIR})

  # The unit in the source is usable as it is for /usr.
  file(READ ${hawser_cli}/systemd/hawser-agent.service unit)
  string(REPLACE "/usr/bin/hawser" "${CMAKE_INSTALL_FULL_BINDIR}/hawser"
    unit "${unit}")
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/hawser-agent.service
    CONTENT "${unit}")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hawser-agent.service
    DESTINATION lib/systemd/system)
endif()

# Libraries built to be watched do not link into a program that is not.
if(HAWSER_TESTS AND HAWSER_LINUX AND NOT HAWSER_SANITIZE
    AND NOT HAWSER_COVERAGE AND NOT HAWSER_FUZZ)
  add_test(NAME install_test COMMAND sh
    ${CMAKE_CURRENT_LIST_DIR}/install_test.sh ${CMAKE_CURRENT_BINARY_DIR}
    ${CMAKE_COMMAND})
  set_tests_properties(install_test PROPERTIES TIMEOUT 300)
endif()
