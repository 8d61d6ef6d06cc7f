# SPDX-License-Identifier: Apache-2.0
# What of the ESP-IDF port runs on the host: under tests, over a fake ESP-IDF.
function(esp_test name)
  hawser_unit_test(esp_${name}_test
    ${PROJECT_SOURCE_DIR}/ports/esp-idf/${name}_test.c
    ${PROJECT_SOURCE_DIR}/ports/esp-idf/fake/fake.c ${ARGN}
    LINK hawser_device)
  if(HAWSER_TESTS)
    target_include_directories(esp_${name}_test PRIVATE ${PROJECT_SOURCE_DIR}
      ${PROJECT_SOURCE_DIR}/ports/esp-idf/fake)
  endif()
endfunction()

set(esp ${PROJECT_SOURCE_DIR}/ports/esp-idf)
if(HAWSER_TESTS)
  # The library for Arduino: made, and its class run over a fake of the port.
  add_test(NAME arduino_check COMMAND
    ${PROJECT_SOURCE_DIR}/ports/arduino/check)
endif()
esp_test(flash ${esp}/flash.c)
esp_test(stored ${esp}/stored.c ${PROJECT_SOURCE_DIR}/ports/shared/settings.c)
esp_test(wifi ${esp}/wifi.c ${esp}/wifi_plan.c)
esp_test(console ${esp}/console.c ${esp}/console_line.c ${esp}/console_paste.c
  ${esp}/console_set.c ${esp}/stored.c
  ${PROJECT_SOURCE_DIR}/ports/shared/settings.c)
esp_test(provision ${esp}/provision.c ${esp}/stored.c
  ${PROJECT_SOURCE_DIR}/ports/shared/settings.c)
if(HAWSER_TESTS)
  target_compile_definitions(esp_provision_test PRIVATE
    HAWSER_BUILD_TIME_S=1700000000u)
endif()
esp_test(udp ${esp}/udp.c)
esp_test(resolve ${esp}/resolve.c)
esp_test(system ${esp}/system.c)
# Over OpenSSL, to the test server of the Linux port.
esp_test(stream ${esp}/stream.c ${esp}/udp.c
  ${PROJECT_SOURCE_DIR}/ports/linux/stream_test_server.c
  ${PROJECT_SOURCE_DIR}/ports/linux/test_wait.c)
if(HAWSER_TESTS)
  target_link_libraries(esp_stream_test PRIVATE hawser_tls_test_peer
    hawser_linux)
  target_include_directories(esp_system_test PRIVATE ${PROJECT_SOURCE_DIR}/src)
endif()

# The example of a sensor that takes its time.
hawser_unit_test(esp_sht3x_test
  ${PROJECT_SOURCE_DIR}/firmware/esp32/main/sht3x_test.c
  ${PROJECT_SOURCE_DIR}/firmware/esp32/main/sht3x.c LINK hawser_device)
if(HAWSER_TESTS)
  target_include_directories(esp_sht3x_test PRIVATE
    ${PROJECT_SOURCE_DIR}/firmware/esp32/main
    ${PROJECT_SOURCE_DIR}/firmware/esp32/main/fake ${esp}/fake)
endif()
