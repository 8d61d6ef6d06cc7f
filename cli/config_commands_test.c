/* SPDX-License-Identifier: Apache-2.0 */
/*
 * [command NAME] sections: what the device is given, and that a mistake in one
 * is named with its line.
 */
#include "config_fixture.h"

#include <string.h>

#include "device/json_write.h"

#define GATE BROKER "[command gate]\nrun = /bin/gate --slowly\n"

static void test_commands_become_a_table(void **state)
{
    struct place *p = *state;
    struct hawser_cli_config *c = test_config_load(
        p, DEVICE GATE "args = level:integer:-5..100 ratio:number:0..1\n"
                       " why?:text:40 now:bool\n"
                       "[command long-job]\ntimeout_s = 600\nrun = /bin/job\n"
                       "args = side?:choice:left|right|both\n");
    assert_non_null(c);
    const struct hawser_device_config *d = &c->device;
    assert_int_equal(d->command_count, 2);
    const struct hawser_command *gate = &d->commands[0];
    assert_string_equal(gate->name, "gate");
    assert_string_equal(c->commands.run[0], "/bin/gate --slowly");
    assert_int_equal(c->commands.timeout_s[0], 60);
    assert_int_equal(gate->timeout_s, 65);
    assert_int_equal(gate->arg_count, 4);
    assert_string_equal(gate->args[0].name, "level");
    assert_int_equal(gate->args[0].kind, HAWSER_ARG_INTEGER);
    assert_int_equal(gate->args[0].min, -5);
    assert_int_equal(gate->args[0].max, 100);
    assert_false(gate->args[0].is_optional);
    assert_int_equal(gate->args[1].kind, HAWSER_ARG_NUMBER);
    assert_string_equal(gate->args[2].name, "why");
    assert_true(gate->args[2].is_optional);
    assert_int_equal(gate->args[2].max, 40);
    assert_int_equal(gate->args[3].kind, HAWSER_ARG_BOOL);
    const struct hawser_command *job = &d->commands[1];
    assert_string_equal(job->name, "long-job");
    assert_int_equal(job->timeout_s, 605);
    assert_int_equal(job->args[0].choice_count, 3);
    assert_string_equal(job->args[0].choices[2], "both");
    assert_true(job->args[0].is_optional);
    hawser_cli_config_free(c);
}

static void test_command_mistakes_are_named(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {DEVICE BROKER "[command]\n",
         "c.ini:7: [command ]: a command's name is a to z"},
        {DEVICE BROKER "[command Gate]\nrun = /x\n",
         "c.ini:7: [command Gate]: a command's name is a to z"},
        {DEVICE BROKER "[command ping]\nrun = /x\n",
         "c.ini:7: [command ping]: the device has a command of this name"},
        {DEVICE GATE "[command gate]\nrun = /x\n",
         "c.ini:9: [command gate]: given twice, first in line 7"},
        {DEVICE BROKER "[command gate]\ntimeout_s = 5\n",
         "c.ini:7: [command gate]: run is missing"},
        {DEVICE BROKER "[command gate]\nrun = gate\n",
         "c.ini:8: [command] run: found \"gate\"; allowed: an absolute path"},
        {DEVICE BROKER "[command gate]\nrun = gate secret\n",
         "c.ini:8: [command] run: the value cannot be taken"},
        {DEVICE GATE "timeout_s = 0\n", "c.ini:9: [command] timeout_s: found"},
        {DEVICE GATE "timeout_s = 5s\n", "c.ini:9: [command] timeout_s: found"},
        {DEVICE GATE "run = /y\n", "given twice, first in line 8"},
        {DEVICE GATE "rum = /y\n", "[command gate] rum: unknown key; did you"},
        {DEVICE GATE "args = level\n", "c.ini:9: [command] args: found"},
        {DEVICE GATE "args = level:int:0..1\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = level:integer\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = level:integer:0\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = level:integer:0..x\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = level:integer:2..1\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = why:text:9999\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = now:bool:1\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = side:choice:\n", "c.ini:9: [command] args"},
        {DEVICE GATE "args = ?:bool\n", "an argument's name is a to z"},
        {DEVICE GATE "args = a:bool a:bool\n", "stands once"},
        {DEVICE GATE "args = a:bool b:bool c:bool d:bool e:bool f:bool g:bool "
                     "h:bool i:bool\n",
         "more than 8 arguments"},
    };
    struct place *p = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(test_config_load(p, rows[i].text));
        if (strstr(p->mistakes.text[0], rows[i].words) == NULL) {
            fail_msg("not %s but %s", rows[i].words, p->mistakes.text[0]);
        }
        assert_null(strstr(p->mistakes.text[0], "secret"));
    }
}

static void test_command_key_is_one_good_key(void **state)
{
    struct place *p = *state;
    assert_null(test_config_load(p, "[device]\nid = d1\nstate_dir = state\n"
                                    "command_key_file = ca.pem\n" BROKER));
    assert_non_null(strstr(p->mistakes.text[0], "[device] command_key_file: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_commands_become_a_table),
        IN_FOLDER(test_command_mistakes_are_named),
        IN_FOLDER(test_command_key_is_one_good_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
