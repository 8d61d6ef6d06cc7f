# SPDX-License-Identifier: Apache-2.0
# mbedTLS as mbedtls_config.h wants it, from the fetched sources, and tls.h over
# it. Its files are empty where the configuration leaves them out.
set(mbedtls ${HAWSER_FIRMWARE_SOURCES}/mbedtls)
file(GLOB mbedtls_files ${mbedtls}/library/*.c)
if(NOT mbedtls_files)
  message(FATAL_ERROR "There is no mbedTLS in ${HAWSER_FIRMWARE_SOURCES}; "
    "tools/firmware-sources fetches it.")
endif()
add_library(mbedtls STATIC ${mbedtls_files})
# Most of a handshake is arithmetic on long numbers; for size it takes too long.
set_source_files_properties(${mbedtls}/library/bignum_core.c
  PROPERTIES COMPILE_OPTIONS -O2)
target_include_directories(mbedtls SYSTEM PUBLIC ${mbedtls}/include)
target_include_directories(mbedtls PRIVATE ${mbedtls}/library)
target_compile_definitions(mbedtls PUBLIC
  MBEDTLS_CONFIG_FILE="${CMAKE_CURRENT_LIST_DIR}/mbedtls_config.h")

add_library(hawser_tls_mbedtls STATIC
  cause.c
  mbedtls.c
  mbedtls_bio.c
  mbedtls_cause.c
  mbedtls_certificate.c
  mbedtls_context.c
  mbedtls_credentials.c
  mbedtls_handshake.c
  mbedtls_host.c
  mbedtls_key.c
  mbedtls_memory.c
  mbedtls_preflight.c
  mbedtls_system.c
  mbedtls_ticket.c
  mbedtls_verify.c)
target_link_libraries(hawser_tls_mbedtls PUBLIC hawser_options mbedtls)
# Each calls the other: mbedtls_system.c.
target_link_libraries(mbedtls INTERFACE $<LINK_ONLY:hawser_tls_mbedtls>)
# A few facts have no call: the alert that came, the group, a certificate's hash.
target_compile_definitions(hawser_tls_mbedtls PRIVATE
  MBEDTLS_ALLOW_PRIVATE_ACCESS)
target_include_directories(hawser_tls_mbedtls SYSTEM PRIVATE ${mbedtls}/library)
if(HAWSER_SANITIZE)
  target_compile_options(mbedtls PRIVATE -O2 -fsanitize=${HAWSER_SANITIZE}
    -fno-sanitize=nonnull-attribute -fno-sanitize-recover=all)
endif()
