/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser broker`: Mosquitto set up for devices over TLS.
 */
#include "broker.h"

#include "cli.h"
#include "pki_args.h"

const char hawser_cli_broker_usage[] =
    "Usage: hawser broker init DIR --pki PKIDIR [--host NAME] [--port N]\n"
    "                          [--bind ADDRESS] [--root TOPIC]\n"
    "                          [--layout device|flat] [--client-certs]\n"
    "                          [--crl] [--run-as USER]\n"
    "       hawser broker user DIR ID... [--remove]\n"
    "       hawser broker renew DIR --pki PKIDIR [--host NAME]\n"
    "\n"
    "Makes a folder from which Mosquitto (2.0 or later) serves: TLS only, "
    "each\n"
    "device with a password of its own and rights to its own topics only.\n"
    "\n"
    "  init   the folder, with the user \"operator\" for send and watch\n"
    "  user   adds devices: devices/ID.ini is ready for `hawser agent`;\n"
    "         with --remove takes them out\n"
    "  renew  takes the broker's certificate, the CA and the list of what is\n"
    "         revoked from PKIDIR again\n"
    "\n"
    "  --pki PKIDIR     what `hawser pki init` made; only certificates and "
    "the\n"
    "                   broker's own key are copied from it\n"
    "  --host NAME      which of PKIDIR's server certificates (if several)\n"
    "  --port N         the port, 8883 unless given\n"
    "  --bind ADDRESS   listen there only; otherwise on every address\n"
    "  --root TOPIC     what the topics begin with, hawser unless given\n"
    "  --layout LAYOUT  device: TOPIC/ID/status ...; flat: TOPIC/status ...,\n"
    "                   shared by all devices\n"
    "  --client-certs   devices log in by certificate, not by password\n"
    "  --crl            and not by one that `hawser pki revoke` revoked\n"
    "  --run-as USER    whom Mosquitto becomes when root starts it; otherwise\n"
    "                   the user who runs this command\n"
    "\n"
    "Tell a running Mosquitto of new users and certificates: kill -HUP PID.\n"
    "\n"
    "Exit codes: 0 done; 1 failed; 2 the command line is wrong; 3 a file, "
    "name\n"
    "or user is not usable.\n";

void hwi_broker_hold_signals(sigset_t *before)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &held, before);
}

void hwi_broker_let_signals(const sigset_t *before)
{
    (void)fflush(stdout); /* main() asks again whether all was written */
    (void)sigprocmask(SIG_SETMASK, before, NULL);
}

int hawser_cli_broker(int argc, char **argv)
{
    static const struct hwi_subcommand table[] = {
        {"init", hwi_broker_init},
        {"user", hwi_broker_user},
        {"renew", hwi_broker_renew},
        {NULL, NULL},
    };
    return hwi_args_dispatch(table, argc, argv);
}
