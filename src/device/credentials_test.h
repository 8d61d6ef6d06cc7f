/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of credentials: a device whose factory trusts "root-a", a broker of
 * that CA, and sets that are put beside it without a command.
 */
#ifndef HWI_DEVICE_CREDENTIALS_TEST_H
#define HWI_DEVICE_CREDENTIALS_TEST_H

#include "device/story_test.h"

#include "device/trial.h"

#define MINUTE 60000u
#define HOUR   (60u * MINUTE)

/* The factory's; as long as the tests. */
static uint8_t factory_ca[FAKE_CERT_MAX];

static inline void set_factory(struct rig *r, const char *root)
{
    size_t len = fake_cert(&(struct fake_cert){.name = root}, factory_ca);

    r->config.credentials.ca = (struct hawser_view){factory_ca, len};
}

static inline void prepare(struct rig *r)
{
    r->memory.credentials =
        (struct hawser_span){r->credentials, sizeof(r->credentials)};
    fake_flash_shape(&r->fake, HAWSER_REGION_CREDENTIALS,
                     (struct hawser_flash_geometry){1024, 10, 4});
    set_factory(r, "root-a");
    r->config.interval_s = 86400; /* telemetry is not what this is about */
    r->fake.pki.broker_ca = "root-a";
}

static inline const struct hwi_vault_state *vault_of(const struct rig *r)
{
    return &r->device.credentials.vault.state;
}

/* Writes a set with this root into the slot that is not in use. */
static inline enum hwi_slot put_set(struct rig *r, const char *root,
                                    uint32_t generation)
{
    struct hawser_device *d = &r->device;
    struct hawser_span room = hwi_credentials_room(d);
    struct hwi_set set = {.generation = generation};
    enum hwi_slot slot =
        vault_of(r)->active == HWI_SLOT_A ? HWI_SLOT_B : HWI_SLOT_A;

    set.anchors_len = (uint16_t)fake_cert(&(struct fake_cert){.name = root},
                                          room.at + HWI_SET_HEAD);
    assert_int_equal(hwi_credentials_mark(d, &set), 0);
    assert_int_equal(hwi_vault_write(&d->credentials.vault, slot, &set, room),
                     0);
    return slot;
}

static inline void begin(struct rig *r, const char *root,
                         struct hwi_trial trial)
{
    trial.slot = put_set(r, root, trial.generation);
    trial.seconds = trial.seconds == 0 ? 3600 : trial.seconds;
    trial.id = (struct hawser_view){(const uint8_t *)"u-1", 3};
    assert_int_equal(hwi_trial_begin(&r->device, &trial), 0);
}

static inline void close_line(struct rig *r)
{
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10);
}

/* Online by a session that is proven. */
static inline bool comes_back(struct rig *r, uint64_t ms)
{
    bool is_online = rig_run_until(r, HAWSER_DEVICE_ONLINE, ms);

    rig_run(r, 100);
    return is_online && hawser_device_state(&r->device) == HAWSER_DEVICE_ONLINE;
}

/* The broker moves to this CA and starts anew. */
static inline void move_broker(struct rig *r, const char *root)
{
    r->fake.pki.broker_ca = root;
    close_line(r);
}

/* An update to this root that went well. */
static inline void update_to(struct rig *r, const char *root,
                             uint32_t generation, bool is_final)
{
    begin(r, root,
          (struct hwi_trial){.generation = generation, .is_final = is_final});
    move_broker(r, root);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
    assert_int_equal(vault_of(r)->generations[0], generation);
}

#endif
