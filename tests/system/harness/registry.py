# SPDX-License-Identifier: Apache-2.0
"""Which tests there are."""

_tests = {}
_long = set()


class Skip(Exception):
    """The machine lacks what the test needs; its text says what."""


def test(function):
    """Decorates a function of one argument, the world."""
    if function.__name__ in _tests:
        raise ValueError(f"two tests have the name {function.__name__}")
    _tests[function.__name__] = function
    return function


def long_test(function):
    """The same for one that takes minutes; it runs only when asked for."""
    _long.add(function.__name__)
    return test(function)


def is_long(name):
    return name in _long


def tests():
    return list(_tests.values())


def named(name):
    return _tests[name]
