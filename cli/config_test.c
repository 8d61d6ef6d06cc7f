/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration reader: what it accepts, the files that a configuration
 * names, and the example. Mistakes have a test of their own.
 */
#include "config_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_check.h"
#include "config_keys.h"

#define EXAMPLE HAWSER_CLI_SOURCE_DIR "/example.ini"

static void test_load_least_file_takes_defaults(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c = test_config_load(p, DEVICE BROKER);
    assert_non_null(c);
    assert_string_equal(c->device.id, "d1");
    assert_string_equal(c->device.root, "hawser");
    assert_int_equal(c->device.layout, HAWSER_LAYOUT_DEVICE);
    assert_int_equal(c->device.interval_s, 30);
    assert_int_equal(c->device.qos, 1);
    assert_int_equal(c->outbox_kib, 1024);
    assert_int_equal(c->device.outbox_policy, HAWSER_OUTBOX_DROP_OLDEST);
    assert_int_equal(c->device.outbox_expiry_s, 0);
    assert_int_equal(c->device.replay_per_second, 20);
    assert_int_equal(c->device.keep_alive_s, 60);
    assert_int_equal(c->device.retry_speed, 1);
    assert_true(c->device.trust_system_clock);
    assert_int_equal(c->device.broker_count, 1);
    assert_string_equal(c->device.brokers[0].host, "b.example");
    assert_int_equal(c->device.brokers[0].port, 8883);
    assert_int_equal(c->device.credentials.ca.len, 6);
    assert_null(c->device.username.at);
    assert_null(c->device.password.at);
    assert_null(c->device.credentials.key.at);
    assert_true(c->device.build_time_s > 1700000000);
    assert_null(c->restart_program);
    hawser_cli_config_free(c);
}

static void test_load_relative_path_starts_at_the_files_folder(void **state)
{
    struct place *p = *state;
    char path[128];
    test_config_write("c.ini", DEVICE BROKER, 0644);
    (void)snprintf(path, sizeof(path), "%s/c.ini", p->folder);
    assert_int_equal(chdir("/"), 0);
    struct hawser_cli_config *c =
        hawser_cli_config_load(path, HAWSER_CLI_CONFIG_DEVICE, &p->mistakes);
    assert_int_equal(chdir(p->folder), 0);
    assert_non_null(c);
    (void)snprintf(path, sizeof(path), "%s/state", p->folder);
    assert_string_equal(c->state_dir, path);
    hawser_cli_config_free(c);
}

static void test_load_every_key_reaches_the_device(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c = test_config_load(
        p, DEVICE "firmware = 2.1.0\nrestart_program = /bin/true a b\n"
                  "[broker]\nurl = mqtts://a mqtts://[::1]:1883\n"
                  "   mqtts://10.0.0.1\nca_file = ca.pem\n"
                  "username = u\npassword_file = password\n"
                  "cert_file = device.pem\nkey_file = device.key\n"
                  "alpn = mqtt\nkeep_alive_s = 5\n"
                  "[topics]\nroot = a/b\nlayout = flat\n"
                  "[time]\nservers = t1 [::2]:124\n"
                  "[telemetry]\ninterval_s = 86400\nqos = 0\n"
                  "outbox_kib = 64\noutbox_policy = latest_only\n"
                  "outbox_expiry_s = 60\nreplay_per_second = 1000\n"
                  "[sensors]\ntemperature = auto\nload = file:/x\n"
                  "[network]\ninterface = eth0\n[retry]\nspeed = 1000\n");
    assert_non_null(c);
    assert_string_equal(c->device.firmware, "2.1.0");
    assert_string_equal(c->restart_program, "/bin/true a b");
    assert_int_equal(c->device.broker_count, 3);
    assert_string_equal(c->device.brokers[1].host, "::1");
    assert_int_equal(c->device.brokers[1].port, 1883);
    assert_string_equal(c->device.brokers[2].host, "10.0.0.1");
    assert_int_equal(c->device.password.len, strlen("geheim"));
    assert_memory_equal(c->device.password.at, "geheim", 6);
    assert_int_equal(c->device.credentials.chain.len, 5);
    assert_int_equal(c->device.credentials.key.len, 3);
    assert_int_equal(c->device.alpn.len, 4);
    assert_int_equal(c->device.layout, HAWSER_LAYOUT_FLAT);
    assert_string_equal(c->device.root, "a/b");
    assert_false(c->device.trust_system_clock);
    assert_int_equal(c->device.time_server_count, 2);
    assert_int_equal(c->device.time_servers[0].port, 123);
    assert_int_equal(c->device.time_servers[1].port, 124);
    assert_int_equal(c->device.qos, 0);
    assert_int_equal(c->outbox_kib, 64);
    assert_int_equal(c->device.outbox_policy, HAWSER_OUTBOX_LATEST_ONLY);
    assert_int_equal(c->device.outbox_expiry_s, 60);
    assert_int_equal(c->device.replay_per_second, 1000);
    assert_int_equal(c->device.sensor_count, 2);
    assert_string_equal(c->device.sensors[1], "load");
    assert_string_equal(c->sensors[1].source, "file:/x");
    assert_string_equal(c->interface, "eth0");
    hawser_cli_config_free(c);
}

