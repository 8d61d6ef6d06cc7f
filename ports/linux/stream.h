/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one verified stream: TCP, then TLS through tls/tls.h. Deadlines are the
 * device's; the kernel's own are set so that a dead line is noticed even while
 * nothing is sent.
 */
#ifndef HWI_LINUX_STREAM_H
#define HWI_LINUX_STREAM_H

#include "ports/linux/pollset.h"
#include "tls/tls.h"

struct hwi_linux_stream {
    enum hawser_stream_stage stage;
    int fd;              /* < 0: none */
    int fd_errno;        /* why the socket failed; 0: it did not, or it ended */
    struct hwi_tls *tls; /* NULL: none yet */
    struct hwi_tls_context *context;    /* lives over many connections */
    struct hawser_stream_target target; /* while open */
    struct hwi_tls_failure failure;     /* FAILED: why */
};

/* 0 or FULL: no memory. */
int hwi_linux_stream_init(struct hwi_linux_stream *stream) HAWSER_CHECKED;
void hwi_linux_stream_free(struct hwi_linux_stream *stream);

/* As struct hawser_port's stream_*. */
int hwi_linux_stream_open(struct hwi_linux_stream *stream,
                          const struct hawser_stream_target *target)
    HAWSER_CHECKED;
void hwi_linux_stream_status(struct hwi_linux_stream *stream,
                             struct hawser_stream_status *out);
int hwi_linux_stream_receive(struct hwi_linux_stream *stream, uint8_t *out,
                             size_t size) HAWSER_CHECKED;
int hwi_linux_stream_send(struct hwi_linux_stream *stream, const uint8_t *bytes,
                          size_t len) HAWSER_CHECKED;
int hwi_linux_stream_security(const struct hwi_linux_stream *stream,
                              struct hawser_security *out) HAWSER_CHECKED;
int hwi_linux_stream_preflight(const struct hwi_linux_stream *stream,
                               struct hawser_view anchors,
                               struct hawser_stream_status *out) HAWSER_CHECKED;
void hwi_linux_stream_close(struct hwi_linux_stream *stream);

/* Adds what it waits for. */
void hwi_linux_stream_poll(const struct hwi_linux_stream *stream,
                           struct hwi_linux_pollset *set);

#endif
