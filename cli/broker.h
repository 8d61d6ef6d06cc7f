/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser broker`: a folder from which Mosquitto serves.
 *
 *  mosquitto.conf acl passwords   what Mosquitto reads, and
 *  tls/server.{crt,key} tls/ca.crt   its certificate; tls/crl.pem: revoked ones
 *  data/                          what it keeps over restarts
 *  operator.{ini,password}        for `hawser send` and `hawser watch`
 *  devices/ca.crt ID.{ini,password}  what each device needs, to be copied there
 *
 * Functions answer 0 or an exit code of cli.h after the message.
 */
#ifndef HWI_BROKER_H
#define HWI_BROKER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "pki_file.h"

/* The user who may read and write everything. */
#define HWI_BROKER_OPERATOR "operator"

/* 128 random bits in hexadecimal, and a NUL. */
#define HWI_PASSWORD_SIZE 33

int hwi_broker_init(int argc, char **argv);
int hwi_broker_user(int argc, char **argv);
int hwi_broker_renew(int argc, char **argv);

/* As `hawser broker user DIR ID`, but says only what goes wrong: ID.ini and
 * ID.password are then in DIR/devices. CONFIG also where devices log in by
 * certificate. */
int hwi_broker_add_login(const char *dir, const char *id);

/* What a broker folder is made from. Texts are the caller's. */
struct hwi_broker_plan {
    char dir[HWI_PATH_SIZE];   /* where it will stand, absolute */
    char stage[HWI_PATH_SIZE]; /* where it is being made */
    const char *pki;
    char host[256]; /* names the certificate and stands in the URL */
    int port;
    const char *bind; /* NULL: every address */
    const char *root;
    bool flat;         /* the layout */
    bool client_certs; /* devices prove themselves by certificate alone */
    bool has_crl;      /* and not by one that is revoked */
    const char *user;  /* whom Mosquitto runs as when root starts it */
    uid_t uid;         /* and owns its files; (uid_t)-1: who runs this */
    gid_t gid;
};

/* What a user's configuration file says. */
struct hwi_broker_client {
    const char *url;
    const char *root;
    const char *layout;  /* "device" or "flat" */
    const char *ca_file; /* relative to the file */
    const char *name;    /* user name; a device's id */
    bool has_cert;       /* NAME.crt and NAME.key instead of NAME.password */
    bool is_device;
};

/* The texts of the files, with comments that say why. */
void hwi_broker_put_conf(FILE *out, const struct hwi_broker_plan *plan);
void hwi_broker_put_acl(FILE *out, const struct hwi_broker_plan *plan);
void hwi_broker_put_client(FILE *out, const struct hwi_broker_client *client);

/*
 * Writes `put`'s text to a new file. A FILE cannot be checked at every print,
 * so it is checked here, once. FAILED; CONFIG if the file exists.
 */
struct hwi_broker_page {
    FILE *file;
    char *text;
    size_t len;
};
int hwi_broker_page_begin(struct hwi_broker_page *page);
int hwi_broker_page_end(struct hwi_broker_page *page, const char *path,
                        mode_t mode);

/*
 * Holds back what ends a command: between two files it would leave half of what
 * is being made, and passwords with it. Let loose again, it ends the command
 * after what was done has been said.
 */
void hwi_broker_hold_signals(sigset_t *before);
void hwi_broker_let_signals(const sigset_t *before);

/* A new random password. FAILED: no randomness. */
int hwi_password_make(char out[HWI_PASSWORD_SIZE]);

/* Writes DIR/NAME.password, 0600. CONFIG if it exists. */
int hwi_password_write(const char *dir, const char *name, const char *password);

/*
 * Answers what Mosquitto's own tool makes of "NAME:PASSWORD" lines, in a
 * private file of dir that lives as long as the call; never through a command
 * line. *hashed ends with a line end; the caller frees it with
 * hwi_pki_forget(). FAILED: the tool is missing or fails.
 */
int hwi_password_hash(const char *dir, const char *lines, char **hashed);

/*
 * Finds the broker's certificate in a PKI folder: host if it is not empty, else
 * the only one there; *host is set. CONFIG: none, several, not a pair, ended.
 */
int hwi_broker_find_cert(const char *pki, char host[256]);

/* The file of the CAs that count, within a PKI folder: two while one is being
 * replaced. */
const char *hwi_broker_anchors(const char *pki);

/* Copies a file; a copy has the mode, and if that is its owner's alone, so must
 * the file be. CONFIG: it is not, or the copy exists. */
int hwi_broker_copy(const char *from_dir, const char *from_name,
                    const char *to_dir, const char *to_name, mode_t mode);

#endif