static void test_load_operator_needs_no_device(void **state)
{
    struct place *p = *state;
    test_config_write("c.ini", BROKER, 0644);
    struct hawser_cli_config *c = hawser_cli_config_load(
        "c.ini", HAWSER_CLI_CONFIG_OPERATOR, &p->mistakes);
    assert_non_null(c);
    assert_null(c->device.id);
    assert_null(c->state_dir);
    hawser_cli_config_free(c);
}

static void test_load_windows_file_reads_the_same(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c = test_config_load(
        p, "\xef\xbb\xbf[device]\r\nid = d\r\nstate_dir = s\r\n"
           "[broker]\r\nurl = mqtts://b\r\nca_file = ca.pem\r\n");
    assert_non_null(c);
    assert_string_equal(c->device.id, "d");
    hawser_cli_config_free(c);
}

static void test_load_too_many_brokers_are_refused(void **state)
{
    struct place *p = *state;
    assert_null(test_config_load(
        p, DEVICE "[broker]\nca_file = ca.pem\n"
                  "url = mqtts://a mqtts://b mqtts://c mqtts://d\n"
                  " mqtts://e mqtts://f mqtts://g mqtts://h\n"
                  " mqtts://i\n"));
    assert_non_null(strstr(p->mistakes.text[0],
                           "c.ini:8: [broker] url: found \"mqtts://i\": more "
                           "than 8"));
}

static void test_load_too_many_sensors_are_refused(void **state)
{
    struct place *p = *state;
    char text[1024] = DEVICE BROKER "[sensors]\n";
    for (int i = 0; i <= HAWSER_SENSORS_MAX; i++) {
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
                       "s%d = auto\n", i);
    }
    assert_null(test_config_load(p, text));
    assert_non_null(strstr(p->mistakes.text[0], "more than 16 sensors"));
}

static void test_load_secret_file_open_to_others_is_refused(void **state)
{
    struct place *p = *state;
    char said[256];
    test_config_write("open", "geheim", 0640);
    assert_null(test_config_load(p, DEVICE BROKER
                                 "username = u\npassword_file = open\n"));
    (void)snprintf(said, sizeof(said),
                   "c.ini:8: [broker] password_file: %s/open: mode 0640 lets "
                   "others at a secret; chmod 600 %s/open",
                   p->folder, p->folder);
    assert_string_equal(p->mistakes.text[0], said);
}

