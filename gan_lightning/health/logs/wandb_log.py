"""The file of an offline wandb run, ``run-<id>.wandb``.

It is a log of LevelDB's kind: blocks of 32 KiB, in them pieces of records, each behind a checksum (4 bytes), a length
(2) and a type (1); a record is one piece (type 1) or a first, middle and last ones (2, 3, 4). The file starts with
seven other bytes. The records are messages of wandb's own protocol.
https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

import json
import struct
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from gan_lightning.health.logs.log import Log, log_of, number

BLOCK, HEADER, START = 1 << 15, 7, 7
WHOLE, FIRST, LAST = 1, 2, 4
CLOCKS = ("trainer/global_step", "global_step", "_step")


def read_wandb(path: Path) -> Log:
    """Read what was logged; a run that still goes on, or was killed, is read up to its last whole record."""
    rows = list(_history(path))
    clock = next((name for name in CLOCKS if any(name in row for row in rows)), "_step")
    rows = [row for row in rows if clock in row]
    return log_of(path, clock, ((int(row[clock]), _without_clocks(row)) for row in rows))


def steps_in(path: Path) -> dict[int, int]:
    """Return Lightning's step for each of wandb's own, after which it names pictures."""
    own, lightnings = "_step", CLOCKS[0]
    return {int(row[own]): int(row[lightnings]) for row in _history(path) if own in row and lightnings in row}


def _without_clocks(row: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in row.items() if name != "epoch" and name not in CLOCKS and name[0] != "_"}


def _history(path: Path) -> Iterator[dict[str, float]]:
    protocol: Any = import_module("wandb.proto.wandb_internal_pb2")
    broken: Any = import_module("google.protobuf.message").DecodeError
    for data in records(path.read_bytes()):
        record = protocol.Record()
        try:
            record.ParseFromString(data)
        except broken:
            return
        if record.WhichOneof("record_type") == "history":
            found = {item.key or "/".join(item.nested_key): item.value_json for item in record.history.item}
            yield {name: value for name, text in found.items() if (value := number(_plain(text))) is not None}


def _plain(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def records(data: bytes) -> Iterator[bytes]:
    """Yield the whole records of a file's bytes."""
    place, record = START, b""
    while True:
        left = BLOCK - place % BLOCK
        if left < HEADER:  # too short for a header: filled up with zeros
            place += left
        if place + HEADER > len(data):
            return
        length, kind = struct.unpack_from("<HB", data, place + 4)
        begin, place = place + HEADER, place + HEADER + length
        if not kind or place > len(data):
            return
        record = (b"" if kind in (WHOLE, FIRST) else record) + data[begin:place]
        if kind in (WHOLE, LAST):
            yield record
