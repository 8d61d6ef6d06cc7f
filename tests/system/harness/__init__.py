# SPDX-License-Identifier: Apache-2.0
"""What the system tests and the demo are made of: a private broker, its own
clients as witnesses, the agent and its log, time servers, relays, and servers
with every kind of bad certificate. All of it on loopback, on ports that the
kernel gave, gone when the world is closed."""