static void test_load_secret_from_systemd_may_show_group_bits(void **state)
{
    struct place *p = *state;
    static const char text[] =
        DEVICE BROKER "username = u\npassword_file = open\n";
    test_config_write("open", "geheim", 0440);
    (void)setenv("CREDENTIALS_DIRECTORY", p->folder, 1);
    struct hawser_cli_config *c = test_config_load(p, text);
    assert_non_null(c);
    hawser_cli_config_free(c);
    test_config_write("open", "geheim", 0444);
    assert_null(test_config_load(p, text));
    (void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_load_files_that_cannot_be_used_are_named(void **state)
{
    struct place *p = *state;
    test_config_write("empty", "", 0600);
    test_config_write("newline", "\n", 0600);
    assert_null(test_config_load(p, DEVICE
                                 "[broker]\nurl = mqtts://b\nca_file = empty\n"
                                 "username = u\npassword_file = newline\n"
                                 "cert_file = nowhere\nkey_file = /tmp\n"));
    assert_int_equal(p->mistakes.count, 4);
    assert_non_null(strstr(p->mistakes.text[0], "/empty: the file is empty"));
    assert_non_null(strstr(p->mistakes.text[1], "No such file"));
    assert_non_null(strstr(p->mistakes.text[2], "/tmp: not a regular file"));
    assert_non_null(strstr(p->mistakes.text[3], "holds no password"));
}

static void test_load_absent_file_is_named(void **state)
{
    struct place *p = *state;
    assert_null(hawser_cli_config_load("no.ini", HAWSER_CLI_CONFIG_DEVICE,
                                       &p->mistakes));
    assert_string_equal(p->mistakes.text[0],
                        "no.ini: No such file or directory");
}

static char *read_example(void)
{
    char *text = calloc(1, HAWSER_CLI_CONFIG_FILE_MAX);
    FILE *file = fopen(EXAMPLE, "rb");
    assert_non_null(text);
    assert_non_null(file);
    (void)fread(text, 1, HAWSER_CLI_CONFIG_FILE_MAX - 1, file);
    (void)fclose(file);
    return text;
}

static void test_example_is_a_valid_configuration(void **state)
{
    struct place *p = *state;
    char *text = read_example();
    struct hawser_cli_config *c = test_config_load(p, text);
    free(text);
    assert_non_null(c);
    assert_int_equal(c->device.broker_count, 3);
    hawser_cli_config_free(c);
}

/* Each key with its section before it, in use or commented out. */
static void test_example_shows_every_key(void **state)
{
    (void)state;
    char *text = read_example();
    size_t count = 0;
    const struct hawser_cli_key *keys = hawser_cli_keys(&count);
    for (size_t i = 0; i < count; i++) {
        char line[64];
        const char *more = hawser_cli_section_more(&keys[i]);
        (void)snprintf(line, sizeof(line), "\n%s[%s%s]\n",
                       more[0] == '\0' ? "" : ";", keys[i].section, more);
        const char *section = strstr(text, line);
        assert_non_null(section);
        if (strcmp(keys[i].name, HAWSER_CLI_ANY_KEY) == 0) {
            continue;
        }
        (void)snprintf(line, sizeof(line), "\n%s = ", keys[i].name);
        const char *used = strstr(section, line);
        (void)snprintf(line, sizeof(line), "\n;%s = ", keys[i].name);
        if (used == NULL && strstr(section, line) == NULL) {
            fail_msg("example.ini does not show %s", keys[i].name);
        }
    }
    free(text);
}

static void test_is_same_until_a_byte_of_any_file_changes(void **state)
{
    static const char text[] =
        DEVICE BROKER "username = u\npassword_file = password\n"
                      "cert_file = device.pem\nkey_file = device.key\n";
    static const char *const names[] = {"ca.pem", "password", "device.pem",
                                        "device.key"};
    struct place *p = *state;
    struct hawser_cli_config *was = test_config_load(p, text);
    struct hawser_cli_config *now = test_config_load(p, text);
    assert_true(hawser_cli_config_is_same(was, now));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        hawser_cli_config_free(was);
        was = now;
        test_config_write(names[i], "changed", 0600);
        now = test_config_load(p, text);
        assert_false(hawser_cli_config_is_same(was, now));
    }
    hawser_cli_config_free(was);
    was = test_config_load(p, DEVICE BROKER);
    assert_false(hawser_cli_config_is_same(was, now));
    hawser_cli_config_free(now);
    now = test_config_load(p, DEVICE BROKER ";");
    assert_false(hawser_cli_config_is_same(was, now));
    hawser_cli_config_free(was);
    hawser_cli_config_free(now);
}

static void test_check_machine_names_what_is_not_there(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c =
        test_config_load(p, "[device]\nid = d\nstate_dir = ca.pem\n[network]\n"
                            "interface = absent0\n" BROKER);
    assert_non_null(c);
    assert_false(hawser_cli_config_check_machine(c, "c.ini", &p->mistakes));
    assert_int_equal(p->mistakes.count, 2);
    assert_non_null(
        strstr(p->mistakes.text[0], "c.ini: [device] state_dir: /"));
    assert_non_null(strstr(p->mistakes.text[0], "/ca.pem: Not a directory"));
    assert_string_equal(p->mistakes.text[1],
                        "c.ini: [network] interface: there is no \"absent0\" "
                        "here; `ip link` shows which there are");
    hawser_cli_config_free(c);
    c = test_config_load(p, "[device]\nid = d\nstate_dir = /proc/x\n" BROKER);
    assert_non_null(c);
    assert_false(hawser_cli_config_check_machine(c, "c.ini", &p->mistakes));
    assert_string_equal(p->mistakes.text[0],
                        "c.ini: [device] state_dir: /proc/x: No such file or "
                        "directory");
    hawser_cli_config_free(c);
}

static void test_check_machine_leaves_no_folder(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c =
        test_config_load(p, DEVICE BROKER "[network]\ninterface = lo\n");
    assert_non_null(c);
    assert_true(hawser_cli_config_check_machine(c, "c.ini", &p->mistakes));
    assert_int_not_equal(access("state", F_OK), 0);
    assert_int_equal(mkdir("state", 0700), 0);
    assert_true(hawser_cli_config_check_machine(c, "c.ini", &p->mistakes));
    assert_int_equal(rmdir("state"), 0);
    hawser_cli_config_free(c);
}

static void test_default_path_follows_the_environment(void **state)
{
    (void)state;
    char room[64];
    (void)setenv("HOME", "/home/o", 1);
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("HAWSER_CONFIG");
    assert_true(hawser_cli_config_default_path(room, sizeof(room)));
    assert_string_equal(room, "/home/o/.config/hawser/operator.ini");
    (void)setenv("HAWSER_CONFIG", "/etc/o.ini", 1);
    assert_true(hawser_cli_config_default_path(room, sizeof(room)));
    assert_string_equal(room, "/etc/o.ini");
    (void)unsetenv("HAWSER_CONFIG");
    (void)unsetenv("HOME");
    assert_false(hawser_cli_config_default_path(room, sizeof(room)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_load_least_file_takes_defaults),
        IN_FOLDER(test_load_relative_path_starts_at_the_files_folder),
        IN_FOLDER(test_load_every_key_reaches_the_device),
        IN_FOLDER(test_load_operator_needs_no_device),
        IN_FOLDER(test_load_windows_file_reads_the_same),
        IN_FOLDER(test_load_too_many_brokers_are_refused),
        IN_FOLDER(test_load_too_many_sensors_are_refused),
        IN_FOLDER(test_load_secret_file_open_to_others_is_refused),
        IN_FOLDER(test_load_secret_from_systemd_may_show_group_bits),
        IN_FOLDER(test_load_files_that_cannot_be_used_are_named),
        IN_FOLDER(test_load_absent_file_is_named),
        IN_FOLDER(test_example_is_a_valid_configuration),
        cmocka_unit_test(test_example_shows_every_key),
        IN_FOLDER(test_is_same_until_a_byte_of_any_file_changes),
        IN_FOLDER(test_check_machine_names_what_is_not_there),
        IN_FOLDER(test_check_machine_leaves_no_folder),
        cmocka_unit_test(test_default_path_follows_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
