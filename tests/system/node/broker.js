// SPDX-License-Identifier: Apache-2.0
// aedes over TLS. Prints each event as one line of JSON; a line on standard
// input is published to the device's control topic.
// Usage: PASSWORD=... node broker.js PORT KEY CERTIFICATE MODULES
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const tls = require('tls')

const [port, key, certificate, modules] = process.argv.slice(2)
const tell = (event) => console.log(JSON.stringify(event))
const broker = require(path.join(modules, 'aedes'))()

broker.authenticate = (client, username, password, done) => {
  if (username === 'dev1' && String(password) === process.env.PASSWORD) {
    done(null, true)
  } else {
    done(Object.assign(new Error('bad login'), { returnCode: 4 }), false)
  }
}
broker.on('publish', (packet, client) => {
  if (client || packet.topic.startsWith('hawser/')) {
    tell({ topic: packet.topic, payload: String(packet.payload), retain: packet.retain })
  }
})
const server = tls.createServer(
  { key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }, broker.handle)
server.listen(Number(port), '127.0.0.1', () => tell({ event: 'listening' }))
readline.createInterface({ input: process.stdin }).on('line', (line) =>
  broker.publish({ topic: 'hawser/dev1/control', payload: line, qos: 1, retain: false }, () => {}))
