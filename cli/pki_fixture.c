/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixture of the operator's tests. hawser_cli_usage_error() is here in the
 * place of the one in main.c, which a test cannot link.
 */
#include "pki_fixture.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cmocka.h>

#include "cli.h"
#include "pki_file.h"
#include "pki_key.h"

#define WORDS_MAX 32

int hawser_cli_usage_error(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "hawser %s: ", name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return HAWSER_EXIT_USAGE;
}

int fixture_begin(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (f == NULL) {
        return -1;
    }
    snprintf(f->dir, sizeof(f->dir), "/tmp/hawser-test-XXXXXX");
    if (mkdtemp(f->dir) == NULL || chdir(f->dir) != 0) {
        free(f);
        return -1;
    }
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

int fixture_end(void **state)
{
    struct fixture *f = *state;
    int left = chdir("/") != 0 ||
               nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0;
    free(f);
    return left;
}

struct capture {
    FILE *stream;
    int old;
    int read_end;
};

/* A pipe, not a file: it works on a full disk too. What a command says fits
 * into its buffer. */
static struct capture capture_begin(FILE *stream)
{
    int ends[2];
    fflush(stream);
    assert_int_equal(pipe(ends), 0);
    struct capture c = {stream, dup(fileno(stream)), ends[0]};
    assert_true(c.old >= 0 && dup2(ends[1], fileno(stream)) >= 0);
    close(ends[1]);
    return c;
}

static void capture_end(struct capture *c, char *text)
{
    size_t len = 0;
    fflush(c->stream);
    assert_true(dup2(c->old, fileno(c->stream)) >= 0); /* ends the pipe */
    close(c->old);
    for (ssize_t n = 1; n > 0 && len < FIXTURE_TEXT_SIZE - 1;) {
        n = read(c->read_end, text + len, FIXTURE_TEXT_SIZE - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    text[len] = '\0';
    close(c->read_end);
}

static int split(char *line, char *argv[WORDS_MAX + 1])
{
    int argc = 0;
    for (char *word = strtok(line, " "); word != NULL;
         word = strtok(NULL, " ")) {
        assert_true(argc < WORDS_MAX);
        for (char *c = word; *c != '\0'; c++) {
            if (*c == '~') {
                *c = ' ';
            }
        }
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    return argc;
}

int fixture_run(struct fixture *f, const char *line)
{
    char words[1024];
    char *argv[WORDS_MAX + 1];
    snprintf(words, sizeof(words), "%s", line);
    int argc = split(words, argv);
    const char *command = argc > 0 ? argv[0] : "";
    struct capture out = capture_begin(stdout);
    struct capture err = capture_begin(stderr);
    int code = strcmp(command, "pki") == 0 ? hawser_cli_pki(argc, argv)
               : strcmp(command, "factory") == 0
                   ? hawser_cli_factory(argc, argv)
                   : hawser_cli_broker(argc, argv);
    capture_end(&err, f->err);
    capture_end(&out, f->out);
    /* Success never complains; what is wrong is always said. */
    assert_true(code != 0 || f->err[0] == '\0');
    assert_true(code <= HAWSER_EXIT_FAILED || f->err[0] != '\0');
    return code;
}

int fixture_mode(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 ? (int)(info.st_mode & 07777) : -1;
}

int fixture_count(const char *dir)
{
    int count = -2; /* . and .. */
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d) != NULL) {
        count++;
    }
    closedir(d);
    return count;
}

X509 *fixture_certificate(const char *path)
{
    X509 *certificate = NULL;
    assert_int_equal(hwi_cert_read(path, &certificate), 0);
    return certificate;
}

const char *fixture_text(struct fixture *f, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    f->out[fread(f->out, 1, sizeof(f->out) - 1, file)] = '\0';
    fclose(file);
    return f->out;
}

void fixture_put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void fixture_short_ca(const char *dir, int days)
{
    char path[HWI_PATH_SIZE];
    static const char *const folders[] = {"", "/ca", "/server", "/device"};
    struct hwi_ca ca = {NULL, NULL};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(hwi_pki_path(path, "%s%s", dir, folders[i]), 0);
        assert_int_equal(hwi_pki_make_dir(path), 0);
    }
    assert_int_equal(hwi_key_make(&ca.key), 0);
    const struct hwi_cert_request request = {
        .kind = HWI_CERT_CA,
        .common_name = "short",
        .key = ca.key,
        .days = days,
    };
    assert_int_equal(hwi_cert_make(&request, NULL, &ca.certificate), 0);
    assert_int_equal(hwi_pki_path(path, "%s/ca/ca.key", dir), 0);
    assert_int_equal(hwi_key_write(path, ca.key, NULL), 0);
    assert_int_equal(hwi_pki_path(path, "%s/ca/ca.crt", dir), 0);
    assert_int_equal(hwi_cert_write(path, ca.certificate), 0);
    hwi_ca_free(&ca);
}

void fixture_request(const char *path, const char *common_name, int bits,
                     const EVP_MD *digest)
{
    EVP_PKEY *key =
        bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen((unsigned)bits);
    X509_REQ *request = X509_REQ_new();
    assert_true(key != NULL && request != NULL);
    if (common_name[0] != '\0') {
        assert_int_equal(X509_NAME_add_entry_by_txt(
                             X509_REQ_get_subject_name(request), "CN",
                             MBSTRING_UTF8, (const unsigned char *)common_name,
                             -1, -1, 0),
                         1);
    }
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    assert_true(X509_REQ_sign(request, key, digest) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509_REQ(file, request), 1);
    fclose(file);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
}
