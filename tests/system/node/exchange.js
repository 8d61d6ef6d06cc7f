// SPDX-License-Identifier: Apache-2.0
// A client that is not ours, in the exchange under cuts: publishes its share,
// says what came, a JSON line each. A number on standard input: so many may be
// sent by now. Usage: exchange.js OPTIONS_AS_JSON
"use strict";
const options = JSON.parse(process.argv[2]);
const mqtt = require(require("path").join(options.modules, "mqtt"));
const fs = require("fs");

const WINDOW = 20;
const topic = `hawser/exchange/${options.id}`;
let next = 0;
let open = 0;
let complete = 0;
let subscribed = false;
let allowed = 0;

const say = (entry) => process.stdout.write(JSON.stringify(entry) + "\n");

const client = mqtt.connect({
  protocol: "mqtts", host: "localhost", port: options.port,
  ca: fs.readFileSync(options.ca), clientId: options.id, clean: false,
  username: options.user, password: process.env.PASSWORD,
  protocolVersion: 5, properties: { sessionExpiryInterval: 3600 },
  reconnectPeriod: 20, keepalive: 60,
});

function publish() {
  while (subscribed && open < WINDOW && next < allowed) {
    const number = next === options.count ? "end" : next;
    const qos = number === "end" ? Math.max(options.qos, 1) : options.qos;
    next++;
    // With QoS 0 the callback may never come when the connection breaks.
    const done = () => {
      open--;
      complete++;
      say({ event: "published", count: complete });
      setImmediate(publish);
    };
    open++;
    client.publish(topic, `${options.id}:${number}`, { qos },
      qos === 0 ? undefined : done);
    if (qos === 0) { open--; complete++; }
  }
}

client.on("connect", () => {
  if (subscribed) { return; }
  client.subscribe("hawser/exchange/+", { qos: 2 }, () => {
    subscribed = true;
    say({ event: "subscribed" });
  });
});
client.on("message", (_, payload) =>
  say({ event: "message", payload: payload.toString() }));
client.on("error", (err) => say({ event: "error", detail: String(err) }));
require("readline").createInterface({ input: process.stdin })
  .on("line", (line) => { allowed = Number(line); publish(); });
process.stdin.on("end", () => process.exit(0));
