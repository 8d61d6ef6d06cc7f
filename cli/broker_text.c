/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of a broker folder's files. They are read by people, so they say
 * why; and by Mosquitto 2.0 and inih.
 */
#include "broker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* RFC 9325 4.2 and 7.2: forward secrecy and AEAD only. ECDSA before RSA: the
 * broker's own certificate is P-256; RSA is for one from a public CA. */
static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

static void put_login(FILE *out, const struct hwi_broker_plan *plan)
{
    if (plan->client_certs) {
        fprintf(out,
                "\n# Devices prove themselves by a certificate of this CA; its "
                "common name\n# is the user name.\n"
                "cafile %s/tls/ca.crt\n"
                "require_certificate true\n"
                "use_identity_as_username true\n",
                plan->dir);
        if (plan->has_crl) {
            fprintf(out,
                    "# Those that are revoked stay out. So does everybody "
                    "once this list has\n# ended: `hawser pki check` tells "
                    "before.\n"
                    "crlfile %s/tls/crl.pem\n",
                    plan->dir);
        }
    } else {
        fprintf(out,
                "\n# Made by mosquitto_passwd; `hawser broker user` adds to "
                "it. Passwords have 128\n# random bits, so few rounds of "
                "hashing are enough: many rounds would make\n# everybody wait "
                "when all devices come back at once.\n"
                "password_file %s/passwords\n",
                plan->dir);
    }
    fprintf(out,
            "allow_anonymous false\n"
            "\n# Who may read and write which topics.\n"
            "acl_file %s/acl\n",
            plan->dir);
}

void hwi_broker_put_conf(FILE *out, const struct hwi_broker_plan *plan)
{
    fprintf(out,
            "# Made by `hawser broker init`; yours to change. Tell a running "
            "Mosquitto of\n# changes to passwords, ACL and certificates with "
            "kill -HUP; a new port or a key\n# of another type needs a "
            "restart.\n"
            "\n# Whom Mosquitto becomes when root starts it.\n"
            "user %s\n"
            "\n# The only way in: no listener without TLS.\n"
            "per_listener_settings false\n"
            "listener %d%s%s\n"
            "certfile %s/tls/server.crt\n"
            "keyfile %s/tls/server.key\n"
            "# The least version; 1.3 is used by whoever has it.\n"
            "tls_version tlsv1.2\n"
            "# For 1.2: forward secrecy and authenticated encryption only (RFC "
            "9325).\n"
            "ciphers %s\n",
            plan->user, plan->port, plan->bind == NULL ? "" : " ",
            plan->bind == NULL ? "" : plan->bind, plan->dir, plan->dir,
            ciphers);
    put_login(out, plan);
    fprintf(out,
            "\n# Retained status, and what waits for a device, outlive a "
            "restart.\n"
            "persistence true\n"
            "persistence_location %s/data/\n"
            "autosave_interval 60\n"
            "\n# Bounds: a broken client shall not fill the memory. A message "
            "of a device has\n# some hundred bytes; 2 MiB leave room for yours."
            "\n"
            "max_packet_size 2097152\n"
            "# For each client that is away or slow; an operator's `watch` may "
            "lag a burst.\n"
            "max_queued_messages 10000\n"
            "# Forget a session that nobody came back to.\n"
            "persistent_client_expiration 30d\n"
            "\nlog_dest stderr\n"
            "log_timestamp_format %%Y-%%m-%%dT%%H:%%M:%%S\n",
            plan->dir);
}

void hwi_broker_put_acl(FILE *out, const struct hwi_broker_plan *plan)
{
    static const struct {
        const char *right;
        const char *topic;
    } rights[] = {
        {"readwrite", "status"}, /* it answers its own stale "offline" */
        {"write", "security"},   {"write", "data"},    {"write", "reply/#"},
        {"write", "event"},      {"write", "alert/+"}, {"read", "control"},
        {"read", "cert"},
    };
    fprintf(out,
            "# Made by `hawser broker init`.\n"
            "user " HWI_BROKER_OPERATOR "\n"
            "topic readwrite %s/#\n"
            "topic read $SYS/#\n\n",
            plan->root);
    fputs(plan->flat
              ? "# One tree that all devices share: each could speak for "
                "another. Choose the layout\n# \"device\" if that matters.\n"
              : "# Each device (%u: its user name) has its own tree, and may "
                "only read its\n# control. It reads its own status to correct "
                "an \"offline\" that came late.\n# A pattern costs the same "
                "for one "
                "device and for ten thousand; a block for each\n# device does "
                "not.\n",
          out);
    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        fprintf(out, "pattern %s %s/%s%s\n", rights[i].right, plan->root,
                plan->flat ? "" : "%u/", rights[i].topic);
    }
    /* Over how long a fleet spreads when it comes back. */
    fprintf(out, "pattern read %s/reconnect\n", plan->root);
}

static void put_device(FILE *out, const struct hwi_broker_client *client)
{
    fprintf(out,
            "[device]\n"
            "id = %s\n"
            "; Outlives restarts. Under systemd: /var/lib/hawser\n"
            "state_dir = %s.state\n\n",
            client->name, client->name);
}

void hwi_broker_put_client(FILE *out, const struct hwi_broker_client *client)
{
    fprintf(out, "; Made by `hawser broker`. Relative paths start at this "
                 "file's folder.\n");
    if (client->is_device) {
        put_device(out, client);
    }
    fprintf(out, "[broker]\nurl = %s\nca_file = %s\n", client->url,
            client->ca_file);
    if (client->has_cert) {
        fprintf(out, "cert_file = %s.crt\nkey_file = %s.key\n", client->name,
                client->name);
    } else {
        fprintf(out, "username = %s\npassword_file = %s.password\n",
                client->name, client->name);
    }
    fprintf(out, "\n[topics]\nroot = %s\nlayout = %s\n", client->root,
            client->layout);
    if (client->is_device) {
        fputs("\n[time]\n"
              "; Without a line, the kernel's clock is trusted once it is "
              "synchronised.\n"
              ";servers = 0.pool.ntp.org 1.pool.ntp.org 2.pool.ntp.org\n"
              "\n[sensors]\n"
              "; What this machine does not have is left out of the message.\n"
              "temperature = auto\n"
              "humidity = auto\n",
              out);
    }
}

int hwi_broker_page_begin(struct hwi_broker_page *page)
{
    *page = (struct hwi_broker_page){NULL, NULL, 0};
    page->file = open_memstream(&page->text, &page->len);
    return page->file != NULL ? 0
                              : hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
}

int hwi_broker_page_end(struct hwi_broker_page *page, const char *path,
                        mode_t mode)
{
    int code = 0;
    bool good = ferror(page->file) == 0;
    if (fclose(page->file) != 0 || !good) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: no memory", path);
    } else {
        code = hwi_pki_write_new(path, page->text, page->len, mode);
    }
    free(page->text);
    return code;
}
