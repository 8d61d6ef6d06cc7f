/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every key of the configuration file. A new key is a row here, a line in
 * example.ini and in the man page; nothing else.
 */
#include "config_keys.h"

#include <stddef.h>

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
    {.section = "network",
     .name = "interface",
     .take = hawser_cli_take_text,
     .at = AT(interface),
     .min = 1,
     .max = 15,
     .allowed = "a network interface's name",
     .help = "The link to watch; otherwise any that carries the default "
             "route."},
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
