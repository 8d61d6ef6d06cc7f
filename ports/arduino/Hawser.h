/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hawser for Arduino sketches on an ESP32: hawser_esp.h with what C++ makes
 * shorter. One object, global, for the life of the program:
 *
 *  Hawser device("1.0.0");
 *
 *  float temperature() { return dht.readTemperature(); }
 *
 *  void setup() {
 *      device.sensor<temperature>("temperature");
 *      device.begin();
 *  }
 *
 *  void loop() {}
 *
 * There is nothing to call in loop(): a task of its own joins WiFi, connects,
 * reports, obeys and comes back. WiFi, broker and credentials stand in NVS, not
 * in the sketch; a sketch that uses hawser leaves WiFi.begin() out.
 */
#ifndef HAWSER_ARDUINO_H
#define HAWSER_ARDUINO_H

#include <math.h>
#include <string.h>

#include "hawser/device.h"
#include "ports/esp-idf/hawser_esp.h"

/* A command that is to be carried out. Its handler runs in hawser's task: it does
 * not wait, and answers with succeed() or fail() before it returns, or keeps
 * token() and answers by hawser_esp_answer() later. */
class HawserCall
{
  public:
    explicit HawserCall(const hawser_call &call) : call_(call)
    {
    }

    /* The argument at this place of the command's table. has(): was it given?
     * Others answer 0, false or "" if it was not. */
    bool has(size_t at) const
    {
        return call_.args[at].is_present;
    }
    int64_t integer(size_t at) const
    {
        return call_.args[at].integer;
    }
    bool truth(size_t at) const
    {
        return call_.args[at].truth;
    }
    size_t choice(size_t at) const
    {
        return call_.args[at].choice;
    }
    double number(size_t at) const
    {
        return (double)call_.args[at].number.mantissa /
               pow(10, call_.args[at].number.decimals);
    }
    /* Not NUL-terminated; gone when the handler returns. */
    hawser_view text(size_t at) const
    {
        return call_.args[at].text;
    }

    uint32_t token() const
    {
        return call_.token;
    }

    /* 0; ABSENT: answered before, or too late. */
    int succeed() const
    {
        return answer(HAWSER_SUCCEEDED, nullptr, "");
    }
    /* code: a word for programs, as "no_paper"; message: for people. */
    int fail(const char *code, const char *message = "") const
    {
        return answer(HAWSER_FAILED, code, message);
    }

  private:
    int answer(hawser_outcome outcome, const char *code,
               const char *message) const
    {
        hawser_answer a = {};

        a.outcome = outcome;
        a.code = code;
        a.message = {(const uint8_t *)message, strlen(message)};
        return hawser_esp_answer(call_.token, &a);
    }

    const hawser_call &call_;
};

class Hawser
{
  public:
    typedef void (*Handler)(const HawserCall &call);

    /* firmware: your product's version, reported in status. */
    explicit Hawser(const char *firmware)
    {
        config_.firmware = firmware;
    }

    /* A sensor: its function is called when telemetry is due and does not wait.
     * NAN: nothing sensible now; it is left out of that message. Values are told
     * with so many decimals. */
    template <float (*Read)(), unsigned Decimals = 2>
    void sensor(const char *name)
    {
        add_sensor(name, measure<Read, Decimals, false>);
    }

    /* The same for values that are made up: each message says so. */
    template <float (*Read)(), unsigned Decimals = 2>
    void simulated(const char *name)
    {
        add_sensor(name, measure<Read, Decimals, true>);
    }

    /* A command of your own; what has other arguments than the table says never
     * reaches the handler. */
    void command(const char *name, Handler handler)
    {
        add_command(name, handler, nullptr, 0);
    }
    template <size_t N>
    void command(const char *name, Handler handler, const hawser_arg (&args)[N])
    {
        add_command(name, handler, args, N);
    }

    /* The rows of such a table. */
    static hawser_arg integer(const char *name, int64_t min, int64_t max)
    {
        return arg(name, HAWSER_ARG_INTEGER, min, max);
    }
    static hawser_arg number(const char *name, int64_t min, int64_t max)
    {
        return arg(name, HAWSER_ARG_NUMBER, min, max);
    }
    static hawser_arg text(const char *name, size_t most)
    {
        return arg(name, HAWSER_ARG_TEXT, 0, (int64_t)most);
    }
    static hawser_arg truth(const char *name)
    {
        return arg(name, HAWSER_ARG_BOOL, 0, 0);
    }
    static hawser_arg optional(hawser_arg a)
    {
        a.is_optional = true;
        return a;
    }

    /*
     * Starts; call it at the end of setup(). As hawser_esp_start();
     * ESP_ERR_INVALID_SIZE: more than HAWSER_SENSORS_MAX sensors or
     * HAWSER_COMMANDS_MAX commands; ESP_ERR_INVALID_STATE: there is another
     * object that has begun.
     */
    esp_err_t begin()
    {
        if (is_too_much_) {
            return ESP_ERR_INVALID_SIZE;
        }
        if (begun() != nullptr) {
            return ESP_ERR_INVALID_STATE;
        }
        begun() = this;
        config_.sensors = sensors_;
        config_.commands = commands_;
        config_.call = dispatch;
        return hawser_esp_start(&config_);
    }

    /* Reads the sensors and reports them now, not only when it is time. */
    void measure()
    {
        hawser_esp_measure();
    }

  private:
    static Hawser *&begun()
    {
        static Hawser *object = nullptr;
        return object;
    }

    static hawser_arg arg(const char *name, hawser_arg_kind kind, int64_t min,
                          int64_t max)
    {
        hawser_arg a = {};

        a.name = name;
        a.kind = kind;
        a.min = min;
        a.max = max;
        return a;
    }

    template <float (*Read)(), unsigned Decimals, bool IsSimulated>
    static int measure(hawser_reading *out)
    {
        double scaled = (double)Read() * pow(10, Decimals);

        static_assert(Decimals <= 9, "9 decimals at most");
        if (!(fabs(scaled) < 9e15)) { /* NAN, too */
            return HAWSER_E_ABSENT;
        }
        out->value.mantissa = llround(scaled);
        out->value.decimals = Decimals;
        out->simulated = IsSimulated;
        return 0;
    }

    void add_sensor(const char *name, int (*read)(hawser_reading *))
    {
        if (config_.sensor_count == HAWSER_SENSORS_MAX) {
            is_too_much_ = true;
            return;
        }
        sensors_[config_.sensor_count].name = name;
        sensors_[config_.sensor_count++].read = read;
    }

    void add_command(const char *name, Handler handler, const hawser_arg *args,
                     size_t count)
    {
        if (config_.command_count == HAWSER_COMMANDS_MAX) {
            is_too_much_ = true;
            return;
        }
        handlers_[config_.command_count] = handler;
        commands_[config_.command_count].name = name;
        commands_[config_.command_count].args = args;
        commands_[config_.command_count++].arg_count = count;
    }

    static void dispatch(const hawser_call *call)
    {
        begun()->handlers_[call->command](HawserCall(*call));
    }

    hawser_esp_config config_ = {};
    hawser_esp_sensor sensors_[HAWSER_SENSORS_MAX] = {};
    hawser_command commands_[HAWSER_COMMANDS_MAX] = {};
    Handler handlers_[HAWSER_COMMANDS_MAX] = {};
    bool is_too_much_ = false;
};

#endif
