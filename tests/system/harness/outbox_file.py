# SPDX-License-Identifier: Apache-2.0
"""Reads the file that telemetry waits in, apart from the program's own code:
what is found whole there must never be lost. The layout is told in
src/device/journal.c and outbox_record.c."""
import struct
import zlib

SECTOR = 4096
UNIT = 4
MAGIC = 0x314A5748
MARK = 0xA5
HEAD = 12
DATA = 1


def _record(sector, at, generation, before):
    """(number, type, payload) of a whole record that stands there, or None."""
    number, length, kind, mark, crc = struct.unpack_from("<IHBBI", sector, at)
    payload = sector[at + HEAD:at + HEAD + length]
    if mark != MARK or number <= before or len(payload) < length:
        return None
    wanted = zlib.crc32(sector[at:at + 8] + struct.pack("<I", generation) +
                        payload)
    return (number, kind, payload) if crc == wanted else None


def _sector(sector):
    """Its records; none if it has no head."""
    magic, generation, before, crc = struct.unpack_from("<IIII", sector)
    if magic != MAGIC or zlib.crc32(sector[:12]) != crc:
        return
    at = 16
    while at + HEAD <= len(sector):
        record = _record(sector, at, generation, before)
        if record is None:
            at += UNIT
            continue
        before = record[0]
        yield record
        at += -(-(HEAD + len(record[2])) // UNIT) * UNIT


def measurements(path):
    """{(boot, seq)}: all that stand in the file, done or not."""
    found = set()
    with open(path, "rb") as f:
        while sector := f.read(SECTOR):
            found |= {struct.unpack_from("<II", payload)
                      for _, kind, payload in _sector(sector) if kind == DATA}
    return found
