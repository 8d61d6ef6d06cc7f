/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser cert`: the certificates of devices, changed over the line.
 */
#include "cert.h"

#include "cli.h"
#include "pki_args.h"

const char hawser_cli_cert_usage[] =
    "Usage: hawser cert status [--config FILE] [--timeout S] [--devices FILE]\n"
    "                          [ID...]\n"
    "       hawser cert push --key FILE --add CA | --replace CA | --remove CA\n"
    "                          [--expect-switch] [--trial S] [--resume FILE]\n"
    "                          [--config FILE] [--timeout S] [--devices FILE]\n"
    "                          [ID...]\n"
    "       hawser cert rotate --key FILE --pki DIR [--passphrase-file FILE]\n"
    "                          [--trial S] [--resume FILE] [--config FILE]\n"
    "                          [--timeout S] [--devices FILE] [ID...]\n"
    "\n"
    "Shows and changes the certificates of devices, by signed update_cert\n"
    "requests. A device checks and tries what it gets, and goes back to what\n"
    "it had if that fails.\n"
    "\n"
    "  status  which set each device uses, and when certificates end\n"
    "  push    adds a CA that brokers may be certified by, puts it in the\n"
    "          place of all, or removes it\n"
    "  rotate  a new key and certificate for each device: it makes the key,\n"
    "          the PKI in DIR signs its request, the certificate goes back\n"
    "\n"
    "push and rotate go in stages: the first device, then a tenth of them,\n"
    "then all. They stop at the first failure.\n"
    "\n"
    "  --key FILE             an update key (PEM, P-256), which signs\n"
    "  --add, --replace, --remove CA\n"
    "                         a file with one CA certificate, PEM or DER\n"
    "  --expect-switch        with --replace: the broker will move later; the\n"
    "                         device tries the new CA when the old one fails\n"
    "  --trial S              how long a device may try, 60 to 2592000 "
    "seconds\n"
    "                         (3600)\n"
    "  --resume FILE          keeps who is done there; run again, they are\n"
    "                         left alone\n"
    "  --devices FILE         more IDs, one a line\n"
    "  --pki DIR              made by `hawser pki`\n"
    "  --passphrase-file FILE its CA's key is encrypted with its first line\n"
    "  --timeout S            how long to wait for each device, 1 to 3600\n"
    "                         seconds; default 10 for status, else 120\n"
    "  --config FILE          which broker, and who to log in as, as for "
    "`hawser\n"
    "                         send`\n"
    "\n"
    "Exit codes: 0 done; 1 a device refused it or went back; 2 usage; 3 a "
    "file\n"
    "or the configuration is not usable; 4 no connection, or no answer in "
    "time;\n"
    "5 the broker was refused (TLS) or refuses (login, permission).\n";

int hawser_cli_cert(int argc, char **argv)
{
    static const struct hwi_subcommand table[] = {
        {"status", hawser_cert_status},
        {"push", hawser_cert_push},
        {"rotate", hawser_cert_rotate},
        {NULL, NULL},
    };
    return hwi_args_dispatch(table, argc, argv);
}
