/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of tls_verify_test.c: which certificates under which clock must
 * be accepted or refused, and as what. Data only.
 */
#ifndef HWI_TLS_VERIFY_TABLE_H
#define HWI_TLS_VERIFY_TABLE_H

#include "tls/tls_test_farm.h"

#define CA_BASIC  "critical,CA:TRUE"
#define CA_USAGE  "critical,keyCertSign,cRLSign"
#define EKU       "serverAuth"
#define NAME      "broker.example"
#define SAN       "DNS:broker.example"
#define DECADES_S (50 * FARM_YEAR_S)

/* The CAs of the table. Every row but ROOT has its parent before it. */
enum authority {
    SELF, /* no CA: the leaf signs itself */
    ROOT,
    OTHER_ROOT, /* nobody trusts it */
    TWIN_ROOT,  /* the name of ROOT, another key; nobody trusts it */
    MIDDLE,
    LOWER,       /* below MIDDLE */
    NO_DEEPER,   /* path length 0 */
    BELOW_DEEP,  /* a CA below NO_DEEPER */
    NOT_CA,      /* an ordinary server certificate */
    NO_BASIC,    /* no basicConstraints */
    NO_SIGN,     /* a CA whose key usage does not let it sign */
    CONSTRAINED, /* for allowed.example only */
    EXCLUDING,   /* not for broker.example */
    OLD_MIDDLE,  /* ended */
    WEAK_MIDDLE, /* RSA 1024 */
    SHA1_MIDDLE, /* signed with SHA-1 */
    MAIL_MIDDLE, /* extended key usage: e-mail */
    AUTHORITY_COUNT
};

struct authority_row {
    enum authority parent; /* SELF: a root */
    struct farm_spec spec;
};

extern const struct authority_row authorities[AUTHORITY_COUNT];

/* How the clock stands. */
enum clock {
    KNOWN, /* FARM_NOW_S */
    YEAR_1970,
    YEAR_2050,
    ONLY_FLOOR,  /* not known, but not before a day ago */
    FLOOR_LATE,  /* not known, but not before 2050 */
    FLOOR_ZERO,  /* nothing known at all */
    BEHIND_FLOOR /* "known" as 2022, though the floor is 2050 */
};

struct verify_row {
    const char *name;
    struct farm_spec leaf;
    enum authority issuer;
    bool leaves_out_middle;
    const char *host; /* NULL: NAME */
    enum clock clock;
    enum hawser_cause cause; /* NONE: accept */
    const char *detail;      /* words that must be in it; NULL: any */
    bool by_floor;           /* accepted, and reported as such */
};

#define ACCEPT       HAWSER_CAUSE_NONE
#define REFUSE(kind) HAWSER_CAUSE_TLS_##kind
#define GOOD         .san = SAN, .eku = EKU

extern const struct verify_row verify_rows[];
extern const size_t verify_row_count;

#endif
