# SPDX-License-Identifier: Apache-2.0
"""Which tests there are."""

_tests = {}


class Skip(Exception):
    """The machine lacks what the test needs; its text says what."""


def test(function):
    """Decorates a function of one argument, the world."""
    if function.__name__ in _tests:
        raise ValueError(f"two tests have the name {function.__name__}")
    _tests[function.__name__] = function
    return function


def tests():
    return list(_tests.values())


def named(name):
    return _tests[name]
