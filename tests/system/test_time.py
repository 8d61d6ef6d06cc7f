# SPDX-License-Identifier: Apache-2.0
"""Clocks that are wrong, and who may set them."""
import time

from harness import DEADLINE_S, Broker, Sntp, Witness, expect, free_port

YEAR = 365 * 86400


def servers(*stubs):
    return {"servers": " ".join(f"127.0.0.1:{s.port}" for s in stubs)}


def with_sntp(world, *stubs, **sections):
    world.servers += stubs
    broker = Broker(world)
    witness = Witness(world, broker)
    return witness, world.agent(broker, time=servers(*stubs), **sections)


def test_servers_that_agree_give_the_time(world):
    _, agent = with_sntp(world, Sntp(), Sntp(), Sntp(shift_s=3600))
    entry = agent.expect("time")
    expect(entry["confidence"] == 2 and abs(entry["unix"] - time.time()) < 60,
           f"{entry}")
    agent.expect("online")


def test_no_time_server_answers_and_dates_go_by_the_floor(world):
    world.servers.append(Sntp())
    witness, agent = with_sntp(world, Sntp(forge="origin"))
    entry = agent.expect("online", deadline_s=3 * DEADLINE_S)
    status = witness.expect("/status", status="online").json()
    expect(entry and not [e for e in agent.seen("time")
                          if e.get("confidence", 0) >= 2], "no time learned")
    expect(status["status"] == "online", f"{status}")


def test_kiss_of_death_is_obeyed(world):
    stub = Sntp(forge="kiss")
    _, agent = with_sntp(world, stub)
    agent.expect("online", deadline_s=3 * DEADLINE_S)
    expect(stub.asked <= 2, f"asked {stub.asked} times")


def test_clock_after_the_certificates_end_refuses(world):
    _, agent = with_sntp(world, Sntp(shift_s=3 * YEAR))
    agent.expect("retry", cause="tls_expired")
    expect(not agent.seen("online"), "never online")


def test_clock_before_the_floor_is_not_believed(world):
    _, agent = with_sntp(world, Sntp(shift_s=-30 * YEAR))
    agent.expect("online", deadline_s=3 * DEADLINE_S)
    expect(not [e for e in agent.seen("time") if e.get("confidence", 0) >= 2],
           f"{agent.seen('time')}")


def test_two_that_disagree_are_not_believed(world):
    _, agent = with_sntp(world, Sntp(), Sntp(shift_s=YEAR))
    agent.expect("online", deadline_s=3 * DEADLINE_S)
    expect(not [e for e in agent.seen("time") if e.get("confidence", 0) >= 2],
           f"{agent.seen('time')}")


def test_forged_time_does_not_outlive_a_restart(world):
    liar = Sntp(shift_s=3 * YEAR)
    _, agent = with_sntp(world, liar)
    agent.expect("retry", cause="tls_expired")
    expect(agent.stop() == 0, "stops")
    liar.shift_s = 0
    from harness import Agent
    again = Agent(world, agent.config)
    again.expect("online")
