/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's topics: <root>/<id>/<word>, or <root>/<word> in the flat layout.
 */
#ifndef HWI_DEVICE_TOPICS_H
#define HWI_DEVICE_TOPICS_H

#include <stdbool.h>

#include "hawser/device.h"

/* Writes the topic of a word into out (HWI_TOPIC_SIZE bytes); a word above
 * HWI_RESPONSE_MAX bytes is cut. The result views out. */
struct hawser_view hwi_topic(const struct hawser_device_config *cfg,
                             struct hawser_view word,
                             uint8_t out[HWI_TOPIC_SIZE]);

/* Is topic the one of this word? */
bool hwi_topic_is(const struct hawser_device_config *cfg, const char *word,
                  struct hawser_view topic);

/*
 * May a reply go to this response topic? Then *below is what stands behind the
 * device's own prefix. It has to be in our tree, short, without wildcards, and
 * its last level none on which a reply could be taken for something else
 * (control!).
 */
bool hwi_topic_takes_reply(const struct hawser_device_config *cfg,
                           struct hawser_view topic, struct hawser_view *below);

/* Can text be the root of topics: 1..HAWSER_ROOT_MAX bytes of UTF-8, no
 * wildcard, no control character, no slash at either end? */
bool hwi_topic_root_is_valid(struct hawser_view text);

/* Can text be one level: as a root, 1..HAWSER_ID_MAX bytes, without slash? */
bool hwi_topic_level_is_valid(struct hawser_view text);

#endif
