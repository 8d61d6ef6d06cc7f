# SPDX-License-Identifier: Apache-2.0
"""The programs of tests/faults that make faults: where they were built, and
how one is put into a program under test."""
import os

from .registry import Skip


def plain(world):
    """The agent built without sanitizers, which replace the heap: what fails
    or counts allocations needs that one."""
    return os.path.abspath(os.environ.get("HAWSER_PLAIN", world.hawser))


def needs_root(what):
    if os.geteuid() != 0:
        raise Skip(f"{what} needs root")


def built(world, name):
    path = os.path.join(os.path.dirname(plain(world)), "bin", name)
    if not os.path.exists(path):
        raise Skip(f"{path} is not built")
    return path


def preloaded(world, name, **environment):
    """What stands before a command so that it loads this library: not in the
    environment, for setpriv would load it, too."""
    words = [f"{key}={value}" for key, value in environment.items()]
    # The preloaded calls go on to the sanitizer's own, which come next.
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return ["env", f"ASAN_OPTIONS={asan}", f"LD_PRELOAD={built(world, name)}",
            *words]
