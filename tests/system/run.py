#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the system tests, several at once, each in a process of its own.

Usage: run.py [-j N] [WORD...]     only tests whose names hold one of the words
HAWSER names the binary, PATIENCE stretches the deadlines (instrumented builds).
The last line says "N passed, N failed, N skipped".
"""
import concurrent.futures
import importlib
import pathlib
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ("test_session", "test_commands", "test_losses", "test_tls",
           "test_time", "test_configuration", "test_tools", "test_wire",
           "test_aedes")
SKIPPED = 77
LIMIT_S = 300


def names():
    for module in MODULES:
        for name in vars(importlib.import_module(module)):
            if name.startswith("test_"):
                yield f"{module}.{name}"


def run_here(full_name):
    """Runs one test in this process; the exit code."""
    import harness
    module, name = full_name.split(".")
    try:
        with harness.World() as world:
            getattr(importlib.import_module(module), name)(world)
    except harness.Skip as why:
        print(f"skipped: {why}")
        return SKIPPED
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return 1
    return 0


def run_apart(full_name):
    """Runs one test in a child; (name, exit code, seconds, output)."""
    begin = time.monotonic()
    try:
        done = subprocess.run([sys.executable, __file__, "--here", full_name],
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace", timeout=LIMIT_S)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = 1, f"no end within {LIMIT_S} s\n{late.output}"
    return full_name, code, time.monotonic() - begin, output


def main(arguments):
    jobs = 3
    if arguments[:1] == ["--here"]:
        return run_here(arguments[1])
    if arguments[:1] == ["-j"]:
        jobs, arguments = int(arguments[1]), arguments[2:]
    chosen = [name for name in names()
              if not arguments or any(word in name for word in arguments)]
    counts = {0: 0, SKIPPED: 0}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for name, code, seconds, output in pool.map(run_apart, chosen):
            word = {0: "ok", SKIPPED: "skip"}.get(code, "FAIL")
            print(f"{word:4}  {name}  {seconds:.1f} s", flush=True)
            if code != 0:
                print("      " + output.strip().replace("\n", "\n      "))
            counts[code] = counts.get(code, 0) + 1
    failed = len(chosen) - counts[0] - counts[SKIPPED]
    print(f"{counts[0]} passed, {failed} failed, {counts[SKIPPED]} skipped")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main(sys.argv[1:]))
