/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser factory`: what it writes is read again as a chip reads it. Logins are
 * hashed by a script in place of mosquitto_passwd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_fixture.h"
#include "ports/shared/settings.h"

static const char tool[] = "#!/bin/sh\n"
                           "sed -i 's/:.*/:$7$101$fake/' \"$2\"\n";

static const char common[] =
    "[broker]\n"
    "url = mqtts://a.example mqtts://[2001:db8::1]:8884\n"
    "ca_file = p/ca/ca.crt\n"
    "[topics]\nlayout = flat\nroot = mill\n"
    "[time]\nservers = t.example u.example:1123\n"
    "[telemetry]\nqos = 0\noutbox_policy = latest_only\n"
    "[network]\nwifi_file = wifi\n";

/* A PKI folder "p", a broker's "b", the file "c.ini". */
static int begin(void **state)
{
    char path[256];
    struct fixture *f = NULL;

    if (fixture_begin(state) != 0) {
        return 1;
    }
    f = *state;
    snprintf(path, sizeof path, "%s/bin:/usr/bin:/bin", f->dir);
    assert_int_equal(mkdir("bin", 0755), 0);
    fixture_put("bin/mosquitto_passwd", tool);
    assert_int_equal(chmod("bin/mosquitto_passwd", 0755), 0);
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(fixture_run(f, "pki init p --host localhost"), 0);
    assert_int_equal(fixture_run(f, "broker init b --pki p"), 0);
    fixture_put("c.ini", common);
    fixture_put("wifi", "home\tpassphrase one\nopen\n");
    return chmod("wifi", 0600);
}

/* A table as a chip has it: each blob with a NUL behind it. */
struct chip {
    struct hwi_settings settings;
    char wifi[2][128];
    size_t wifi_count;
    uint8_t bytes[HWI_SETTINGS_ROOM];
    size_t used;
};

static size_t read_hex(uint8_t *out, const char *hex)
{
    size_t len = 0;
    char digits[3] = "";

    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        memcpy(digits, hex, 2);
        out[len++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    out[len] = '\0';
    return len;
}

static void take_line(struct chip *chip, char *line)
{
    char *name = strtok(line, ",");
    char *type = strtok(NULL, ",");
    char *encoding = strtok(NULL, ",");
    char *value = strtok(NULL, ",");
    uint8_t *at = chip->bytes + chip->used;
    size_t len = 0;

    assert_string_equal(type, "data");
    assert_string_equal(encoding, "hex2bin");
    assert_true(strlen(name) <= 15); /* of NVS */
    len = read_hex(at, value);
    chip->used += len + 1;
    name[strcspn(name, ".")] = '\0';
    if (strcmp(name, "wifi") == 0) {
        memcpy(chip->wifi[chip->wifi_count++], at, len + 1);
    } else if (!hwi_settings_take(&chip->settings, name,
                                  (struct hawser_span){at, len})) {
        fail_msg("a chip does not know %s", name);
    }
}

static void read_table(struct chip *chip, const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "r");
    char *rest = text;
    char *line = NULL;

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    memset(chip, 0, sizeof *chip);
    hwi_settings_init(&chip->settings);
    assert_string_equal(strsep(&rest, "\n"), "key,type,encoding,value");
    assert_string_equal(strsep(&rest, "\n"), "hawser,namespace,,");
    while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
        take_line(chip, line);
    }
}

static void assert_view(struct hawser_view got, const char *wanted)
{
    assert_int_equal(got.len, strlen(wanted));
    assert_memory_equal(got.at, wanted, got.len);
}

static void test_chip_reads_what_the_configuration_says(void **state)
{
    static struct chip chip;
    struct fixture *f = *state;
    const struct hawser_device_config *c = &chip.settings.device;

    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini"), 0);
    read_table(&chip, "out/d1/nvs.csv");
    assert_string_equal(c->id, "d1");
    assert_int_equal(c->broker_count, 2);
    assert_string_equal(c->brokers[0].host, "a.example");
    assert_int_equal(c->brokers[0].port, 8883);
    assert_string_equal(c->brokers[1].host, "2001:db8::1");
    assert_int_equal(c->brokers[1].port, 8884);
    assert_view(c->credentials.ca, fixture_text(f, "p/ca/ca.crt"));
    assert_int_equal(c->layout, HAWSER_LAYOUT_FLAT);
    assert_string_equal(c->root, "mill");
    assert_int_equal(c->time_server_count, 2);
    assert_int_equal(c->time_servers[1].port, 1123);
    assert_int_equal(c->qos, 0);
    assert_int_equal(c->keep_alive_s, 60);
    assert_int_equal(c->interval_s, 30);
    assert_int_equal(c->outbox_policy, HAWSER_OUTBOX_LATEST_ONLY);
    assert_int_equal(c->replay_per_second, 20);
    assert_int_equal(chip.wifi_count, 2);
    assert_string_equal(chip.wifi[0], "home\npassphrase one");
    assert_string_equal(chip.wifi[1], "open");
    assert_int_equal(c->username.len, 0);
    assert_int_equal(c->credentials.key.len, 0);
}

static void test_login_and_key_stand_in_the_table_alone(void **state)
{
    static struct chip chip;
    struct fixture *f = *state;
    const struct hawser_device_config *c = &chip.settings.device;

    umask(0);
    assert_int_equal(fixture_run(f, "factory out d1 d2 --config c.ini "
                                    "--broker b --pki p"),
                     0);
    umask(022);
    assert_int_equal(fixture_mode("out"), 0700);
    assert_int_equal(fixture_mode("out/d2"), 0700);
    assert_int_equal(fixture_mode("out/d2/nvs.csv"), 0600);
    assert_int_equal(fixture_count("out/d2"), 2);
    read_table(&chip, "out/d2/nvs.csv");
    assert_view(c->username, "d2");
    assert_int_equal(c->password.len, 32);
    assert_view(c->credentials.chain, fixture_text(f, "p/device/d2.crt"));
    assert_non_null(strstr((const char *)c->credentials.key.at, "PRIVATE KEY"));
    assert_int_equal(fixture_mode("p/device/d2.key"), -1);
    assert_int_equal(fixture_mode("b/devices/d2.password"), -1);
    assert_int_equal(fixture_mode("b/devices/d2.ini"), -1);
    assert_non_null(strstr(fixture_text(f, "b/passwords"), "\nd2:$7$"));
}

static void test_label_has_no_secret(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini "
                                    "--broker b --pki p"),
                     0);
    (void)fixture_text(f, "out/d1/label.txt");
    assert_non_null(strstr(f->out, "device       d1\n"));
    assert_non_null(strstr(f->out, "broker       mqtts://a.example:8883\n"));
    assert_non_null(strstr(f->out, "mqtts://[2001:db8::1]:8884\n"));
    assert_non_null(strstr(f->out, "topics       mill/...\n"));
    assert_non_null(strstr(f->out, "CA           SHA-256 "));
    assert_non_null(strstr(f->out, "certificate  SHA-256 "));
    assert_null(strstr(f->out, "PRIVATE"));
    assert_null(strstr(f->out, "passphrase"));
}

static void test_one_that_fails_leaves_the_others_whole(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini"), 0);
    assert_int_equal(
        fixture_run(f, "factory out d0 d1 d2 --config c.ini --pki p"),
        HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "out/d1: this device is made already"));
    assert_non_null(strstr(f->out, "2 of 3 made"));
    assert_int_equal(fixture_count("out"), 3);
    assert_int_equal(fixture_mode("p/device/d1.crt"), -1);
}

static void test_what_an_earlier_call_left_is_taken_up(void **state)
{
    static struct chip chip;
    struct fixture *f = *state;

    assert_int_equal(fixture_run(f, "pki device p d1"), 0);
    assert_int_equal(fixture_run(f, "broker user b d1"), 0);
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini "
                                    "--broker b --pki p"),
                     0);
    read_table(&chip, "out/d1/nvs.csv");
    assert_view(chip.settings.device.credentials.chain,
                fixture_text(f, "p/device/d1.crt"));
    assert_int_equal(chip.settings.device.password.len, 32);
}

static void test_certificate_without_its_key_is_told(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_run(f, "pki device p d1"), 0);
    assert_int_equal(fixture_run(f, "pki device p d2"), 0);
    assert_int_equal(rename("p/device/d2.key", "p/device/d1.key"), 0);
    assert_int_equal(fixture_run(f, "factory out d1 d2 --config c.ini --pki p"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "d1.key: it is not the key of"));
    assert_non_null(strstr(f->err, "d2.crt: this device has a certificate"));
    assert_int_equal(fixture_count("out"), 0);
}

static void test_login_where_certificates_count_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_run(f, "pki device p operator"), 0);
    assert_int_equal(fixture_run(f, "broker init bc --pki p --client-certs"),
                     0);
    assert_int_equal(
        fixture_run(f, "factory out d1 --config c.ini --broker bc"),
        HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "log in by certificate here"));
    assert_int_equal(fixture_count("bc/devices"), 1);
}

static void test_what_chips_cannot_share_is_refused(void **state)
{
    static const struct {
        const char *more;
        const char *words;
    } rows[] = {
        {"[device]\nid = d1\n", "[device] id: ids stand in the command line"},
        {"[device]\nfirmware = 1\n", "[device] firmware: the program"},
        {"[device]\nstate_dir = s\n", "[device] state_dir: a chip has no"},
        {"[device]\nrestart_program = /x\n", "restart_program: a chip has no"},
        {"[sensors]\nt = auto\n", "[sensors]: a chip's sensors stand"},
        {"[command x]\nrun = /x\n", "[command]: a chip's commands stand"},
        {"[network]\ninterface = eth0\n", "interface: a chip has no"},
        {"[network]\nwifi_control = s\n", "wifi_control: a chip has no"},
        {"[broker]\nusername = operator\n", "username: this login is the"},
        {"[broker]\ncert_file = x.crt\nkey_file = x.key\n",
         "cert_file: chips cannot share it"},
    };
    struct fixture *f = *state;
    char text[1024];

    assert_int_equal(fixture_run(f, "pki device p x"), 0);
    assert_int_equal(rename("p/device/x.crt", "x.crt"), 0);
    assert_int_equal(rename("p/device/x.key", "x.key"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s%s", common, rows[i].more);
        fixture_put("c.ini", text);
        assert_int_equal(fixture_run(f, "factory out d1 --config c.ini"),
                         HAWSER_EXIT_CONFIG);
        if (strstr(f->err, rows[i].words) == NULL) {
            fail_msg("no \"%s\" in %s", rows[i].words, f->err);
        }
        assert_int_equal(fixture_mode("out"), -1);
    }
}

static void
test_time_without_servers_and_a_shared_login_are_refused(void **state)
{
    struct fixture *f = *state;

    fixture_put("c.ini", "[broker]\nurl = mqtts://a\nca_file = p/ca/ca.crt\n");
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "[time] servers: a chip has no other"));
    fixture_put("c.ini", "[broker]\nurl = mqtts://a\nca_file = p/ca/ca.crt\n"
                         "username = all\n[time]\nservers = t\n");
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini --broker b"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "[broker] username: --broker makes"));
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini"), 0);
}

static void test_more_than_a_chip_takes_is_refused(void **state)
{
    static char text[16384];
    struct fixture *f = *state;
    size_t len = 0;

    (void)fixture_text(f, "p/ca/ca.crt");
    while (len + strlen(f->out) < sizeof text && len <= HWI_SETTINGS_ROOM) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", f->out);
    }
    fixture_put("p/ca/ca.crt.many", text);
    fixture_put("c.ini", "[broker]\nurl = mqtts://a\n"
                         "ca_file = p/ca/ca.crt.many\n[time]\nservers = t\n");
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini"),
                     HAWSER_EXIT_CONFIG);
    assert_non_null(strstr(f->err, "more than the 12288 bytes"));
    assert_int_equal(fixture_count("out"), 0);
}

static void test_command_line_is_checked(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(fixture_run(f, "factory out --config c.ini"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "factory out d1"), HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "factory out d1 ../x --config c.ini"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini --days 731"),
                     HAWSER_EXIT_USAGE);
    assert_int_equal(fixture_run(f, "factory out d1 --config c.ini --pki q"),
                     HAWSER_EXIT_CONFIG);
    assert_int_equal(fixture_mode("out"), -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_chip_reads_what_the_configuration_says),
        TEST(test_login_and_key_stand_in_the_table_alone),
        TEST(test_label_has_no_secret),
        TEST(test_one_that_fails_leaves_the_others_whole),
        TEST(test_what_an_earlier_call_left_is_taken_up),
        TEST(test_certificate_without_its_key_is_told),
        TEST(test_login_where_certificates_count_is_refused),
        TEST(test_what_chips_cannot_share_is_refused),
        TEST(test_time_without_servers_and_a_shared_login_are_refused),
        TEST(test_more_than_a_chip_takes_is_refused),
        TEST(test_command_line_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
