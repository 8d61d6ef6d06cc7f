/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a program that speaks MQTT 3.1.1 alone: linked in front of the client, this
 * file stands in for property.c, alias.c and both auth.c, which then stay out of
 * the program. Nothing else changes; a configuration with version 5 is refused.
 * Each function does what its original does when there are no properties.
 */
#include "mqtt/client.h"

#include "wire/property.h"
#include "wire/reason.h"

/* By this name a linker is told to take the file: -Wl,-u,hwi_only_3_1_1. */
void hwi_only_3_1_1(void);
void hwi_only_3_1_1(void)
{
}

/* wire/property.c ----------------------------------------------------------- */

bool hwi_version_is_known(enum hawser_version version)
{
    return version == HAWSER_MQTT_3_1_1;
}

struct hawser_view hwi_read_properties(struct hwi_reader *r,
                                       enum hwi_packet_type type)
{
    (void)type;
    hwi_read_fail(r, HWI_MALFORMED);
    return (struct hawser_view){NULL, 0};
}

bool hawser_property_next(struct hawser_view *rest, struct hawser_property *p)
{
    (void)rest;
    (void)p;
    return false;
}

bool hwi_property_find(struct hawser_view properties,
                       enum hawser_property_id id, struct hawser_property *p)
{
    (void)properties;
    (void)id;
    (void)p;
    return false;
}

bool hwi_properties_are_valid(const struct hawser_property *p, size_t n,
                              struct hwi_property_set *seen,
                              enum hwi_packet_type type)
{
    (void)p;
    (void)n;
    (void)seen;
    (void)type;
    return true; /* they are left out */
}

size_t hwi_property_len(const struct hawser_property *p)
{
    (void)p;
    return 0;
}

void hwi_write_property(struct hwi_writer *w, const struct hawser_property *p)
{
    (void)w;
    (void)p;
}

void hwi_write_properties(struct hwi_writer *w, const struct hawser_property *p,
                          size_t n)
{
    (void)w;
    (void)p;
    (void)n;
}

/* mqtt/auth.c --------------------------------------------------------------- */

bool hwi_auth_method(const struct hawser_config *cfg,
                     struct hawser_view *method)
{
    (void)cfg;
    *method = (struct hawser_view){NULL, 0};
    return true; /* asked by config.c only: data without one is left out, too */
}

bool hwi_auth_fits(const struct hawser_client *c, struct hawser_view properties)
{
    (void)c;
    (void)properties;
    return true;
}

void hwi_auth_open(struct hawser_client *c)
{
    c->auth = HWI_AUTH_NONE;
}

uint8_t hwi_auth_take(struct hawser_client *c, const struct hwi_packet *p)
{
    (void)c;
    (void)p;
    return HWI_PROTOCOL_ERROR;
}

int hawser_auth(struct hawser_client *c, uint64_t now_ms, uint8_t reason,
                const struct hawser_properties *p)
{
    (void)c;
    (void)now_ms;
    (void)reason;
    (void)p;
    return HAWSER_E_STATE;
}

/* mqtt/alias.c -------------------------------------------------------------- */

bool hwi_alias_memory_is_usable(const struct hawser_config *cfg)
{
    (void)cfg;
    return true;
}

void hwi_alias_reset(struct hawser_client *c)
{
    (void)c;
}

uint8_t hwi_alias_take(struct hawser_client *c, struct hwi_publish *m)
{
    (void)c;
    (void)m;
    return HWI_OK;
}

bool hwi_alias_is_possible(const struct hawser_client *c, uint16_t alias,
                           struct hawser_view topic)
{
    (void)c;
    (void)alias;
    (void)topic;
    return false;
}

struct hawser_view hwi_alias_topic(const struct hawser_client *c,
                                   uint16_t alias)
{
    (void)c;
    (void)alias;
    return (struct hawser_view){NULL, 0};
}

void hwi_alias_apply(const struct hawser_client *c, struct hwi_publish_out *m)
{
    (void)c;
    (void)m;
}

void hwi_alias_set(struct hawser_client *c, uint16_t alias,
                   struct hawser_view topic, bool is_told)
{
    (void)c;
    (void)alias;
    (void)topic;
    (void)is_told;
}
