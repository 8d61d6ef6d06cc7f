/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser factory`: what each of many chips gets before it leaves the house. A
 * device's login and certificate are made where `hawser broker` and `hawser pki`
 * make them, and then stand in its table alone.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "broker.h"
#include "config_check.h"
#include "factory_settings.h"
#include "pki.h"
#include "pki_args.h"
#include "pki_name.h"

#define COMMAND "factory"

/* The most that one call makes. */
#define IDS_MAX 100000

const char hawser_cli_factory_usage[] =
    "Usage: hawser factory DIR ID... --config FILE [--broker BROKERDIR]\n"
    "                      [--pki PKIDIR] [--days N] "
    "[--passphrase-file FILE]\n"
    "\n"
    "Makes DIR/ID for each chip: nvs.csv, the table that ESP-IDF's\n"
    "nvs_partition_gen.py makes an image of NVS from, and label.txt, which "
    "holds\n"
    "no secret. The chip's password and key stand in nvs.csv alone: flash it,\n"
    "then delete it.\n"
    "\n"
    "  --config FILE           what all chips share: an INI file like the\n"
    "                          agent's without id, certificate and sensors;\n"
    "                          [time] servers is required\n"
    "  --broker BROKERDIR      each chip logs in with a password of its own,\n"
    "                          which `hawser broker user` makes there\n"
    "  --pki PKIDIR            each chip has a certificate of its own, which\n"
    "                          `hawser pki device` makes there\n"
    "  --days N                life of that certificate, 730 at most (365)\n"
    "  --passphrase-file FILE  the CA's key is encrypted with its first line\n"
    "\n"
    "An ID that fails is told and made at the next call; the others are made.\n"
    "\n"
    "Exit codes: 0 done; 1 failed; 2 the command line is wrong; 3 a file, "
    "name\n"
    "or configuration is not usable.\n";

struct factory {
    const char *dir;
    const char *config_path;
    const char *broker;
    const char *pki;
    const char *passphrase_file;
    int days;
    const struct hawser_cli_config *config;
    struct hwi_ca ca;
};

/* A device being made: what of it stands elsewhere until then. */
struct chip {
    const char *id;
    char password_path[HWI_PATH_SIZE];
    char ini_path[HWI_PATH_SIZE];
    char chain_path[HWI_PATH_SIZE];
    char key_path[HWI_PATH_SIZE];
    char *password;
    size_t password_len;
    char *chain;
    size_t chain_len;
    char *key;
    size_t key_len;
};

/* Login and certificate ------------------------------------------------------ */

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* What an earlier call has made and not used is taken up. */
static int get_login(const struct factory *f, struct chip *chip)
{
    int code = 0;

    if (f->broker == NULL) {
        return 0;
    }
    code = hwi_pki_path(chip->password_path, "%s/devices/%s.password",
                        f->broker, chip->id);
    if (code == 0) {
        code = hwi_pki_path(chip->ini_path, "%s/devices/%s.ini", f->broker,
                            chip->id);
    }
    if (code == 0 && !is_there(chip->password_path)) {
        code = hwi_broker_add_login(f->broker, chip->id);
    }
    if (code == 0) {
        code = hwi_pki_read_secret(chip->password_path, &chip->password,
                                   &chip->password_len);
    }
    if (code == 0) {
        chip->password_len = strcspn(chip->password, "\r\n");
    }
    return code;
}

static int check_pair(const struct chip *chip)
{
    BIO *bio = BIO_new_mem_buf(chip->key, (int)chip->key_len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    X509 *certificate = NULL;
    int code = hwi_cert_read(chip->chain_path, &certificate);

    if (code == 0 &&
        (key == NULL || X509_check_private_key(certificate, key) != 1)) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: it is not the key of %s; `hawser pki renew` "
                            "makes both anew",
                            chip->key_path, chip->chain_path);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return code;
}

static int issue(const struct factory *f, const struct chip *chip)
{
    const struct hwi_pki_order order = {.dir = f->pki,
                                        .kind = HWI_CERT_DEVICE,
                                        .names = &chip->id,
                                        .name_count = 1,
                                        .days = f->days};

    if (is_there(chip->chain_path) && !is_there(chip->key_path)) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: this device has a certificate, and its key is "
                            "not here any more; `hawser pki renew` makes both "
                            "anew",
                            chip->chain_path);
    }
    return is_there(chip->chain_path) ? 0 : hwi_pki_issue(&order, &f->ca);
}

static int get_certificate(const struct factory *f, struct chip *chip)
{
    int code = 0;

    if (f->pki == NULL) {
        return 0;
    }
    code = hwi_pki_path(chip->chain_path, "%s/device/%s.crt", f->pki, chip->id);
    if (code == 0) {
        code =
            hwi_pki_path(chip->key_path, "%s/device/%s.key", f->pki, chip->id);
    }
    if (code == 0) {
        code = issue(f, chip);
    }
    if (code == 0) {
        code = hwi_pki_read(chip->chain_path, &chip->chain, &chip->chain_len);
    }
    if (code == 0) {
        code = hwi_pki_read_secret(chip->key_path, &chip->key, &chip->key_len);
    }
    return code == 0 ? check_pair(chip) : code;
}

/* The files ------------------------------------------------------------------ */

static struct hawser_view view_of(const char *text, size_t len)
{
    return (struct hawser_view){(const uint8_t *)text, text == NULL ? 0 : len};
}

static int write_table(const struct factory *f, const struct chip *chip,
                       const char *folder)
{
    const struct hwi_factory_device device = {
        .id = chip->id,
        .username = chip->password == NULL ? view_of(NULL, 0)
                                           : hawser_cli_view(chip->id),
        .password = view_of(chip->password, chip->password_len),
        .chain = view_of(chip->chain, chip->chain_len),
        .key = view_of(chip->key, chip->key_len),
    };
    char path[HWI_PATH_SIZE];
    char *room = malloc(HWI_FACTORY_TABLE_SIZE);
    struct hawser_cli_text table;
    const char *problem = NULL;
    int code = 0;

    if (room == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    table = hawser_cli_text_in(room, HWI_FACTORY_TABLE_SIZE);
    problem = hwi_factory_table(f->config, &device, &table);
    code = problem == NULL ? hwi_pki_path(path, "%s/nvs.csv", folder)
                           : hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s",
                                          f->config_path, problem);
    if (code == 0) {
        code = hwi_pki_write_new(path, room, table.len, 0600);
    }
    OPENSSL_cleanse(room, HWI_FACTORY_TABLE_SIZE);
    free(room);
    return code;
}

/* Each of the anchors. */
static void put_anchors(FILE *out, struct hawser_view ca)
{
    BIO *bio = BIO_new_mem_buf(ca.at, (int)ca.len);
    X509 *certificate = NULL;
    char print[HWI_FINGERPRINT_SIZE];

    while (bio != NULL &&
           (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        hwi_cert_fingerprint(certificate, print);
        fprintf(out, "CA           SHA-256 %s\n", print);
        X509_free(certificate);
    }
    BIO_free(bio);
}

static int put_certificate(FILE *out, const struct chip *chip)
{
    char print[HWI_FINGERPRINT_SIZE];
    char end[HWI_DATE_SIZE];
    X509 *certificate = NULL;
    int code =
        chip->chain == NULL ? 0 : hwi_cert_read(chip->chain_path, &certificate);

    if (certificate != NULL) {
        hwi_cert_fingerprint(certificate, print);
        hwi_date(X509_get0_notAfter(certificate), end);
        fprintf(out, "certificate  SHA-256 %s\n             until %s\n", print,
                end);
    }
    X509_free(certificate);
    return code;
}

static int write_label(const struct factory *f, const struct chip *chip,
                       const char *folder)
{
    const struct hawser_device_config *c = &f->config->device;
    bool is_flat = c->layout == HAWSER_LAYOUT_FLAT;
    struct hwi_broker_page page;
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/label.txt", folder);
    int told = 0;

    if (code == 0) {
        code = hwi_broker_page_begin(&page);
    }
    if (code != 0) {
        return code;
    }
    fprintf(page.file, "device       %s\n", chip->id);
    for (size_t i = 0; i < c->broker_count; i++) {
        bool is_ipv6 = strchr(c->brokers[i].host, ':') != NULL;

        fprintf(page.file, "broker       mqtts://%s%s%s:%u\n",
                is_ipv6 ? "[" : "", c->brokers[i].host, is_ipv6 ? "]" : "",
                (unsigned)c->brokers[i].port);
    }
    fprintf(page.file, "topics       %s%s%s/...\n", c->root, is_flat ? "" : "/",
            is_flat ? "" : chip->id);
    put_anchors(page.file, c->credentials.ca);
    told = put_certificate(page.file, chip);
    code = hwi_broker_page_end(&page, path, 0644);
    return told != 0 ? told : code;
}

/* One device ----------------------------------------------------------------- */

static int write_folder(const struct factory *f, const struct chip *chip,
                        const char *final)
{
    char stage[HWI_PATH_SIZE];
    int code = hwi_pki_stage_begin(stage, final);

    if (code != 0) {
        return code;
    }
    code = write_table(f, chip, stage);
    if (code == 0) {
        code = write_label(f, chip, stage);
    }
    if (code == 0) {
        return hwi_pki_stage_commit(stage, final);
    }
    hwi_pki_stage_abandon(stage);
    return code;
}

/* Its table has them now. */
static int remove_secrets(const struct chip *chip)
{
    const char *const paths[] = {chip->key_path, chip->password_path,
                                 chip->ini_path};
    int code = 0;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (paths[i][0] != '\0' && unlink(paths[i]) != 0 && errno != ENOENT) {
            code = hwi_pki_fail(HAWSER_EXIT_FAILED,
                                "%s: %s; it is in the chip's table and should "
                                "not stay here",
                                paths[i], strerror(errno));
        }
    }
    return code;
}

static int make_files(const struct factory *f, struct chip *chip)
{
    char final[HWI_PATH_SIZE];
    int code = hwi_pki_path(final, "%s/%s", f->dir, chip->id);

    if (code == 0 && is_there(final)) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: this device is made already", final);
    }
    if (code == 0) {
        code = get_certificate(f, chip);
    }
    if (code == 0) {
        code = get_login(f, chip);
    }
    if (code == 0) {
        code = write_folder(f, chip, final);
    }
    if (code == 0) {
        printf("%s\n", final);
        code = remove_secrets(chip);
    }
    return code;
}

static int make(const struct factory *f, const char *id)
{
    struct chip chip = {.id = id};
    sigset_t before;
    int code = 0;

    hwi_broker_hold_signals(&before);
    code = make_files(f, &chip);
    hwi_pki_forget(chip.password, chip.password_len);
    hwi_pki_forget(chip.key, chip.key_len);
    hwi_pki_forget(chip.chain, chip.chain_len);
    hwi_broker_let_signals(&before);
    return code;
}

/* All of them ---------------------------------------------------------------- */

static int make_all(const struct factory *f, char **ids, int count)
{
    int worst = 0;
    int made = 0;

    if (mkdir(f->dir, 0700) != 0 && errno != EEXIST) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be made: %s", f->dir,
                            strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        int code = make(f, ids[i]);

        made += code == 0;
        worst = code > worst ? code : worst;
    }
    if (made > 0) {
        printf("\n%d of %d made. To flash one, then to forget it:\n"
               "  python3 \"$IDF_PATH\"/components/nvs_flash/"
               "nvs_partition_generator/nvs_partition_gen.py \\\n"
               "      generate %s/ID/nvs.csv %s/ID/nvs.bin 0x6000\n"
               "  esptool.py write_flash 0x9000 %s/ID/nvs.bin\n"
               "  rm %s/ID/nvs.*\n",
               made, count, f->dir, f->dir, f->dir, f->dir);
        if (f->broker != NULL) {
            printf("Tell Mosquitto of the new users: kill -HUP PID.\n");
        }
    }
    return worst;
}

static int check_ids(char **ids, int count)
{
    for (int i = 0; i < count; i++) {
        const char *problem = hwi_id_problem(ids[i]);

        if (problem != NULL) {
            return hwi_args_refuse(COMMAND, "the id", ids[i], problem);
        }
    }
    return 0;
}

/* The configuration, or NULL after the mistakes. */
static struct hawser_cli_config *load(const struct factory *f)
{
    struct hawser_cli_mistakes mistakes;
    struct hawser_cli_config *config = hawser_cli_config_load(
        f->config_path, HAWSER_CLI_CONFIG_CHIP, &mistakes);
    bool is_good = config != NULL &&
                   hwi_factory_check(config, f->config_path, &mistakes) &&
                   hawser_cli_config_check(config, f->config_path, &mistakes);

    if (is_good && f->broker != NULL && config->username != NULL) {
        (void)hwi_pki_fail(0,
                           "%s: [broker] username: --broker makes each chip a "
                           "login of its own",
                           f->config_path);
        mistakes.count = 0;
        is_good = false;
    }
    if (is_good) {
        return config;
    }
    hawser_cli_mistakes_print(&mistakes, stderr);
    hawser_cli_config_free(config);
    return NULL;
}

int hawser_cli_factory(int argc, char **argv)
{
    const char *days = NULL;
    struct factory f = {.days = HWI_DEVICE_DAYS};
    const struct hwi_option options[] = {
        {"config", &f.config_path, NULL},
        {"broker", &f.broker, NULL},
        {"pki", &f.pki, NULL},
        {"days", &days, NULL},
        {"passphrase-file", &f.passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    struct hawser_cli_config *config = NULL;
    int count = 0;
    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);

    if (code == 0 && (count < 2 || count > IDS_MAX || f.config_path == NULL)) {
        code = hawser_cli_usage_error(
            COMMAND, "DIR, an ID and --config FILE are needed");
    }
    if (code == 0) {
        code = check_ids(argv + 1, count - 1);
    }
    if (code == 0) {
        code = hwi_args_number(COMMAND, "--days", days, HWI_DEVICE_DAYS_MAX,
                               &f.days);
    }
    if (code != 0) {
        return code;
    }
    f.dir = argv[0];
    config = load(&f);
    if (config == NULL) {
        return HAWSER_EXIT_CONFIG;
    }
    f.config = config;
    if (f.pki != NULL) {
        code = hwi_ca_read(f.pki, HWI_CA_ACTIVE, f.passphrase_file, &f.ca);
    }
    if (code == 0) {
        code = make_all(&f, argv + 1, count - 1);
    }
    hwi_ca_free(&f.ca);
    hawser_cli_config_free(config);
    return code;
}
