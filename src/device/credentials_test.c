/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which set an attempt takes: the active one, and the others in turn only when
 * certificates are refused again and again.
 */
#include "device/credentials_test.h"

static void start_updated(struct rig *r, bool is_final)
{
    prepare(r);
    rig_online(r);
    update_to(r, "root-b", 1, false);
    update_to(r, "root-c", 2, is_final);
}

static unsigned is_degraded(const struct rig *r, const char *code)
{
    const char *text = last(r, "/alert/credentials");

    return strstr(text, code) != NULL;
}

static void test_take_without_memory_is_the_factory(void **state)
{
    struct rig *r = *state;

    prepare(r);
    r->memory.credentials = (struct hawser_span){NULL, 0};
    rig_online(r);
    assert_false(hwi_credentials_can_change(&r->device));
    assert_int_equal(r->device.credentials.role, HWI_ROLE_ACTIVE);
}

static void test_take_the_active_set_after_a_restart(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->generations[0], 2);
    assert_int_equal(vault_of(r)->previous, HWI_SLOT_A);
    assert_int_equal(r->device.credentials.role, HWI_ROLE_ACTIVE);
    assert_int_equal(told(r, "/alert/credentials", "previous"), 0);
}

/* The broker went back to the CA before. */
static void test_failed_three_times_takes_the_previous_set(void **state)
{
    struct rig *r = *state;
    unsigned opened;

    start_updated(r, false);
    opened = r->fake.plan_at;
    move_broker(r, "root-b");
    assert_true(comes_back(r, HOUR));
    assert_int_equal(r->fake.plan_at - opened, 4);
    assert_true(is_degraded(r, "previous"));
    assert_int_equal(vault_of(r)->generations[0], 2); /* nothing is dropped */
    /* The active one has its chance at every reconnect, once. */
    opened = r->fake.plan_at;
    close_line(r);
    assert_true(comes_back(r, HOUR));
    assert_int_equal(r->fake.plan_at - opened, 2);
    move_broker(r, "root-c");
    assert_true(comes_back(r, HOUR));
    assert_int_equal(r->device.credentials.role, HWI_ROLE_ACTIVE);
    assert_string_equal(last(r, "/alert/credentials"), "");
}

static void test_failed_goes_on_to_the_factory_and_round(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    move_broker(r, "root-a");
    assert_true(comes_back(r, 3 * HOUR));
    assert_true(is_degraded(r, "factory"));
    move_broker(r, "root-evil");
    assert_false(comes_back(r, 24 * HOUR));
    r->fake.pki.broker_ca = "root-c";
    assert_true(comes_back(r, 12 * HOUR));
    assert_string_equal(last(r, "/alert/credentials"), "");
}

/* What was taken out because it is not to be trusted any more. */
static void test_failed_never_takes_what_was_left_for_good(void **state)
{
    struct rig *r = *state;

    start_updated(r, true);
    assert_int_equal(vault_of(r)->previous, HWI_SLOT_NONE);
    move_broker(r, "root-b");
    assert_false(comes_back(r, 24 * HOUR));
    move_broker(r, "root-a");
    assert_false(comes_back(r, 24 * HOUR));
    r->fake.pki.broker_ca = "root-c";
    assert_true(comes_back(r, 3 * HOUR));
    /* Later sets may be gone back to; the factory's still not. */
    update_to(r, "root-d", 3, false);
    move_broker(r, "root-c");
    assert_true(comes_back(r, 3 * HOUR));
    move_broker(r, "root-a");
    assert_false(comes_back(r, 24 * HOUR));
}

static void test_failed_by_the_network_takes_no_other_set(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    close_line(r);
    rig_run(r, HOUR);
    assert_true(r->fake.plan_at > 10);
    assert_int_equal(r->device.credentials.role, HWI_ROLE_ACTIVE);
}

static void test_take_new_files_of_the_configuration(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    set_factory(r, "root-x");
    r->fake.pki.broker_ca = "root-x";
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->active, HWI_SLOT_FACTORY);
    assert_int_equal(vault_of(r)->generation, 2); /* old requests stay old */
    assert_int_equal(fake_logged(&r->fake, "alert", "configuration"), 1);
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(fake_logged(&r->fake, "alert", "configuration"), 1);
}

static void damage(struct rig *r, enum hwi_slot slot)
{
    uint8_t *at = r->fake.regions[HAWSER_REGION_CREDENTIALS].bytes;

    at[(slot == HWI_SLOT_A ? 2 : 6) * 1024 + 50] ^= 1;
}

static void test_take_a_damaged_set_goes_to_the_next(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    damage(r, (enum hwi_slot)vault_of(r)->active);
    r->fake.pki.broker_ca = "root-b";
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_true(is_degraded(r, "previous"));
    damage(r, (enum hwi_slot)vault_of(r)->previous);
    r->fake.pki.broker_ca = "root-a";
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_true(is_degraded(r, "factory"));
}

