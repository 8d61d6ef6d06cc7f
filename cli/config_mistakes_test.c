/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the configuration reader says of every mistake, word by word.
 */
#include "config_fixture.h"

#include <string.h>

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
    {DEVICE BROKER "password = geheim\n",
     "c.ini:7: [broker] password: unknown key; did you mean password_file?"},
    {DEVICE BROKER "secret = geheim\n",
     "c.ini:7: [broker] secret: unknown key; allowed: url, ca_file, username, "
     "password_file, cert_file, key_file, update_keys_file, alpn, "
     "keep_alive_s"},
    {DEVICE BROKER "[topcis]\nroot = x\n",
     "c.ini:7: [topcis]: unknown section; did you mean [topics]?"},
    {DEVICE BROKER "[x]\n",
     "c.ini:7: [x]: unknown section; allowed: [device] [broker] [topics] "
     "[time] [telemetry] [sensors] [command NAME] [network] [retry]"},
    {DEVICE BROKER "keep_alive_s = 60\nkeep_alive_s = 60\n",
     "c.ini:8: [broker] keep_alive_s: given twice, first in line 7"},
    {DEVICE BROKER "keep_alive_s = 4\n",
     "c.ini:7: [broker] keep_alive_s: found \"4\"; allowed: 5 to 65535 "
     "seconds"},
    {DEVICE BROKER "[telemetry]\ninterval_s = 30s\n",
     "c.ini:8: [telemetry] interval_s: found \"30s\"; allowed: 1 to 86400 "
     "seconds"},
    {DEVICE BROKER "[telemetry]\noutbox_policy = newest\n",
     "c.ini:8: [telemetry] outbox_policy: found \"newest\"; allowed: "
     "drop_oldest, drop_newest or latest_only"},
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
     "hwmon:NAME[/LABEL], iio:NAME[/CHANNEL], file:PATH, exec:COMMAND, "
     "simulated[:MIN..MAX]"},
    {DEVICE BROKER "[sensors]\nseq = auto\n",
     "c.ini:8: [sensors] seq: found \"auto\": messages have a member of this "
     "name already; allowed: auto, thermal:TYPE, hwmon:NAME[/LABEL], "
     "iio:NAME[/CHANNEL], "
     "file:PATH, exec:COMMAND, simulated[:MIN..MAX]"},
    {DEVICE BROKER "[sensors]\nload = foo\n",
     "c.ini:8: [sensors] load: found \"foo\": is no sensor source; "
     "allowed: auto, "
     "thermal:TYPE, hwmon:NAME[/LABEL], iio:NAME[/CHANNEL], file:PATH, "
     "exec:COMMAND, simulated[:MIN..MAX]"},
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
     "only url, servers and args may"},
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
        assert_null(test_config_load(p, mistakes[i].text));
        assert_string_equal(p->mistakes.text[0], mistakes[i].said);
        assert_int_equal(p->mistakes.count, 1);
    }
}

static void test_load_never_repeats_what_may_be_a_secret(void **state)
{
    struct place *p = *state;
    assert_null(test_config_load(
        p, DEVICE
        "restart_program = reboot --key S3cret\n"
        "[broker]\nurl = mqtts://b\n mqtts://u:S3cret@b\n"
        "ca_file = ca.crt\n"
        "[sensors]\nTemp = exec:probe --key S3cret\n"
        "typo = exce:probe --key S3cret\n"
        "many = exec:a b c d e f g --key S3cret h i j k l m n o p q\n"
        "quoted = exec:a \"b\" c d e f --key S3cret h i j k l m n o p q\n"
        "seq = exec:probe --key S3cret\n"));
    assert_int_equal(p->mistakes.count, 8); /* ca.crt too */
    for (size_t i = 0; i < p->mistakes.count; i++) {
        assert_null(strstr(p->mistakes.text[i], "S3cret"));
    }
    assert_non_null(
        strstr(p->mistakes.text[1], "no user or password belongs here"));
    assert_non_null(strstr(p->mistakes.text[4],
                           "the value cannot be taken: a program and"));
}

static void test_load_several_mistakes_are_all_named(void **state)
{
    struct place *p = *state;
    assert_null(
        test_config_load(p, "[device]\nid = a#\n[nowhere]\nx = 1\n[telemetry]\n"
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
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "wrong\n");
    }
    assert_null(test_config_load(p, text));
    assert_int_equal(p->mistakes.count, HAWSER_CLI_MISTAKES_MAX);
    assert_int_equal(p->mistakes.left_out, 4);
}

static void test_load_long_line_is_named_not_cut(void **state)
{
    struct place *p = *state;
    char text[600] = DEVICE BROKER "username = ";
    memset(text + strlen(text), 'u', 300);
    assert_null(test_config_load(p, text));
    assert_string_equal(p->mistakes.text[0],
                        "c.ini:7: longer than 199 bytes; a list may go on in "
                        "the next line, after a space");
    assert_int_equal(p->mistakes.count, 1);
}

static void test_load_longest_line_is_taken(void **state)
{
    struct place *p = *state;
    char text[600] = DEVICE BROKER ";";
    size_t len = strlen(text);
    memset(text + len, 'x', 198);
    struct hawser_cli_config *c = test_config_load(p, text);
    assert_non_null(c);
    hawser_cli_config_free(c);
    text[len + 198] = 'x';
    assert_null(test_config_load(p, text));
    assert_int_equal(p->mistakes.count, 1);
}

static void test_load_nul_byte_is_refused(void **state)
{
    struct place *p = *state;
    static const char text[] = DEVICE BROKER "username = a\0b\n";
    test_config_write_bytes("c.ini", text, sizeof(text) - 1, 0644);
    assert_null(hawser_cli_config_load("c.ini", HAWSER_CLI_CONFIG_DEVICE,
                                       &p->mistakes));
    assert_string_equal(p->mistakes.text[0],
                        "c.ini:7: control characters, or not UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_load_mistake_is_named),
        IN_FOLDER(test_load_never_repeats_what_may_be_a_secret),
        IN_FOLDER(test_load_several_mistakes_are_all_named),
        IN_FOLDER(test_load_too_many_mistakes_are_counted),
        IN_FOLDER(test_load_long_line_is_named_not_cut),
        IN_FOLDER(test_load_longest_line_is_taken),
        IN_FOLDER(test_load_nul_byte_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
