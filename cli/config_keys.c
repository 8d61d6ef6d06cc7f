/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every key of the configuration file. A new key is a row here, a line in
 * example.ini and in the man page; nothing else.
 */
#include "config_keys.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct hawser_cli_config, member)

static const struct hawser_cli_key keys[] = {
    {.section = "device",
     .name = "id",
     .take = hawser_cli_take_level,
     .at = AT(device.id),
     .min = 1,
     .max = HAWSER_ID_MAX,
     .need = HAWSER_CLI_KEY_DEVICE,
     .allowed = "1 to 64 bytes without + # /",
     .help = "The device's name: a level of its topics, and its client id."},
    {.section = "device",
     .name = "firmware",
     .take = hawser_cli_take_text,
     .at = AT(device.firmware),
     .min = 1,
     .max = 64,
     .allowed = "1 to 64 bytes",
     .help = "Your product's version, reported in status; hawser's own unless "
             "given."},
    {.section = "device",
     .name = "state_dir",
     .take = hawser_cli_take_path,
     .at = AT(state_dir),
     .need = HAWSER_CLI_KEY_DEVICE,
     .allowed = "a folder; it is made if absent",
     .help = "Keeps what must outlive a restart: the boot counter, the last "
             "proven time."},
    {.section = "device",
     .name = "restart_program",
     .take = hawser_cli_take_program,
     .at = AT(restart_program),
     .allowed = "an absolute path and arguments, separated by spaces",
     .help = "Takes the agent's place when a restart is commanded, without a "
             "shell. Otherwise the agent starts itself anew."},
    {.section = "device",
     .name = "command_key_file",
     .take = hawser_cli_take_path,
     .at = AT(command_key_path),
     .allowed = "a PEM file with one public key of the kind P-256",
     .help = "Commands that have an effect must be signed by this key; who may "
             "publish to the control topic is not enough then."},
    {.section = "broker",
     .name = "url",
     .take = hawser_cli_take_urls,
     .need = HAWSER_CLI_KEY_ALWAYS,
     .is_list = true,
     .allowed = "mqtts://HOST[:PORT], up to 8, separated by spaces",
     .help = "Where the brokers are, in the order to try them. The port is "
             "8883 unless given; an IPv6 address stands in brackets. The "
             "certificate must carry this very name or address."},
    {.section = "broker",
     .name = "ca_file",
     .take = hawser_cli_take_path,
     .at = AT(ca_path),
     .need = HAWSER_CLI_KEY_ALWAYS,
     .allowed = "a PEM file",
     .help = "The CA certificates that a broker's certificate may come from; "
             "no others are trusted."},
    {.section = "broker",
     .name = "username",
     .take = hawser_cli_take_text,
     .at = AT(username),
     .min = 1,
     .max = 256,
     .allowed = "1 to 256 bytes",
     .help = "Who to log in as."},
    {.section = "broker",
     .name = "password_file",
     .take = hawser_cli_take_path,
     .at = AT(password_path),
     .allowed = "a file that only its owner can read",
     .help = "Holds the password; a line end after it is cut off. A password "
             "never stands in this file itself."},
    {.section = "broker",
     .name = "cert_file",
     .take = hawser_cli_take_path,
     .at = AT(cert_path),
     .allowed = "a PEM file; together with key_file",
     .help = "A client certificate, and the chain under it if there is one."},
    {.section = "broker",
     .name = "key_file",
     .take = hawser_cli_take_path,
     .at = AT(key_path),
     .allowed = "a PEM file that only its owner can read",
     .help = "The private key of cert_file."},
    {.section = "broker",
     .name = "update_keys_file",
     .take = hawser_cli_take_path,
     .at = AT(update_keys_path),
     .allowed = "a PEM file of one or two public keys on P-256",
     .help = "Who may change ca_file's and cert_file's certificates over the "
             "line, by update_cert; without it nobody may."},
    {.section = "broker",
     .name = "alpn",
     .take = hawser_cli_take_text,
     .at = AT(alpn),
     .min = 1,
     .max = 255,
     .allowed = "1 to 255 bytes",
     .help = "The application protocol to ask for in TLS, where a port serves "
             "several: mqtt, for example."},
    {.section = "broker",
     .name = "keep_alive_s",
     .take = hawser_cli_take_number,
     .at = AT(keep_alive_s),
     .min = 5,
     .max = 65535,
     .fallback = "60",
     .allowed = "5 to 65535 seconds",
     .help = "How long the line may be silent. A device that is gone is "
             "reported offline within one and a half of it."},
    {.section = "topics",
     .name = "root",
     .take = hawser_cli_take_root,
     .at = AT(device.root),
     .min = 1,
     .max = HAWSER_ROOT_MAX,
     .fallback = "hawser",
     .allowed = "1 to 64 bytes of topic without + and #, not beginning with $ "
                "or /, not ending in /",
     .help = "What every topic begins with."},
    {.section = "topics",
     .name = "layout",
     .take = hawser_cli_take_layout,
     .fallback = "device",
     .allowed = "device or flat",
     .help = "device: ROOT/ID/status and so on. flat: ROOT/status and so on, "
             "as simple sketches have it; one device, or a shared control."},
    {.section = "time",
     .name = "servers",
     .take = hawser_cli_take_servers,
     .is_list = true,
     .fallback = "system",
     .allowed = "HOST[:PORT], up to 4, separated by spaces; or system",
     .help = "SNTP servers to learn the time from (port 123 unless given); two "
             "must agree if there are two. system: trust this machine's clock "
             "when its kernel says that it is synchronised."},
    {.section = "telemetry",
     .name = "interval_s",
     .take = hawser_cli_take_number,
     .at = AT(device.interval_s),
     .min = 1,
     .max = 86400,
     .fallback = "30",
     .allowed = "1 to 86400 seconds",
     .help = "How often the sensors are read and reported."},
    {.section = "telemetry",
     .name = "qos",
     .take = hawser_cli_take_number,
     .at = AT(qos),
     .max = 1,
     .fallback = "1",
     .allowed = "0 or 1",
     .help = "1: every message is acknowledged, and kept until then. 0: sent "
             "once and forgotten."},
    {.section = "telemetry",
     .name = "outbox_kib",
     .take = hawser_cli_take_number,
     .at = AT(outbox_kib),
     .min = 8,
     .max = 65536,
     .fallback = "1024",
     .allowed = "8 to 65536 KiB",
     .help = "Room in state_dir for what is not yet acknowledged; taken at the "
             "first start."},
    {.section = "telemetry",
     .name = "outbox_policy",
     .take = hawser_cli_take_policy,
     .fallback = "drop_oldest",
     .allowed = "drop_oldest, drop_newest or latest_only",
     .help = "What is given up when that is full. latest_only: never more than "
             "the last message waits. What is lost is told by an event."},
    {.section = "telemetry",
     .name = "outbox_expiry_s",
     .take = hawser_cli_take_number,
     .at = AT(device.outbox_expiry_s),
     .max = 315360000,
     .fallback = "0",
     .allowed = "0 to 315360000 seconds",
     .help = "What is older is not sent any more; 0: all is sent."},
    {.section = "telemetry",
     .name = "replay_per_second",
     .take = hawser_cli_take_number,
     .at = AT(replay_per_second),
     .min = 1,
     .max = 1000,
     .fallback = "20",
     .allowed = "1 to 1000",
     .help = "How fast old telemetry is sent after an outage."},
    {.section = "sensors",
     .name = HAWSER_CLI_ANY_KEY,
     .take = hawser_cli_take_sensor,
     .allowed = "auto, thermal:TYPE, hwmon:NAME[/LABEL], iio:NAME[/CHANNEL], "
                "file:PATH, "
                "exec:COMMAND, simulated[:MIN..MAX]",
     .help = "One line a sensor, 16 at most; NAME becomes the member in the "
             "telemetry. auto looks for a source of that name. What gives no "
             "sensible number is left out of the message, never made up, "
             "unless simulated, and then the message says so."},
    {.section = "command",
     .name = "run",
     .take = hawser_cli_take_run,
     .allowed = "an absolute path and arguments, separated by spaces",
     .help = "Required. The program that the command runs, without a shell. "
             "Its arguments are in its environment, HAWSER_ARG_name; exit "
             "status 0 is success. The first bytes of its output are in the "
             "answer."},
    {.section = "command",
     .name = "args",
     .take = hawser_cli_take_args,
     .is_list = true,
     .allowed = "NAME:KIND, up to 8, separated by spaces; KIND is "
                "integer:MIN..MAX, number:MIN..MAX, text:BYTES, bool or "
                "choice:A|B",
     .help = "What the command takes; NAME? may be left out. Anything else is "
             "rejected before the program runs."},
    {.section = "command",
     .name = "timeout_s",
     .take = hawser_cli_take_timeout,
     .min = 1,
     .max = 86000,
     .fallback = "60",
     .allowed = "1 to 86000 seconds",
     .help = "Then the program and all that it started are killed, and the "
             "command has failed."},
    {.section = "network",
     .name = "interface",
     .take = hawser_cli_take_text,
     .at = AT(interface),
     .min = 1,
     .max = 15,
     .allowed = "a network interface's name",
     .help = "The link to watch; otherwise any that carries the default "
             "route."},
    {.section = "network",
     .name = "wifi_control",
     .take = hawser_cli_take_path,
     .at = AT(wifi_control),
     .allowed = "the path of wpa_supplicant's control socket",
     .help = "Joins WiFi through wpa_supplicant: by the networks of wifi_file, "
             "or else by its own. Addresses stay the affair of the machine."},
    {.section = "network",
     .name = "wifi_file",
     .take = hawser_cli_take_path,
     .at = AT(wifi_path),
     .allowed = "a file that only its owner can read",
     .help = "A network a line, up to 8, the most preferred first: its name, a "
             "tab, its passphrase."},
    {.section = "retry",
     .name = "speed",
     .take = hawser_cli_take_number,
     .at = AT(device.retry_speed),
     .min = 1,
     .max = 1000,
     .fallback = "1",
     .allowed = "1 to 1000",
     .help = "Divides every waiting time between attempts; for tests and "
             "demonstrations, never against a real broker."},
};

const struct hawser_cli_key *hawser_cli_keys(size_t *count)
{
    *count = sizeof(keys) / sizeof(keys[0]);
    return keys;
}

const char *hawser_cli_section_more(const struct hawser_cli_key *key)
{
    return strcmp(key->section, HAWSER_CLI_COMMAND_SECTION) == 0 ? " NAME" : "";
}
