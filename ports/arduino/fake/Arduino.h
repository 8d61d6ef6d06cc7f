/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: what the example uses of Arduino. */
#ifndef FAKE_ARDUINO_H
#define FAKE_ARDUINO_H

#define OUTPUT 1
#define HIGH   1
#define LOW    0

struct FakeSerial {
    void begin(unsigned long)
    {
    }
    void println(const char *)
    {
    }
};
extern FakeSerial Serial;

unsigned long millis();
void delay(unsigned long ms);
void pinMode(int pin, int mode);
void digitalWrite(int pin, int level);

#endif
