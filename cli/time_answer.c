/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever may write to the broker as a device can ask; the answer goes to the
 * control of the same device, and tells nothing but the time.
 */
#include "time_answer.h"

#include <string.h>

#include "json.h"
#include "ports/linux/clock.h"

#define NONCE_LEN 32

/* "<anything>/event" -> "<anything>/control". */
static bool write_topic(struct hawser_cli_time_answer *out,
                        struct hawser_view topic)
{
    static const char event[] = "/event";
    static const char control[] = "/control";
    size_t tail = sizeof(event) - 1;
    if (topic.len < tail || topic.len + 2 > sizeof(out->topic) ||
        memcmp(topic.at + topic.len - tail, event, tail) != 0) {
        return false;
    }
    out->topic_len = topic.len - tail;
    memcpy(out->topic, topic.at, out->topic_len);
    memcpy(out->topic + out->topic_len, control, sizeof(control) - 1);
    out->topic_len += sizeof(control) - 1;
    return true;
}

/* With its quotes. */
static bool is_nonce(struct hawser_view value)
{
    if (value.len != NONCE_LEN + 2) {
        return false;
    }
    for (size_t i = 1; i <= NONCE_LEN; i++) {
        if (strchr("0123456789abcdef", value.at[i]) == NULL ||
            value.at[i] == '\0') {
            return false;
        }
    }
    return true;
}

bool hawser_cli_time_answer(struct hawser_cli_time_answer *out,
                            const struct hawser_cli_message *message,
                            enum hawser_layout layout, uint64_t unix_ms)
{
    struct hawser_cli_text t =
        hawser_cli_text_in(out->payload, sizeof(out->payload));
    struct hawser_cli_object event;
    if (message->retain || message->is_cut ||
        !write_topic(out, message->topic) ||
        !hawser_cli_json_read(&event, message->payload) ||
        !hawser_cli_json_is(hawser_cli_json_get(&event, "event"),
                            "time_request")) {
        return false;
    }
    struct hawser_view nonce = hawser_cli_json_get(&event, "nonce");
    struct hawser_view device = hawser_cli_json_get(&event, "device");
    if (!is_nonce(nonce)) {
        return false;
    }
    hawser_cli_text_add(&t, "{\"command\":\"set_time\"");
    if (layout == HAWSER_LAYOUT_FLAT) {
        hawser_cli_text_add(&t, ",\"device\":");
        if (!hawser_cli_json_copy(&t, device)) {
            return false;
        }
    }
    hawser_cli_text_addf(&t, ",\"args\":{\"nonce\":\"%.*s\",\"unix_ms\":%llu}}",
                         NONCE_LEN, (const char *)nonce.at + 1,
                         (unsigned long long)unix_ms);
    return !t.cut;
}

bool hawser_cli_time_answer_send(struct hawser_cli_line *line,
                                 const struct hawser_cli_time_answer *answer)
{
    const struct hawser_message m = {
        .topic = {(const uint8_t *)answer->topic, answer->topic_len},
        .payload = hawser_cli_view(answer->payload),
        .qos = 1,
    };
    return hawser_publish(hawser_cli_line_client(line),
                          hawser_cli_line_now_ms(line), &m, NULL) == 0;
}

uint64_t hawser_cli_time_now_ms(bool trusts)
{
    struct hawser_wall_clock wall = {0};
    if (hwi_linux_wall_clock(&wall) != 0 || !(wall.is_synchronised || trusts)) {
        return 0;
    }
    return wall.unix_ms;
}
