# SPDX-License-Identifier: Apache-2.0
"""The example of the core alone, against a real broker."""
import os

from harness.net import Port
from harness.process import Process, run, wait_until
from harness.registry import test


@test
def test_example_publishes(world):
    port = Port()
    conf = world.write("mosquitto.conf", f"listener {port.number} 127.0.0.1\n"
                       "allow_anonymous true\nlog_type all\n")
    broker = Process("mosquitto", ["mosquitto", "-c", conf],
                     world.path("mosquitto.log"))
    try:
        wait_until(lambda: " running" in broker.errors(), 10, "mosquitto runs")
        example = os.path.join(os.path.dirname(world.hawser),
                               "publish_example")
        assert run([example, str(port.number)]).strip() == "published"
        wait_until(lambda: "Received PUBLISH from example" in broker.errors(),
                   5, "PUBLISH in the broker's log")
    finally:
        broker.kill()
        port.close()
