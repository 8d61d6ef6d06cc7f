/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords: made here, hashed by mosquitto_passwd, so that the format is the
 * one that this Mosquitto reads.
 *
 * `mosquitto_passwd -U FILE` is the only way in that shows the password to
 * nobody: -b takes it on the command line. But it hashes every line of the
 * file, hashed ones again; so it gets the new lines only, in a file of their
 * own.
 */
#include "broker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "cli.h"

#define TOOL "mosquitto_passwd"

/* What the child answers when there is no such program, as a shell does. */
#define EXIT_NOT_FOUND 127

int hwi_password_make(char out[HWI_PASSWORD_SIZE])
{
    unsigned char bits[16];
    if (RAND_priv_bytes(bits, sizeof(bits)) != 1) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no randomness");
    }
    for (size_t i = 0; i < sizeof(bits); i++) {
        snprintf(out + 2 * i, 3, "%02x", bits[i]);
    }
    OPENSSL_cleanse(bits, sizeof(bits));
    return 0;
}

int hwi_password_write(const char *dir, const char *name, const char *password)
{
    char path[HWI_PATH_SIZE];
    char line[HWI_PASSWORD_SIZE + 1];
    int code = hwi_pki_path(path, "%s/%s.password", dir, name);
    if (code == 0) {
        int len = snprintf(line, sizeof(line), "%s\n", password);
        code = hwi_pki_write_new(path, line, (size_t)len, 0600);
        OPENSSL_cleanse(line, sizeof(line));
    }
    return code;
}

/* In the child: becomes the tool. Its copy of the file, which holds passwords
 * too, gets its mode from the umask. */
static void become_tool(const char *path)
{
    (void)umask(077);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(null, STDOUT_FILENO) >= 0) {
        execlp(TOOL, TOOL, "-U", path, (char *)NULL);
    }
    _exit(EXIT_NOT_FOUND);
}

static int run_tool(const char *path)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        become_tool(path);
    }
    if (child < 0) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be started: %s",
                            TOOL, strerror(errno));
    }
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: %s", TOOL,
                                strerror(errno));
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED,
                            "%s is not installed; on Debian and Ubuntu: apt "
                            "install mosquitto",
                            TOOL);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s failed", TOOL);
    }
    return 0;
}

/* Is each line "NAME:$..."? A tool that did nothing must not go unseen. */
static bool is_hashed(const char *text)
{
    while (*text != '\0') {
        const char *colon = strchr(text, ':');
        size_t len = strcspn(text, "\n");
        if (colon == NULL || colon >= text + len || colon[1] != '$' ||
            text[len] != '\n') {
            return false;
        }
        text += len + 1;
    }
    return true;
}

static int hash_file(const char *path, char **hashed)
{
    size_t len = 0;
    int code = run_tool(path);
    if (code == 0) {
        code = hwi_pki_read(path, hashed, &len);
    }
    if (code == 0 && (len == 0 || !is_hashed(*hashed))) {
        hwi_pki_forget(*hashed, len);
        *hashed = NULL;
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s did not hash the passwords",
                            TOOL);
    }
    return code;
}

int hwi_password_hash(const char *dir, const char *lines, char **hashed)
{
    char path[HWI_PATH_SIZE];
    char copy[HWI_PATH_SIZE];
    char tag[HWI_PASSWORD_SIZE];

    *hashed = NULL;
    int code = hwi_password_make(tag);
    if (code == 0) {
        code = hwi_pki_path(path, "%s/.new-%.8s", dir, tag);
    }
    if (code == 0) {
        code = hwi_pki_path(copy, "%s.tmp", path);
    }
    if (code == 0) {
        code = hwi_pki_write_new(path, lines, strlen(lines), 0600);
    }
    if (code != 0) {
        return code;
    }
    code = hash_file(path, hashed);
    (void)unlink(path);
    (void)unlink(copy); /* stays behind when the tool is killed */
    return code;
}
