/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates as they are sent and kept: a file of PEM blocks, or DER, one
 * behind the other. Kept is always DER. What a certificate says is for the port
 * to read; here only its bounds are found.
 */
#ifndef HWI_DEVICE_CERTIFICATE_FILE_H
#define HWI_DEVICE_CERTIFICATE_FILE_H

#include "hawser/mqtt.h"

enum hwi_file_verdict {
    HWI_FILE_GOOD,
    HWI_FILE_EMPTY,  /* no certificate in it */
    HWI_FILE_BROKEN, /* neither PEM nor DER to the end, or cut */
    HWI_FILE_KEY,    /* a private key: it must not travel */
    HWI_FILE_LARGE   /* does not fit */
};

/*
 * Writes all certificates of a file as DER, one behind the other; out may begin
 * where the file does. *len: their bytes, if GOOD. Text between PEM blocks is
 * skipped.
 */
enum hwi_file_verdict hwi_certificates_read(struct hawser_view file,
                                            struct hawser_span out,
                                            size_t *len) HAWSER_CHECKED;

/* Cuts the first DER certificate off the list. False: none is left, or what is
 * left is not one. */
bool hwi_certificates_next(struct hawser_view *list,
                           struct hawser_view *one) HAWSER_CHECKED;

#endif