static void test_take_when_nothing_can_be_read_is_the_factory(void **state)
{
    struct rig *r = *state;

    start_updated(r, true);
    r->fake.flash.is_unreadable = true;
    move_broker(r, "root-a");
    assert_true(comes_back(r, MINUTE));
    r->fake.flash.is_unreadable = false;
    move_broker(r, "root-c");
    assert_true(comes_back(r, HOUR));
    assert_int_equal(r->device.credentials.role, HWI_ROLE_ACTIVE);
}

static void test_roll_back_there_and_back(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    assert_int_equal(hwi_credentials_roll_back(&r->device), 0);
    r->fake.pki.broker_ca = "root-b";
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(r->device.credentials.role, HWI_ROLE_ACTIVE);
    assert_int_equal(vault_of(r)->generations[0], 1);
    assert_int_equal(vault_of(r)->generation, 2); /* old requests stay old */
    /* The same without a restart: at the next attempt. */
    assert_int_equal(hwi_credentials_roll_back(&r->device), 0);
    move_broker(r, "root-c");
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->generations[0], 2);
    assert_string_equal(last(r, "/alert/credentials"), "");
}

static void test_roll_back_to_the_factory(void **state)
{
    struct rig *r = *state;

    prepare(r);
    rig_online(r);
    assert_int_equal(hwi_credentials_roll_back(&r->device), HAWSER_E_ABSENT);
    update_to(r, "root-b", 1, false);
    assert_int_equal(hwi_credentials_roll_back(&r->device), 0);
    move_broker(r, "root-a");
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->active, HWI_SLOT_FACTORY);
}

static void test_roll_back_is_refused(void **state)
{
    struct rig *r = *state;

    /* What was left for good is not gone back to by hand either. */
    start_updated(r, true);
    assert_int_equal(hwi_credentials_roll_back(&r->device), HAWSER_E_ABSENT);
    update_to(r, "root-d", 3, false);
    begin(r, "root-e", (struct hwi_trial){.generation = 4, .is_switch = true});
    assert_int_equal(hwi_credentials_roll_back(&r->device), HAWSER_E_STATE);
    hwi_trial_end(&r->device, HWI_OUTCOME_OVERDUE, HAWSER_CAUSE_NONE);
    /* That trial took the slot of the one before. */
    assert_int_equal(hwi_credentials_roll_back(&r->device), HAWSER_E_ABSENT);
    update_to(r, "root-f", 5, false);
    r->fake.flash.is_broken = true;
    assert_int_equal(hwi_credentials_roll_back(&r->device), HAWSER_E_STORAGE);
    r->fake.flash.is_broken = false;
    assert_int_equal(vault_of(r)->generations[0], 5);
    assert_int_equal(vault_of(r)->generations[1], 3);
}

static void test_let_go_leaves_no_key_in_memory(void **state)
{
    struct rig *r = *state;

    start_updated(r, false);
    for (size_t i = 0; i < sizeof(r->credentials); i++) {
        assert_int_equal(r->credentials[i], 0);
    }
}

/* Which set is in use counts in this run all the same. */
static void test_failed_goes_on_where_nothing_can_be_written(void **state)
{
    struct rig *r = *state;

    prepare(r);
    rig_online(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 5});
    move_broker(r, "root-b");
    assert_true(comes_back(r, MINUTE));
    r->fake.flash.is_broken = true;
    move_broker(r, "root-a");
    assert_true(comes_back(r, HOUR));
    assert_int_equal(r->device.credentials.role, HWI_ROLE_PREVIOUS);
    assert_true(fake_logged(&r->fake, "alert", "code=storage") > 0);
}

/* After one update the previous set is the factory's: there is no third. */
static void test_failed_with_the_factory_as_previous_takes_it_once(void **state)
{
    struct rig *r = *state;

    prepare(r);
    rig_online(r);
    update_to(r, "root-b", 1, false);
    move_broker(r, "root-evil");
    assert_false(comes_back(r, 24 * HOUR));
    r->fake.pki.broker_ca = "root-a";
    assert_true(comes_back(r, 3 * HOUR));
    assert_true(is_degraded(r, "previous"));
    move_broker(r, "root-b");
    assert_true(comes_back(r, 3 * HOUR));
    assert_string_equal(last(r, "/alert/credentials"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_take_without_memory_is_the_factory),
        STORY(test_take_the_active_set_after_a_restart),
        STORY(test_failed_three_times_takes_the_previous_set),
        STORY(test_failed_goes_on_to_the_factory_and_round),
        STORY(test_failed_never_takes_what_was_left_for_good),
        STORY(test_failed_by_the_network_takes_no_other_set),
        STORY(test_take_new_files_of_the_configuration),
        STORY(test_take_a_damaged_set_goes_to_the_next),
        STORY(test_take_when_nothing_can_be_read_is_the_factory),
        STORY(test_roll_back_there_and_back),
        STORY(test_roll_back_to_the_factory),
        STORY(test_roll_back_is_refused),
        STORY(test_let_go_leaves_no_key_in_memory),
        STORY(test_failed_goes_on_where_nothing_can_be_written),
        STORY(test_failed_with_the_factory_as_previous_takes_it_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
