# SPDX-License-Identifier: Apache-2.0
"""What a fleet's operator sees and sets: alerts that stand, the window over
which devices come back."""
from harness.process import check, equal
from harness.registry import test

ALERT = "hawser/dev1/alert/command_refused"


@test
def test_alert_stands_until_it_is_cleared(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    broker.publish("hawser/dev1/control", '{"command":"fly","id":"1"}')
    alert = witness.next("alert/command_refused").json
    equal((alert["alert"], alert["code"], alert["count"], alert["boot"]),
          ("command_refused", "unknown_command", 1, 1))
    # It outlives the device and stands for whoever comes later.
    agent.kill()
    agent.start_online()
    late = world.witness(broker, ALERT)
    check(late.next("alert/command_refused").retained, "it is not retained")
    world.hawser_run("send", "--config", broker.operator_ini, "dev1",
                     "clear_alert", "alert=command_refused")
    equal(late.next("alert/command_refused").payload, b"", "what is left")
    later = world.witness(broker, "hawser/dev1/#")
    later.next("status")
    equal(later.all("alert/command_refused"), [], "alerts that stand")


@test
def test_fleet_comes_back_over_the_window(world):
    devices = [f"dev{n}" for n in range(8)]
    broker = world.broker(devices=devices)
    agents = [world.agent(broker, {"telemetry": {"interval_s": 60}},
                          id=name).start_online() for name in devices]
    # Speed 20 makes three seconds of it.
    broker.publish("hawser/reconnect", '{"window_s":60}', "-r")
    for agent in agents:
        agent.event("config", reconnect_window_s=60)
        agent.skip()
    broker.kill()
    waits = [agent.event("retry")["in_ms"] for agent in agents]
    check(all(0 <= wait <= 3000 for wait in waits), f"{waits}")
    check(max(waits) > 500, f"they come back together: {waits}")
    broker.start()
    for agent in agents:
        agent.event("online", 60)
    # It is kept for a power cut.
    agents[0].kill()
    agents[0].start()
    equal(agents[0].event("retry")["cause"], "none", "before the first attempt")
    agents[0].event("online", 30)
