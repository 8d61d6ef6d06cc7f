/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser broker init`: the whole folder, made beside its place and renamed
 * there when it is complete.
 */
#include "broker.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "cli.h"
#include "hawser/device.h"
#include "pki_args.h"
#include "pki_name.h"

#define COMMAND "broker"

/* A line of a configuration has 199 bytes at most; the URL is one. */
#define HOST_MAX 160

/* The words of the command line, before they are judged. */
struct words {
    const char *pki;
    const char *host;
    const char *port;
    const char *bind;
    const char *root;
    const char *layout;
    const char *run_as;
    bool client_certs;
    bool has_crl;
};

/* It stands in topics of the ACL, where % would begin a pattern and a space
 * would end a word; and in the configuration of each device. */
static const char *root_problem(const char *root)
{
    size_t len = strlen(root);
    if (len == 0 || len > HAWSER_ROOT_MAX) {
        return "1 to 64 bytes";
    }
    if (strpbrk(root, "+#%; ") != NULL) {
        return "no + # % ; or space in it";
    }
    if (root[0] == '$' || root[0] == '/' || root[len - 1] == '/' ||
        strstr(root, "//") != NULL) {
        return "it does not begin with $ or /, nor end with /, nor have an "
               "empty level";
    }
    for (; *root != '\0'; root++) {
        if ((unsigned char)*root < 0x20 || *root == 0x7F) {
            return "no control characters";
        }
    }
    return NULL;
}

static int judge_words(const struct words *words, struct hwi_broker_plan *plan)
{
    unsigned char address[16];
    const char *why;
    plan->port = 8883;
    plan->pki = words->pki;
    plan->client_certs = words->client_certs;
    plan->has_crl = words->has_crl;
    plan->root = words->root == NULL ? "hawser" : words->root;
    plan->flat = words->layout != NULL && strcmp(words->layout, "flat") == 0;
    plan->bind = words->bind;

    if (plan->has_crl && !plan->client_certs) {
        return hawser_cli_usage_error(
            COMMAND, "--crl is about certificates: give --client-certs, too");
    }
    why = root_problem(plan->root);
    if (why != NULL) {
        return hwi_args_refuse(COMMAND, "--root", plan->root, why);
    }
    if (words->layout != NULL && !plan->flat &&
        strcmp(words->layout, "device") != 0) {
        return hwi_args_refuse(COMMAND, "--layout", words->layout,
                               "device or flat");
    }
    if (words->bind != NULL &&
        hwi_host_kind(words->bind, address, &why) == HWI_HOST_BAD) {
        return hwi_args_refuse(COMMAND, "--bind", words->bind, why);
    }
    if (words->host != NULL &&
        hwi_host_kind(words->host, address, &why) == HWI_HOST_BAD) {
        return hwi_args_refuse(COMMAND, "--host", words->host, why);
    }
    snprintf(plan->host, sizeof(plan->host), "%s",
             words->host == NULL ? "" : words->host);
    return hwi_args_number(COMMAND, "--port", words->port, 65535, &plan->port);
}

/* Whom Mosquitto becomes. plan->user lives until the next getpw call: nobody
 * makes one. */
static int choose_user(const struct words *words, struct hwi_broker_plan *plan)
{
    const struct passwd *user =
        words->run_as == NULL ? getpwuid(geteuid()) : getpwnam(words->run_as);
    plan->uid = (uid_t)-1;
    plan->gid = (gid_t)-1;
    if (user == NULL) {
        return hwi_pki_fail(
            HAWSER_EXIT_CONFIG, "there is no user %s on this machine",
            words->run_as == NULL ? "with this number" : words->run_as);
    }
    plan->user = user->pw_name;
    if (user->pw_uid != geteuid()) {
        plan->uid = user->pw_uid;
        plan->gid = user->pw_gid;
    }
    return 0;
}

/* A line end would end a line of mosquitto.conf. */
static int check_dir(const char *dir)
{
    for (const char *c = dir; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "the folder's path holds a control character");
        }
    }
    return 0;
}

static int write_page(const struct hwi_broker_plan *plan, const char *name,
                      void (*put)(FILE *out,
                                  const struct hwi_broker_plan *plan))
{
    struct hwi_broker_page page;
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/%s", plan->stage, name);
    if (code == 0) {
        code = hwi_broker_page_begin(&page);
    }
    if (code == 0) {
        put(page.file, plan);
        code = hwi_broker_page_end(&page, path, 0600);
    }
    return code;
}

static int make_folders(const struct hwi_broker_plan *plan)
{
    static const char *const folders[] = {"tls", "data", "devices"};
    char path[HWI_PATH_SIZE];
    int code = 0;
    for (size_t i = 0; code == 0 && i < 3; i++) {
        code = hwi_pki_path(path, "%s/%s", plan->stage, folders[i]);
        if (code == 0) {
            code = hwi_pki_make_dir(path);
        }
    }
    return code;
}

static int copy_certificates(const struct hwi_broker_plan *plan)
{
    char from[HWI_PATH_SIZE];
    char name[sizeof(plan->host) + 8];
    char tls[HWI_PATH_SIZE];
    int code = hwi_pki_path(tls, "%s/tls", plan->stage);
    if (code == 0) {
        code = hwi_pki_path(from, "%s/server", plan->pki);
    }
    if (code == 0) {
        snprintf(name, sizeof(name), "%s.key", plan->host);
        code = hwi_broker_copy(from, name, tls, "server.key", 0600);
    }
    if (code == 0) {
        snprintf(name, sizeof(name), "%s.crt", plan->host);
        code = hwi_broker_copy(from, name, tls, "server.crt", 0644);
    }
    if (code == 0 && plan->client_certs) {
        code = hwi_broker_copy(plan->pki, hwi_broker_anchors(plan->pki), tls,
                               "ca.crt", 0644);
    }
    if (code == 0 && plan->has_crl) {
        code = hwi_broker_copy(plan->pki, "ca/crl.pem", tls, "crl.pem", 0644);
    }
    if (code == 0) {
        code = hwi_broker_copy(plan->pki, hwi_broker_anchors(plan->pki),
                               plan->stage, "devices/ca.crt", 0644);
    }
    return code;
}

/* The operator's password, and the file that Mosquitto knows it by. */
static int make_password(const struct hwi_broker_plan *plan)
{
    char password[HWI_PASSWORD_SIZE];
    char line[sizeof(HWI_BROKER_OPERATOR) + HWI_PASSWORD_SIZE + 2];
    char path[HWI_PATH_SIZE];
    char *hashed = NULL;

    int code = hwi_password_make(password);
    if (code == 0) {
        code = hwi_password_write(plan->stage, HWI_BROKER_OPERATOR, password);
    }
    if (code == 0) {
        snprintf(line, sizeof(line), HWI_BROKER_OPERATOR ":%s\n", password);
        code = hwi_password_hash(plan->stage, line, &hashed);
        OPENSSL_cleanse(line, sizeof(line));
    }
    OPENSSL_cleanse(password, sizeof(password));
    if (code == 0) {
        code = hwi_pki_path(path, "%s/passwords", plan->stage);
    }
    if (code == 0) {
        code = hwi_pki_write_new(path, hashed, strlen(hashed), 0600);
    }
    if (hashed != NULL) {
        hwi_pki_forget(hashed, strlen(hashed));
    }
    return code;
}

static int take_operator_certificate(const struct hwi_broker_plan *plan)
{
    char path[HWI_PATH_SIZE];
    int code =
        hwi_pki_path(path, "%s/device/" HWI_BROKER_OPERATOR ".key", plan->pki);
    if (code == 0 && access(path, R_OK) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; with --client-certs the operator needs "
                            "one: hawser pki device %s " HWI_BROKER_OPERATOR,
                            path, strerror(errno), plan->pki);
    }
    if (code == 0) {
        code = hwi_broker_copy(plan->pki, "device/" HWI_BROKER_OPERATOR ".key",
                               plan->stage, HWI_BROKER_OPERATOR ".key", 0600);
    }
    if (code == 0) {
        code = hwi_broker_copy(plan->pki, "device/" HWI_BROKER_OPERATOR ".crt",
                               plan->stage, HWI_BROKER_OPERATOR ".crt", 0644);
    }
    return code;
}

static void put_operator(FILE *out, const struct hwi_broker_plan *plan)
{
    unsigned char address[16];
    const char *why;
    char url[sizeof(plan->host) + 32];
    bool is_v6 = hwi_host_kind(plan->host, address, &why) == HWI_HOST_IPV6;
    snprintf(url, sizeof(url), is_v6 ? "mqtts://[%s]:%d" : "mqtts://%s:%d",
             plan->host, plan->port);
    const struct hwi_broker_client client = {
        .url = url,
        .root = plan->root,
        .layout = plan->flat ? "flat" : "device",
        .ca_file = "devices/ca.crt",
        .name = HWI_BROKER_OPERATOR,
        .has_cert = plan->client_certs,
    };
    hwi_broker_put_client(out, &client);
}

/* Gives Mosquitto's user what Mosquitto reads and writes, and the way to it;
 * the operator's and the devices' secrets stay ours. */
static int give_away(const struct hwi_broker_plan *plan)
{
    static const char *const names[] = {"mosquitto.conf",
                                        "acl",
                                        "passwords",
                                        "tls/server.key",
                                        "tls/server.crt",
                                        "tls/ca.crt",
                                        "tls/crl.pem",
                                        "tls",
                                        "data"};
    char path[HWI_PATH_SIZE];

    if (plan->uid == (uid_t)-1) {
        return 0;
    }
    bool good = chown(plan->stage, (uid_t)-1, plan->gid) == 0 &&
                chmod(plan->stage, 0710) == 0;
    for (size_t i = 0; good && i < sizeof(names) / sizeof(names[0]); i++) {
        int code = hwi_pki_path(path, "%s/%s", plan->stage, names[i]);
        if (code != 0) {
            return code;
        }
        /* not each of passwords, ca.crt and crl.pem is there */
        good = chown(path, plan->uid, plan->gid) == 0 || errno == ENOENT;
    }
    return good ? 0
                : hwi_pki_fail(HAWSER_EXIT_FAILED,
                               "%s cannot be given to user %s: %s; only root "
                               "can do that",
                               plan->dir, plan->user, strerror(errno));
}

static int fill(const struct hwi_broker_plan *plan)
{
    int code = make_folders(plan);
    if (code == 0) {
        code = copy_certificates(plan);
    }
    if (code == 0) {
        code = write_page(plan, "mosquitto.conf", hwi_broker_put_conf);
    }
    if (code == 0) {
        code = write_page(plan, "acl", hwi_broker_put_acl);
    }
    if (code == 0) {
        code = write_page(plan, HWI_BROKER_OPERATOR ".ini", put_operator);
    }
    if (code == 0) {
        code = plan->client_certs ? take_operator_certificate(plan)
                                  : make_password(plan);
    }
    return code == 0 ? give_away(plan) : code;
}

static void tell(const struct hwi_broker_plan *plan, const char *dir)
{
    printf("%s: Mosquitto for %s on port %d%s%s, TLS 1.2 or better, topics "
           "%s/%s\n\n"
           "Start     mosquitto -c %s/mosquitto.conf\n"
           "A device  hawser broker user %s ID\n"
           "See them  hawser watch --config %s/operator.ini\n",
           dir, plan->host, plan->port, plan->bind == NULL ? "" : " of ",
           plan->bind == NULL ? "" : plan->bind, plan->root,
           plan->flat ? "..." : "ID/...", dir, dir, dir);
    if (strcmp(plan->user, "root") == 0) {
        fputs("\nMosquitto will stay root when root starts it; better give it "
              "a user with --run-as.\n",
              stdout);
    }
}

/* In full, or nothing of it; dir is what its user calls it. */
static int make_folder(struct hwi_broker_plan *plan, const char *dir)
{
    sigset_t before;
    hwi_broker_hold_signals(&before);
    int code = hwi_pki_stage_begin(plan->stage, plan->dir);
    if (code == 0) {
        code = fill(plan);
        if (code != 0) {
            hwi_pki_stage_abandon(plan->stage);
        } else {
            code = hwi_pki_stage_commit(plan->stage, plan->dir);
        }
    }
    if (code == 0) {
        tell(plan, dir);
    }
    hwi_broker_let_signals(&before);
    return code;
}

/* Asked for before anything is made, with words that help. */
static int check_crl(const struct hwi_broker_plan *plan)
{
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/ca/crl.pem", plan->pki);
    if (code == 0 && plan->has_crl && access(path, R_OK) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; `hawser pki crl %s` writes it", path,
                            strerror(errno), plan->pki);
    }
    return code;
}

static int make(struct hwi_broker_plan *plan, const char *dir)
{
    int code = hwi_broker_find_cert(plan->pki, plan->host);
    if (code == 0) {
        code = check_crl(plan);
    }
    if (code == 0 && strlen(plan->host) > HOST_MAX) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: a URL with it is longer than a line of a "
                            "configuration may be",
                            plan->host);
    }
    if (code == 0) {
        code = hwi_pki_absolute(plan->dir, dir);
    }
    if (code == 0) {
        code = check_dir(plan->dir);
    }
    if (code == 0) {
        code = make_folder(plan, dir);
    }
    return code;
}

int hwi_broker_init(int argc, char **argv)
{
    struct words words = {0};
    const struct hwi_option options[] = {
        {"pki", &words.pki, NULL},
        {"host", &words.host, NULL},
        {"port", &words.port, NULL},
        {"bind", &words.bind, NULL},
        {"root", &words.root, NULL},
        {"layout", &words.layout, NULL},
        {"run-as", &words.run_as, NULL},
        {"client-certs", NULL, &words.client_certs},
        {"crl", NULL, &words.has_crl},
        {NULL, NULL, NULL},
    };
    struct hwi_broker_plan plan = {0};
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && (count != 1 || words.pki == NULL)) {
        code =
            hawser_cli_usage_error(COMMAND, "init needs DIR and --pki PKIDIR");
    }
    if (code == 0) {
        code = judge_words(&words, &plan);
    }
    if (code == 0) {
        code = choose_user(&words, &plan);
    }
    return code == 0 ? make(&plan, argv[0]) : code;
}
