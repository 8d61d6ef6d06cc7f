// SPDX-License-Identifier: Apache-2.0
// A thermometer with a lamp: telemetry, a command, and nothing in loop().
// WiFi, broker and credentials stand in NVS: see ports/arduino/README.md.
#include <Hawser.h>

Hawser device("1.0.0");

// A sensor of yours: return NAN when it gave nothing sensible.
float temperature()
{
    return 21.5f + (float)(millis() % 1000) / 1000;
}

// {"command":"blink","args":{"times":3}}
static const hawser_arg blink_args[] = {Hawser::integer("times", 1, 10)};
static volatile int64_t blinks = 0;

void blink(const HawserCall &call)
{
    blinks = call.integer(0); // loop() does what takes time
    call.succeed();
}

void setup()
{
    Serial.begin(115200);
    pinMode(2, OUTPUT);
    device.simulated<temperature>("temperature"); // sensor<> for a real one
    device.command("blink", blink, blink_args);
    if (device.begin() != ESP_OK) {
        Serial.println("hawser could not begin; the log says why");
    }
}

void loop()
{
    if (blinks > 0) {
        digitalWrite(2, HIGH);
        delay(200);
        digitalWrite(2, LOW);
        blinks = blinks - 1;
    }
    delay(200);
}
