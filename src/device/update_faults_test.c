/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotations under random faults: an operator rolls the CA and renews the
 * identity again and again, rightly and wrongly, while power is cut in the
 * middle of writes, the line drops, names cannot be looked up and the broker
 * says no. Whatever happens, the device is online again when all is well, by a
 * set that the operator gave it.
 * Usage: device_update_faults_test [ROTATIONS [SEED]]
 */
#include "device/update_test.h"

static unsigned rotations = 10000;
static uint32_t seed = 1;

/* What has happened, for the curious. */
static struct {
    unsigned committed;
    unsigned rolled_back;
    unsigned refused;
    unsigned cuts;
    unsigned outages;
} tally;

struct operator
{
    struct rig *r;
    uint32_t random;
    unsigned generation;
    unsigned roots;  /* made so far */
    char root[24];   /* of the broker */
    char own_ca[24]; /* that the broker wants */
};

static uint32_t pick(struct operator* o, uint32_t n)
{
    o->random = o->random * 1664525u + 1013904223u;
    return (o->random >> 8) % n;
}

/* Faults -------------------------------------------------------------------- */

/* Something goes wrong in the next minutes, or nothing does. */
static void begin_fault(struct operator* o)
{
    struct fake_port *f = &o->r->fake;

    switch (pick(o, 6)) {
    case 0:
    case 1:
        f->flash.power_left = (int)pick(o, 9);
        f->flash.torn_bytes = pick(o, 1200);
        f->flash.leaves_garbage = pick(o, 2) != 0;
        break;
    case 2:
        f->dns = HAWSER_E_LINK;
        tally.outages++;
        break;
    case 3:
        f->broker.connack = 0x88; /* not available: nobody's fault */
        tally.outages++;
        break;
    default:
        break;
    }
}

/* Lets time pass; a cut of the power is a new process some time later. */
static void live(struct operator* o, unsigned slices)
{
    struct rig *r = o->r;

    for (unsigned i = 0; i < slices; i++) {
        rig_run(r, 1000 + pick(o, 20000));
        if (r->fake.flash.is_cut) {
            tally.cuts++;
            fake_flash_power(&r->fake);
            rig_reboot(r);
        } else if (pick(o, 6) == 0 && r->fake.stage == HAWSER_STREAM_OPEN) {
            close_line(r);
        }
    }
}

/* All is well again: the device must be back, soon, by its active set. */
static void heal(struct operator* o)
{
    struct rig *r = o->r;

    fake_flash_power(&r->fake);
    r->fake.dns = 1;
    r->fake.broker.connack = 0;
    if (!comes_back(r, 12 * HOUR)) {
        fail_msg("lost at generation %u, seed %u", o->generation, seed);
    }
    rig_run(r, 1000);
    r->fake.broker.message_count = 0;
    r->fake.log_count = 0;
}

/* A trial that is still on has its chance, or runs out of it. */
static void settle(struct operator* o)
{
    heal(o);
    for (unsigned i = 0; hwi_trial_is_on(&o->r->device); i++) {
        rig_run(o->r, 10 * MINUTE);
        heal(o);
        assert_true(i < 60);
    }
}

static bool is_committed(const struct operator* o, unsigned generation)
{
    const struct hwi_vault_state *s = vault_of(o->r);
    bool is_done =
        s->active != HWI_SLOT_FACTORY && s->generations[0] == generation;

    tally.committed += is_done ? 1 : 0;
    tally.rolled_back += !is_done && s->generation == generation ? 1 : 0;
    tally.refused += !is_done && s->generation != generation ? 1 : 0;
    return is_done;
}

/* The operator's work -------------------------------------------------------- */

/* Sends a file, whole or in parts, some of them twice or never; true: the
 * device has taken it in the end. */
static bool send(struct operator* o, const struct ask *a, const struct file *f)
{
    char id[24];
    struct ask ask = *a;

    ask.generation = ++o->generation;
    ask.part = pick(o, 3) == 0 ? 128 : 0;
    (void)snprintf(id, sizeof(id), "u-%u", o->generation);
    begin_fault(o);
    send_ask(o->r, id, &ask, f);
    for (size_t at = 0; ask.part != 0 && at < f->len; at += ask.part) {
        size_t len = f->len - at < ask.part ? f->len - at : ask.part;
        unsigned times = pick(o, 20) == 0 ? 0 : 1 + (pick(o, 8) == 0);
        while (times-- > 0 && o->r->fake.stage == HAWSER_STREAM_OPEN) {
            send_part(o->r, id, at / ask.part,
                      (struct hawser_view){f->at + at, len});
        }
    }
    live(o, 1 + pick(o, 8));
    return true;
}

static void new_root(struct operator* o, char out[24])
{
    (void)snprintf(out, 24, "root-%u", ++o->roots);
}

