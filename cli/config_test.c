/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration reader: what it accepts and what every mistake is called,
 * word by word. Files are made in a folder of their own under /tmp.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_keys.h"

#define EXAMPLE HAWSER_CLI_SOURCE_DIR "/example.ini"

struct place {
    char folder[64];
    struct hawser_cli_mistakes mistakes;
};

static void write_file(const char *name, const char *bytes, size_t len,
                       mode_t mode)
{
    (void)unlink(name);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, mode), 0);
}

static void write_text(const char *name, const char *text, mode_t mode)
{
    write_file(name, text, strlen(text), mode);
}

static int enter_folder(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    strcpy(p->folder, "/tmp/hawser-config-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    assert_int_equal(chdir(p->folder), 0);
    write_text("ca.pem", "anchor", 0644);
    write_text("password", "geheim\r\n", 0600);
    write_text("device.pem", "chain", 0644);
    write_text("device.key", "key", 0600);
    *state = p;
    return 0;
}

static int leave_folder(void **state)
{
    static const char *const names[] = {"ca.pem",     "password",   "open",
                                        "device.pem", "device.key", "empty",
                                        "newline",    "c.ini"};
    struct place *p = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(names[i]);
    }
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

static struct hawser_cli_config *load(struct place *p, const char *text)
{
    write_text("c.ini", text, 0644);
    return hawser_cli_config_load("c.ini", HAWSER_CLI_CONFIG_DEVICE,
                                  &p->mistakes);
}

#define DEVICE "[device]\nid = d1\nstate_dir = state\n"
#define BROKER "[broker]\nurl = mqtts://b.example\nca_file = ca.pem\n"

static void test_load_least_file_takes_defaults(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c = load(p, DEVICE BROKER);
    assert_non_null(c);
    assert_string_equal(c->device.id, "d1");
    assert_string_equal(c->device.root, "hawser");
    assert_int_equal(c->device.layout, HAWSER_LAYOUT_DEVICE);
    assert_int_equal(c->device.interval_s, 30);
    assert_int_equal(c->device.qos, 1);
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
    write_text("c.ini", DEVICE BROKER, 0644);
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
    struct hawser_cli_config *c =
        load(p, DEVICE "firmware = 2.1.0\nrestart_program = /bin/true a b\n"
                       "[broker]\nurl = mqtts://a mqtts://[::1]:1883\n"
                       "   mqtts://10.0.0.1\nca_file = ca.pem\n"
                       "username = u\npassword_file = password\n"
                       "cert_file = device.pem\nkey_file = device.key\n"
                       "alpn = mqtt\nkeep_alive_s = 5\n"
                       "[topics]\nroot = a/b\nlayout = flat\n"
                       "[time]\nservers = t1 [::2]:124\n"
                       "[telemetry]\ninterval_s = 86400\nqos = 0\n"
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
    assert_int_equal(c->device.sensor_count, 2);
    assert_string_equal(c->device.sensors[1], "load");
    assert_string_equal(c->sensors[1].source, "file:/x");
    assert_string_equal(c->interface, "eth0");
    hawser_cli_config_free(c);
}

static void test_load_operator_needs_no_device(void **state)
{
    struct place *p = *state;
    write_text("c.ini", BROKER, 0644);
    struct hawser_cli_config *c = hawser_cli_config_load(
        "c.ini", HAWSER_CLI_CONFIG_OPERATOR, &p->mistakes);
    assert_non_null(c);
    assert_null(c->device.id);
    assert_null(c->state_dir);
    hawser_cli_config_free(c);
}

/* One mistake: a file after the least good one, and what is said of it. */
struct mistake {
    const char *text;
    const char *said;
};

static const struct mistake mistakes[] = {
    {DEVICE "[broker]\nurl = mqtt://b\nca_file = ca.pem\n",
     "c.ini:5: [broker] url: found \"mqtt://b\": not encrypted, and "
     "verification is never optional; allowed: mqtts://HOST[:PORT], up to 8, "
     "separated by spaces"},
    {DEVICE "[broker]\nurl = mqtts://b:0\nca_file = ca.pem\n",
     "c.ini:5: [broker] url: found \"mqtts://b:0\": the port is not 1 to "
     "65535; allowed: mqtts://HOST[:PORT], up to 8, separated by spaces"},
    {DEVICE BROKER "pasword_file = password\n",
     "c.ini:7: [broker] pasword_file: unknown key; did you mean "
     "password_file?"},
    {DEVICE BROKER "secret = geheim\n",
     "c.ini:7: [broker] secret: unknown key; allowed: url, ca_file, username, "
     "password_file, cert_file, key_file, alpn, keep_alive_s"},
    {DEVICE BROKER "[topcis]\nroot = x\n",
     "c.ini:7: [topcis]: unknown section; did you mean [topics]?"},
    {DEVICE BROKER "[x]\n",
     "c.ini:7: [x]: unknown section; allowed: [device] [broker] [topics] "
     "[time] [telemetry] [sensors] [network] [retry]"},
    {DEVICE BROKER "keep_alive_s = 60\nkeep_alive_s = 60\n",
     "c.ini:8: [broker] keep_alive_s: given twice, first in line 7"},
    {DEVICE BROKER "keep_alive_s = 4\n",
     "c.ini:7: [broker] keep_alive_s: found \"4\"; allowed: 5 to 65535 "
     "seconds"},
    {DEVICE BROKER "[telemetry]\ninterval_s = 30s\n",
     "c.ini:8: [telemetry] interval_s: found \"30s\"; allowed: 1 to 86400 "
     "seconds"},
    {DEVICE BROKER "[telemetry]\ninterval_s = 99999999999999999999\n",
     "c.ini:8: [telemetry] interval_s: found \"99999999999999999999\"; "
     "allowed: 1 to 86400 seconds"},
    {DEVICE BROKER "[telemetry]\nqos = 2\n",
     "c.ini:8: [telemetry] qos: found \"2\"; allowed: 0 or 1"},
    {DEVICE BROKER "[topics]\nlayout = round\n",
     "c.ini:8: [topics] layout: found \"round\"; allowed: device or flat"},
    {DEVICE BROKER "[topics]\nroot = a/\n",
     "c.ini:8: [topics] root: found \"a/\"; allowed: 1 to 64 bytes of topic "
     "without + and #, not beginning with $ or /, not ending in /"},
    {DEVICE BROKER "[time]\nservers = system t1\n",
     "c.ini:8: [time] servers: found \"system t1\": \"system\" stands alone; "
     "allowed: HOST[:PORT], up to 4, separated by spaces; or system"},
    {DEVICE BROKER "[sensors]\nTemp = auto\n",
     "c.ini:8: [sensors] Temp: found \"auto\": a sensor's name is a to z, then "
     "a to z, 0 to 9 and _, up to 32 letters; allowed: auto, thermal:TYPE, "
     "hwmon:NAME[/LABEL], iio:NAME, file:PATH, exec:COMMAND, "
     "simulated[:MIN..MAX]"},
    {DEVICE BROKER "[sensors]\nseq = auto\n",
     "c.ini:8: [sensors] seq: found \"auto\": messages have a member of this "
     "name already; allowed: auto, thermal:TYPE, hwmon:NAME[/LABEL], iio:NAME, "
     "file:PATH, exec:COMMAND, simulated[:MIN..MAX]"},
    {DEVICE BROKER "[sensors]\na = auto\nb = auto\na = auto\n",
     "c.ini:10: [sensors] a: given twice, first in line 8"},
    {DEVICE BROKER "[retry]\nspeed = 0\n",
     "c.ini:8: [retry] speed: found \"0\"; allowed: 1 to 1000"},
    {"[device]\nid = a/b\nstate_dir = s\n" BROKER,
     "c.ini:2: [device] id: found \"a/b\"; allowed: 1 to 64 bytes without + # "
     "/"},
    {"[device]\nid =\nstate_dir = s\n" BROKER,
     "c.ini:2: [device] id: found \"\"; allowed: 1 to 64 bytes without + # /"},
    {"[device]\nid = d\n" BROKER,
     "c.ini: [device] state_dir: missing; allowed: a folder; it is made if "
     "absent"},
    {DEVICE "restart_program = reboot\n" BROKER,
     "c.ini:4: [device] restart_program: found \"reboot\"; allowed: an "
     "absolute path and arguments, separated by spaces"},
    {"id = d\n" DEVICE BROKER, "c.ini:1: a key before the first [section]"},
    {DEVICE BROKER "nonsense\n",
     "c.ini:7: neither [section], key = value nor ; comment"},
    {DEVICE BROKER "nonsense", "c.ini:7: neither [section], key = value nor ; "
                               "comment"},
    {DEVICE BROKER "[topics\n",
     "c.ini:7: a section's name ends with ] and has 49 bytes at most"},
    {DEVICE BROKER "username = \x1b[31m\n",
     "c.ini:7: control characters, or not UTF-8"},
    {DEVICE BROKER "username = \xff\n",
     "c.ini:7: control characters, or not UTF-8"},
    {DEVICE BROKER "username = u\n  v\n",
     "c.ini:8: begins with a space and so goes on with the line before, but "
     "only url and servers may"},
    {DEVICE BROKER "password_file = password\n",
     "c.ini:7: [broker] password_file: needs username beside it"},
    {DEVICE BROKER "cert_file = device.pem\n",
     "c.ini:7: [broker] cert_file: needs key_file beside it"},
    {DEVICE BROKER "key_file = device.key\n",
     "c.ini:7: [broker] key_file: needs cert_file beside it"},
};

static void test_load_mistake_is_named(void **state)
{
    struct place *p = *state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        assert_null(load(p, mistakes[i].text));
        assert_string_equal(p->mistakes.text[0], mistakes[i].said);
        assert_int_equal(p->mistakes.count, 1);
    }
}

static void test_load_several_mistakes_are_all_named(void **state)
{
    struct place *p = *state;
    assert_null(load(p, "[device]\nid = a#\n[nowhere]\nx = 1\n[telemetry]\n"
                        "qos = 7\n"));
    assert_int_equal(p->mistakes.count, 6);
    assert_non_null(strstr(p->mistakes.text[0], "c.ini:2: [device] id"));
    assert_non_null(strstr(p->mistakes.text[1], "c.ini:3: [nowhere]"));
    assert_non_null(strstr(p->mistakes.text[2], "c.ini:6: [telemetry] qos"));
    assert_non_null(strstr(p->mistakes.text[3], "state_dir: missing"));
    assert_non_null(strstr(p->mistakes.text[4], "url: missing"));
    assert_non_null(strstr(p->mistakes.text[5], "ca_file: missing"));
}

static void test_load_too_many_mistakes_are_counted(void **state)
{
    struct place *p = *state;
    char text[400] = DEVICE BROKER;
    for (int i = 0; i < 20; i++) {
        strcat(text, "wrong\n");
    }
    assert_null(load(p, text));
    assert_int_equal(p->mistakes.count, HAWSER_CLI_MISTAKES_MAX);
    assert_int_equal(p->mistakes.left_out, 4);
}

static void test_load_long_line_is_named_not_cut(void **state)
{
    struct place *p = *state;
    char text[600] = DEVICE BROKER "username = ";
    memset(text + strlen(text), 'u', 300);
    assert_null(load(p, text));
    assert_string_equal(p->mistakes.text[0],
                        "c.ini:7: longer than 199 bytes; a list may go on in "
                        "the next line, after a space");
    assert_int_equal(p->mistakes.count, 1);
}

static void test_load_nul_byte_is_refused(void **state)
{
    struct place *p = *state;
    static const char text[] = DEVICE BROKER "username = a\0b\n";
    write_file("c.ini", text, sizeof(text) - 1, 0644);
    assert_null(hawser_cli_config_load("c.ini", HAWSER_CLI_CONFIG_DEVICE,
                                       &p->mistakes));
    assert_string_equal(p->mistakes.text[0],
                        "c.ini:7: control characters, or not UTF-8");
}

static void test_load_windows_file_reads_the_same(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c =
        load(p, "\xef\xbb\xbf[device]\r\nid = d\r\nstate_dir = s\r\n"
                "[broker]\r\nurl = mqtts://b\r\nca_file = ca.pem\r\n");
    assert_non_null(c);
    assert_string_equal(c->device.id, "d");
    hawser_cli_config_free(c);
}

static void test_load_too_many_brokers_are_refused(void **state)
{
    struct place *p = *state;
    assert_null(load(p, DEVICE "[broker]\nca_file = ca.pem\n"
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
    assert_null(load(p, text));
    assert_non_null(strstr(p->mistakes.text[0], "more than 16 sensors"));
}

static void test_load_secret_file_open_to_others_is_refused(void **state)
{
    struct place *p = *state;
    char said[256];
    write_text("open", "geheim", 0640);
    assert_null(load(p, DEVICE BROKER "username = u\npassword_file = open\n"));
    (void)snprintf(said, sizeof(said),
                   "c.ini:8: [broker] password_file: %s/open: mode 0640 lets "
                   "others at a secret; chmod 600 %s/open",
                   p->folder, p->folder);
    assert_string_equal(p->mistakes.text[0], said);
}

static void test_load_files_that_cannot_be_used_are_named(void **state)
{
    struct place *p = *state;
    write_text("empty", "", 0600);
    write_text("newline", "\n", 0600);
    assert_null(load(p, DEVICE "[broker]\nurl = mqtts://b\nca_file = empty\n"
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
    struct hawser_cli_config *c = load(p, text);
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
        (void)snprintf(line, sizeof(line), "\n[%s]\n", keys[i].section);
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

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_load_least_file_takes_defaults),
        IN_FOLDER(test_load_relative_path_starts_at_the_files_folder),
        IN_FOLDER(test_load_every_key_reaches_the_device),
        IN_FOLDER(test_load_operator_needs_no_device),
        IN_FOLDER(test_load_mistake_is_named),
        IN_FOLDER(test_load_several_mistakes_are_all_named),
        IN_FOLDER(test_load_too_many_mistakes_are_counted),
        IN_FOLDER(test_load_long_line_is_named_not_cut),
        IN_FOLDER(test_load_nul_byte_is_refused),
        IN_FOLDER(test_load_windows_file_reads_the_same),
        IN_FOLDER(test_load_too_many_brokers_are_refused),
        IN_FOLDER(test_load_too_many_sensors_are_refused),
        IN_FOLDER(test_load_secret_file_open_to_others_is_refused),
        IN_FOLDER(test_load_files_that_cannot_be_used_are_named),
        IN_FOLDER(test_load_absent_file_is_named),
        IN_FOLDER(test_example_is_a_valid_configuration),
        cmocka_unit_test(test_example_shows_every_key),
        cmocka_unit_test(test_default_path_follows_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
