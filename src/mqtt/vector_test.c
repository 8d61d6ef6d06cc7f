/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the wire vectors: bytes in, event log out. Each is fed whole, byte by
 * byte, and cut in two at every point; the log has to be the same.
 *
 * A vector in vectors/NAME.txt:
 *   == what it shows
 *   version 5               | 3 (for 3.1.1) | both
 *   await connack           (else the client is online)
 *   do publish QOS TOPIC PAYLOAD | do subscribe QOS FILTER
 *   do unsubscribe FILTER | do resume (clean start off, when opening)
 *   in HEX                  (may be repeated: one behind the other)
 *   log LINE                (see rig.h; may be repeated)
 *   out HEX                 (what the client answers; may be repeated)
 * Lines that begin with # are comments.
 */
#include "mqtt/rig.h"

#define LINE_SIZE  4096
#define STEPS_MAX  8
#define MANY_LINES 4096

struct vector {
    char name[200];
    bool is_v3;
    bool is_v5;
    bool awaits_connack;
    bool resumes;
    char steps[STEPS_MAX][100];
    size_t step_count;
    struct hex in;
    char log[MANY_LINES];
    char out[MANY_LINES];
};

static const char *const files[] = {
    "connack.txt", "header.txt",     "publish.txt", "acks.txt",
    "suback.txt",  "disconnect.txt", "limits.txt",  "sequence.txt",
};

/* A step is a word, a QoS for those that have one, and one or two texts. */
static void do_step(struct rig *r, const char *step)
{
    char words[4][40] = {"", "", "", ""};
    uint8_t qos;
    uint16_t id;

    assert_true(sscanf(step, "%39s %39s %39s %39s", words[0], words[1],
                       words[2], words[3]) >= 2);
    qos = (uint8_t)(words[1][0] - '0');
    if (strcmp(words[0], "publish") == 0) {
        assert_int_equal(rig_publish(r, qos, words[2], words[3], &id), 0);
    } else if (strcmp(words[0], "subscribe") == 0) {
        (void)rig_subscribe(r, words[2], qos);
    } else if (strcmp(words[0], "unsubscribe") == 0) {
        (void)rig_unsubscribe(r, words[1]);
    } else {
        fail_msg("unknown step: %s", step);
    }
}

/* Feeds the bytes in pieces: cut at first, or in single bytes if step is 1. */
static void feed_cut(struct rig *r, const struct vector *v, size_t first,
                     size_t step)
{
    size_t at = 0;
    size_t n = first;
    int err = 0;

    while (err == 0 && at < v->in.len) {
        err = rig_feed_bytes(r, v->in.bytes + at, n);
        at += n;
        n = step < v->in.len - at ? step : v->in.len - at;
    }
}

static void run_once(const struct vector *v, enum hawser_version version,
                     size_t first, size_t step)
{
    struct rig r;
    const char *log;
    const char *out;

    rig_prepare(&r, version);
    r.cfg.clean_start = !v->resumes;
    if (v->awaits_connack) {
        rig_open(&r);
    } else {
        rig_go_online(&r);
    }
    for (size_t i = 0; i < v->step_count; i++) {
        do_step(&r, v->steps[i]);
    }
    (void)rig_out(&r);
    feed_cut(&r, v, first, step);
    log = rig_log(&r);
    out = rig_out(&r);
    if (strcmp(log, v->log) != 0 || strcmp(out, v->out) != 0) {
        fail_msg("%s (version %d, cut at %zu, then %zu)\nlog:\n%sexpected:\n%s"
                 "out: %s\nexpected: %s\n",
                 v->name, (int)version, first, step, log, v->log, out, v->out);
    }
}

static void run_version(const struct vector *v, enum hawser_version version)
{
    run_once(v, version, v->in.len, v->in.len);
    run_once(v, version, 1, 1);
    for (size_t cut = 1; cut < v->in.len; cut++) {
        run_once(v, version, cut, v->in.len);
    }
}

static size_t run(const struct vector *v)
{
    if (v->name[0] == 0) {
        return 0;
    }
    assert_true(v->is_v3 || v->is_v5);
    assert_true(v->in.len > 0);
    if (v->is_v3) {
        run_version(v, HAWSER_MQTT_3_1_1);
    }
    if (v->is_v5) {
        run_version(v, HAWSER_MQTT_5);
    }
    return 1;
}

static void append(char *to, const char *text, const char *end)
{
    size_t len = strlen(to);

    assert_true(len + strlen(text) + strlen(end) < MANY_LINES);
    (void)snprintf(to + len, MANY_LINES - len, "%s%s", text, end);
}

/* One line of a vector: a word, and the rest. */
static void take_line(struct vector *v, const char *word, const char *rest)
{
    struct hex h;

    if (strcmp(word, "version") == 0) {
        v->is_v3 = strcmp(rest, "5") != 0;
        v->is_v5 = strcmp(rest, "3") != 0;
    } else if (strcmp(word, "await") == 0) {
        v->awaits_connack = true;
    } else if (strcmp(word, "do") == 0 && strcmp(rest, "resume") == 0) {
        v->resumes = true;
    } else if (strcmp(word, "do") == 0) {
        assert_true(v->step_count < STEPS_MAX);
        (void)snprintf(v->steps[v->step_count++], sizeof v->steps[0], "%s",
                       rest);
    } else if (strcmp(word, "in") == 0) {
        struct hawser_view more = hex_read(&h, rest);

        assert_true(v->in.len + more.len < sizeof v->in.bytes);
        memcpy(v->in.bytes + v->in.len, more.at, more.len);
        v->in.len += more.len;
    } else if (strcmp(word, "log") == 0) {
        append(v->log, rest, "\n");
    } else if (strcmp(word, "out") == 0) {
        append(v->out, v->out[0] == 0 ? "" : " ", "");
        append(v->out, rest, "");
    } else {
        fail_msg("unknown line: %s %s", word, rest);
    }
}

static size_t run_file(const char *name)
{
    static struct vector v;
    char line[LINE_SIZE];
    size_t count = 0;
    FILE *f;

    (void)snprintf(line, sizeof line, "%s/%s", VECTORS, name);
    f = fopen(line, "r");
    assert_non_null(f);
    memset(&v, 0, sizeof v);
    while (fgets(line, sizeof line, f) != NULL) {
        char *rest;

        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#' || line[0] == 0) {
            continue;
        }
        rest = strchr(line, ' ');
        if (rest != NULL) {
            *rest++ = 0;
        }
        if (strcmp(line, "==") == 0) {
            count += run(&v);
            memset(&v, 0, sizeof v);
            (void)snprintf(v.name, sizeof v.name, "%s: %.150s", name, rest);
        } else {
            take_line(&v, line, rest == NULL ? "" : rest);
        }
    }
    (void)fclose(f); /* was only read */
    return count + run(&v);
}

static void test_vectors_in_every_cut_give_the_same_log(void **state)
{
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        size_t n = run_file(files[i]);

        assert_true(n > 0);
        count += n;
    }
    print_message("%zu vectors\n", count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_in_every_cut_give_the_same_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
