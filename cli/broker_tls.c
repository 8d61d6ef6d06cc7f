/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's certificate: found in the PKI folder, checked, copied. A copy,
 * so that the folder with the CA's key need not be on the broker's machine,
 * and the user whom Mosquitto becomes need not enter it.
 */
#include "broker.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_cert.h"
#include "pki_key.h"

#define COMMAND "broker"

/* The certificate's name if it is the only one: sets host. */
static int find_only(const char *folder, char host[256])
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; `hawser pki init` makes it", folder,
                            strerror(errno));
    }
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len > 4 && len - 4 < 256 &&
            strcmp(entry->d_name + len - 4, ".crt") == 0) {
            memcpy(host, entry->d_name, len - 4);
            host[len - 4] = '\0';
            count++;
        }
    }
    (void)closedir(dir); /* opened for reading: nothing can be lost */
    if (count == 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: no certificate in it; `hawser pki server` "
                            "makes one",
                            folder);
    }
    if (count > 1) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %d certificates; choose one with --host NAME",
                            folder, count);
    }
    return 0;
}

/* A broker must not be set up with what no device will accept. */
static int check_pair(const char *folder, const char *host)
{
    char path[HWI_PATH_SIZE];
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;

    int code = hwi_pki_path(path, "%s/%s.key", folder, host);
    if (code == 0) {
        code = hwi_key_read(path, NULL, &key);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/%s.crt", folder, host);
    }
    if (code == 0) {
        code = hwi_cert_read(path, &certificate);
    }
    if (code == 0 && X509_check_private_key(certificate, key) != 1) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: the key beside it belongs to another "
                            "certificate",
                            path);
    }
    if (code == 0 &&
        X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: it has ended; move it away and make a new "
                            "one with `hawser pki server`",
                            path);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return code;
}

int hwi_broker_find_cert(const char *pki, char host[256])
{
    char folder[HWI_PATH_SIZE];
    int code = hwi_pki_path(folder, "%s/server", pki);
    if (code == 0 && host[0] == '\0') {
        code = find_only(folder, host);
    }
    return code == 0 ? check_pair(folder, host) : code;
}

int hwi_broker_copy(const char *from_dir, const char *from_name,
                    const char *to_dir, const char *to_name, mode_t mode)
{
    char path[HWI_PATH_SIZE];
    char *text = NULL;
    size_t len = 0;

    int code = hwi_pki_path(path, "%s/%s", from_dir, from_name);
    if (code == 0) {
        bool is_secret = (mode & 077) == 0;
        code = is_secret ? hwi_pki_read_secret(path, &text, &len)
                         : hwi_pki_read(path, &text, &len);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/%s", to_dir, to_name);
    }
    if (code == 0) {
        code = hwi_pki_write_new(path, text, len, mode);
    }
    hwi_pki_forget(text, len);
    return code;
}

const char *hwi_broker_anchors(const char *pki)
{
    char path[HWI_PATH_SIZE];
    return hwi_pki_path(path, "%s/ca/bundle.crt", pki) == 0 &&
                   access(path, F_OK) == 0
               ? "ca/bundle.crt"
               : "ca/ca.crt";
}

/* What the broker's folder has of the PKI folder's. */
struct copies {
    const char *pki;
    const char *dir;
};

/* As copy, over a file that exists; what is not there is left out, if it may
 * be: a broker without client certificates has no ca.crt, for one. */
static int copy_over(const struct copies *copies, const char *from,
                     const char *to, bool is_needed)
{
    char path[HWI_PATH_SIZE];
    char target[HWI_PATH_SIZE];
    char *text = NULL;
    size_t len = 0;

    int code = hwi_pki_path(target, "%s/%s", copies->dir, to);
    if (code == 0) {
        code = hwi_pki_path(path, "%s/%s", copies->pki, from);
    }
    if (code != 0 || (!is_needed && access(target, F_OK) != 0)) {
        return code;
    }
    code = hwi_pki_read(path, &text, &len);
    if (code == 0) {
        code = hwi_pki_replace(target, text, len);
    }
    hwi_pki_forget(text, len);
    return code;
}

/* The operator's own, where it logs in by certificate and the key is still in
 * the PKI folder. */
static int copy_operator(const struct copies *copies)
{
    static const char key[] = "device/" HWI_BROKER_OPERATOR ".key";
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/%s", copies->pki, key);
    if (code != 0 || access(path, F_OK) != 0) {
        return code;
    }
    code = copy_over(copies, key, HWI_BROKER_OPERATOR ".key", false);
    if (code == 0) {
        code = copy_over(copies, "device/" HWI_BROKER_OPERATOR ".crt",
                         HWI_BROKER_OPERATOR ".crt", false);
    }
    return code;
}

/* The anchors first: a certificate of a new CA is of no use before them. */
static int copy_all(const struct copies *copies, const char *host)
{
    char name[512];
    const char *anchors = hwi_broker_anchors(copies->pki);
    int code = copy_over(copies, anchors, "devices/ca.crt", false);
    if (code == 0) {
        code = copy_over(copies, anchors, "tls/ca.crt", false);
    }
    if (code == 0) {
        code = copy_over(copies, "ca/crl.pem", "tls/crl.pem", false);
    }
    if (code == 0) {
        code = copy_operator(copies);
    }
    if (code == 0) {
        snprintf(name, sizeof(name), "server/%s.key", host);
        code = copy_over(copies, name, "tls/server.key", true);
    }
    if (code == 0) {
        snprintf(name, sizeof(name), "server/%s.crt", host);
        code = copy_over(copies, name, "tls/server.crt", true);
    }
    return code;
}

int hwi_broker_renew(int argc, char **argv)
{
    const char *pki = NULL;
    const char *chosen = NULL;
    const struct hwi_option options[] = {
        {"pki", &pki, NULL},
        {"host", &chosen, NULL},
        {NULL, NULL, NULL},
    };
    char host[256];
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && (count != 1 || pki == NULL)) {
        code =
            hawser_cli_usage_error(COMMAND, "renew needs DIR and --pki PKIDIR");
    }
    if (code != 0) {
        return code;
    }
    if (chosen != NULL && strlen(chosen) >= sizeof(host)) {
        return hawser_cli_usage_error(COMMAND, "--host is too long");
    }
    if (access(argv[0], X_OK) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; `hawser broker init` makes it", argv[0],
                            strerror(errno));
    }
    snprintf(host, sizeof(host), "%s", chosen == NULL ? "" : chosen);
    code = hwi_broker_find_cert(pki, host);
    if (code == 0) {
        const struct copies copies = {.pki = pki, .dir = argv[0]};
        code = copy_all(&copies, host);
    }
    if (code == 0) {
        printf("%s/tls has the certificate of %s. Tell Mosquitto: kill -HUP "
               "PID\n(restart it if the key is of another type than before)\n",
               argv[0], host);
    }
    return code;
}
