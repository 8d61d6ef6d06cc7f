/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki`: a small CA on this machine, for one broker and its devices.
 */
#include "pki.h"

#include "cli.h"
#include "pki_args.h"

const char hawser_cli_pki_usage[] =
    "Usage: hawser pki init DIR --host NAME... [--org NAME] [--days N]\n"
    "                       [--passphrase-file FILE]\n"
    "       hawser pki server DIR NAME... [--days N] [--passphrase-file FILE]\n"
    "       hawser pki device DIR ID [--days N] [--csr FILE]\n"
    "                       [--passphrase-file FILE]\n"
    "       hawser pki show FILE...\n"
    "       hawser pki header FILE...\n"
    "       hawser pki list DIR [--all] [--json]\n"
    "       hawser pki check DIR [--days N]\n"
    "       hawser pki renew DIR NAME [--days N] [--csr FILE]\n"
    "                       [--passphrase-file FILE]\n"
    "       hawser pki revoke DIR NAME [--replaced] [--passphrase-file FILE]\n"
    "       hawser pki crl DIR [--days N] [--passphrase-file FILE]\n"
    "       hawser pki rotate-ca DIR [begin|switch|drop] [--force]\n"
    "                       [--passphrase-file FILE]\n"
    "\n"
    "Makes, shows, renews and revokes the certificates of a broker and its\n"
    "devices.\n"
    "\n"
    "  init    a new CA in DIR (which must not exist, or be empty) and the\n"
    "          broker's certificate for its names and addresses\n"
    "  server  one more broker's certificate; the first NAME names its files\n"
    "  device  a client certificate; ID is the device's id\n"
    "  show    what a certificate, chain or request says\n"
    "  header  the CA as a C header for firmware, on standard output\n"
    "  list    what was issued and is valid, by its end\n"
    "  check   what ends soon, and what to do; for cron\n"
    "  renew   the same name, a new key; the old one stays valid\n"
    "  revoke  a name counts no more; writes DIR/ca/crl.pem for the broker\n"
    "  crl     writes that list anew, before it ends\n"
    "  rotate-ca  a new CA in three steps; without one: where it stands\n"
    "\n"
    "  --host NAME             a DNS name or an IP address; once for each\n"
    "  --org NAME              the organisation in the CA's name\n"
    "  --days N                life of the certificate: a server's 397 at "
    "most\n"
    "                          (and by default), a device's 730 (365);\n"
    "                          a list's 30 to 365 (90); check: what ends\n"
    "                          within so many (30)\n"
    "  --csr FILE              sign this request; the device keeps its own "
    "key\n"
    "  --passphrase-file FILE  the CA's key is encrypted with its first line\n"
    "  --all                   also what has ended or is revoked\n"
    "  --json                  print JSON, one object a line\n"
    "  --replaced              revoke only what was renewed since\n"
    "  --force                 drop a CA that certificates still hang on\n"
    "\n"
    "Keys are P-256, files of keys have mode 0600, and nothing is "
    "overwritten,\nbut by renew, crl and rotate-ca.\n"
    "The CA lasts ten years. DIR/ca/ca.key signs: keep DIR off the broker and\n"
    "off the network, and back it up.\n"
    "\n"
    "Exit codes: 0 done; 1 failed, `show` met one that is not valid now,\n"
    "or `check` found something to do;\n"
    "2 the command line is wrong; 3 a file or name is not usable.\n";

int hawser_cli_pki(int argc, char **argv)
{
    static const struct hwi_subcommand table[] = {
        {"init", hwi_pki_init},           {"server", hwi_pki_server},
        {"device", hwi_pki_device},       {"show", hwi_pki_show},
        {"header", hwi_pki_header},       {"list", hwi_pki_list},
        {"check", hwi_pki_check},         {"renew", hwi_pki_renew},
        {"revoke", hwi_pki_revoke},       {"crl", hwi_pki_crl},
        {"rotate-ca", hwi_pki_rotate_ca}, {NULL, NULL},
    };
    return hwi_args_dispatch(table, argc, argv);
}
