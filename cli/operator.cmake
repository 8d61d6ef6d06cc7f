# SPDX-License-Identifier: Apache-2.0
# The operator's commands: `hawser pki`, `hawser broker`, `hawser cert` and
# `hawser factory`.
target_sources(hawser_cli PRIVATE
  broker.c
  broker_init.c
  broker_password.c
  broker_text.c
  broker_tls.c
  broker_user.c
  cert.c
  cert_ask.c
  cert_push.c
  cert_rollout.c
  cert_rotate.c
  cert_status.c
  factory.c
  factory_settings.c
  pki.c
  pki_args.c
  pki_cert.c
  pki_crl.c
  pki_device.c
  pki_file.c
  pki_header.c
  pki_index.c
  pki_init.c
  pki_issue.c
  pki_key.c
  pki_list.c
  pki_name.c
  pki_read.c
  pki_records.c
  pki_renew.c
  pki_revoke.c
  pki_rotate.c
  pki_show.c
  pki_stage.c
  sign.c)

hawser_unit_test(cli_pki_name_test pki_name_test.c LINK hawser_cli)
hawser_unit_test(cli_pki_init_test pki_init_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_pki_device_test pki_device_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_pki_show_test pki_show_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_pki_life_test pki_life_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_pki_rotate_test pki_rotate_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_cert_rollout_test cert_rollout_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_broker_config_test broker_config_test.c pki_fixture.c
  LINK hawser_cli)
hawser_unit_test(cli_broker_test broker_test.c pki_fixture.c LINK hawser_cli)
hawser_unit_test(cli_factory_test factory_test.c pki_fixture.c
  ../ports/shared/settings.c LINK hawser_cli)
if(HAWSER_TESTS)
  # Needs Mosquitto; says so and is skipped where it is not installed.
  add_test(NAME cli_broker_live_test COMMAND sh
    ${CMAKE_CURRENT_SOURCE_DIR}/broker_live_test.sh $<TARGET_FILE:hawser>)
  add_test(NAME cli_pki_live_test COMMAND sh
    ${CMAKE_CURRENT_SOURCE_DIR}/pki_live_test.sh $<TARGET_FILE:hawser>)
  set_tests_properties(cli_pki_live_test PROPERTIES TIMEOUT 240
    SKIP_RETURN_CODE 77)
  set_tests_properties(cli_broker_live_test PROPERTIES TIMEOUT 120
    SKIP_RETURN_CODE 77)
endif()

if(HAWSER_TESTS)
  # Do the manual pages and completions say what the command does?
  add_test(NAME cli_man_test COMMAND sh
    ${CMAKE_CURRENT_SOURCE_DIR}/man/check $<TARGET_FILE:hawser>)
  add_test(NAME cli_operations_test COMMAND sh
    ${CMAKE_CURRENT_SOURCE_DIR}/operations_check.sh $<TARGET_FILE:hawser>)
  add_test(NAME cli_completion_test COMMAND bash
    ${CMAKE_CURRENT_SOURCE_DIR}/completion/check $<TARGET_FILE:hawser>)
  add_test(NAME cli_systemd_test COMMAND sh
    ${CMAKE_CURRENT_SOURCE_DIR}/systemd/check $<TARGET_FILE:hawser>)
  set_tests_properties(cli_systemd_test PROPERTIES SKIP_RETURN_CODE 77)
endif()
