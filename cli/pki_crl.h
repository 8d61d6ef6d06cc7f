/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of revoked certificates (RFC 5280 section 5): DIR/ca/crl.pem holds
 * one list of each CA whose key is here, as a broker needs while a CA is
 * replaced.
 */
#ifndef HWI_PKI_CRL_H
#define HWI_PKI_CRL_H

#include <stdbool.h>

#include "pki_records.h"

/* How long a list is good for. A broker with one that has ended lets nobody
 * in, so it is long. */
#define HWI_CRL_DAYS     90
#define HWI_CRL_DAYS_MIN 30
#define HWI_CRL_DAYS_MAX 365

/* A list of a CA's revoked certificates that have not ended. *out is the
 * caller's, who frees it. FAILED. */
int hwi_crl_make(const struct hwi_ca *ca, const struct hwi_index *index,
                 int days, X509_CRL **out);

/* Reads the index and writes DIR/ca/crl.pem anew, at one blow. */
int hwi_crl_write(const char *dir, const char *passphrase_file, int days);

/* The same, if there is one. */
int hwi_crl_refresh(const char *dir, const char *passphrase_file);

/* In how many days the first list of DIR/ca/crl.pem ends; *exists says whether
 * there is one. CONFIG: it cannot be read. */
int hwi_crl_days_left(const char *dir, bool *exists, int *days);

#endif