static void move_to(struct operator* o, const char *root)
{
    (void)snprintf(o->root, sizeof(o->root), "%s", root);
    o->r->fake.pki.broker_ca = o->root;
    begin_fault(o);
    if (o->r->fake.stage == HAWSER_STREAM_OPEN) {
        close_line(o->r);
    }
    live(o, 1 + pick(o, 4));
    heal(o);
}

/* Add, move, remove: as it should be. */
static void roll(struct operator* o)
{
    char old[24];
    char root[24];
    char id[24];
    struct file f;

    (void)snprintf(old, sizeof(old), "%s", o->root);
    new_root(o, root);
    f = file_of(root);
    (void)send(o, &(struct ask){.op = "add"}, &f);
    settle(o);
    if (!is_committed(o, o->generation)) {
        return; /* another time */
    }
    move_to(o, root);
    (void)snprintf(id, sizeof(id), "u-%u", ++o->generation);
    begin_fault(o);
    remove_root(o->r, id, o->generation, old);
    live(o, 1 + pick(o, 4));
    settle(o);
    (void)is_committed(o, o->generation);
}

/* In one step, when the broker moves. */
static void change_over(struct operator* o)
{
    char root[24];
    struct file f;

    new_root(o, root);
    f = file_of(root);
    (void)send(o,
               &(struct ask){.op = "replace",
                             .more = ",\"expect_switch\":true,"
                                     "\"trial_s\":86400"},
               &f);
    heal(o);
    if (hwi_trial_is_on(&o->r->device)) {
        move_to(o, root);
    }
    settle(o);
    (void)is_committed(o, o->generation);
}

/* A set that the broker does not take. */
static void mistake(struct operator* o)
{
    char root[24];
    struct file f;

    new_root(o, root);
    f = file_of(root);
    add_cert(&f, &(struct fake_cert){.name = o->root});
    o->r->fake.broker.connack = 0x87;
    (void)send(o, &(struct ask){.op = "replace", .more = ",\"trial_s\":600"},
               &f);
    live(o, 40);
    settle(o);
    (void)is_committed(o, o->generation);
}

/* An identity by the CA that the broker wants, or by another one. */
static void renew(struct operator* o, const char *ca)
{
    const struct hwi_vault_state *s = vault_of(o->r);
    char args[96];
    char id[24];
    struct file f = {.len = 0};
    unsigned key;

    (void)snprintf(args, sizeof(args),
                   "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":%u"
                   "}",
                   ++o->generation);
    (void)snprintf(id, sizeof(id), "u-%u", o->generation);
    begin_fault(o);
    request(o->r, id, args);
    live(o, 1 + pick(o, 3));
    heal(o);
    key = fake_key_of((struct hawser_view){s->key, s->key_len});
    if (key == 0) {
        return; /* it could not be kept */
    }
    add_cert(&f, &(struct fake_cert){
                     .name = ID, .issuer = ca, .key = key, .is_leaf = true});
    (void)send(o,
               &(struct ask){.kind = "identity",
                             .op = "install",
                             .more = ",\"trial_s\":600"},
               &f);
    settle(o);
    if (is_committed(o, o->generation)) {
        assert_string_equal(ca, o->own_ca);
    }
}

static void rotate(struct operator* o)
{
    switch (pick(o, 8)) {
    case 0:
        mistake(o);
        break;
    case 1:
        renew(o, "another-ca");
        break;
    case 2:
    case 3:
        renew(o, o->own_ca);
        break;
    case 4:
        change_over(o);
        break;
    default:
        roll(o);
        break;
    }
    assert_int_equal(o->r->device.credentials.role, HWI_ROLE_ACTIVE);
}

static void test_rotations_under_faults_never_lose_the_device(void **state)
{
    static uint8_t own[FAKE_CERT_MAX];
    static uint8_t key[HAWSER_KEY_MAX];
    struct operator o = {.r = *state, .random = seed};
    struct rig *r = o.r;

    updatable(r);
    (void)snprintf(o.root, sizeof(o.root), "root-a");
    (void)snprintf(o.own_ca, sizeof(o.own_ca), "own-ca");
    r->config.credentials.chain = (struct hawser_view){
        own, fake_cert(&(struct fake_cert){.name = ID,
                                           .issuer = o.own_ca,
                                           .key = 77,
                                           .is_leaf = true},
                       own)};
    r->config.credentials.key = (struct hawser_view){key, fake_key(77, key)};
    r->fake.pki.broker_ca = o.root;
    r->fake.pki.client_ca = o.own_ca;
    r->config.build_time_s = 1700000000;
    rig_online(r);
    for (unsigned i = 0; i < rotations; i++) {
        rotate(&o);
    }
    print_message("%u rotations (seed %u): %u committed, %u rolled back, %u "
                  "refused; %u power cuts, %u outages\n",
                  rotations, seed, tally.committed, tally.rolled_back,
                  tally.refused, tally.cuts, tally.outages);
    assert_true(tally.committed > rotations / 2);
    assert_true(tally.cuts > rotations / 10);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        STORY(test_rotations_under_faults_never_lose_the_device),
    };

    rotations = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : rotations;
    seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : seed;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
