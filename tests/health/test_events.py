import json
from pathlib import Path

import pytest

from gan_lightning.health.events import EventFile, read_events, values_of


@pytest.fixture
def events(tmp_path: Path) -> EventFile:
    return EventFile(tmp_path / "run" / "health.jsonl", "HealthMonitor")


def iterations(events: EventFile) -> list[int]:
    return [event["iteration"] for event in read_events(events.file)]


def test_numbers_come_back_bit_for_bit_and_what_is_not_finite_as_null(events: EventFile) -> None:
    values = {"a": 0.1 + 0.2, "b": float("nan"), "c": float("inf"), "d": 1e-30}
    events.write("check", 100, values=values)
    (event,) = read_events(events.file)
    assert event["values"] == {"a": 0.1 + 0.2, "b": None, "c": None, "d": 1e-30}
    assert (event["event"], event["iteration"], event["monitor"]) == ("check", 100, "HealthMonitor")
    back = values_of(event)
    assert back["a"] == values["a"]
    assert back["b"] != back["b"]


def test_each_line_is_strict_json(events: EventFile) -> None:
    events.write("start", 0, detectors=[{"settings": {"of": print, "at": (1, 2.5)}}], empty=None)
    events.write("verdict", 5, evidence={"x": float("-inf")})
    lines = events.file.read_text().splitlines()
    assert len(lines) == 2
    for line in lines:
        json.loads(line, parse_constant=pytest.fail)


def test_a_file_is_read_by_its_folder_too(events: EventFile) -> None:
    events.write("check", 1, values={})
    assert read_events(events.file.parent) == read_events(events.file)
    with pytest.raises(FileNotFoundError):
        read_events(events.file.parent.parent)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_crash_costs_the_last_line_only(events: EventFile, cut: int) -> None:
    for iteration in (1, 2, 3):
        events.write("check", iteration, values={"x": 1.0})
    whole = events.file.read_bytes()
    events.file.write_bytes(whole[:-1][:-cut])
    assert iterations(events) == [1, 2]
    events.rewind(3)
    events.write("check", 4, values={})
    assert iterations(events) == [1, 2, 4]


def test_a_resumed_run_tells_nothing_twice(events: EventFile) -> None:
    events.write("start", 0)
    for iteration in (10, 20, 30):
        events.write("check", iteration, values={})
    events.write("summary", 30)
    events.rewind(20)
    assert iterations(events) == [0, 10, 20]
    events.write("summary", 20)
    events.rewind(20)
    assert iterations(events) == [0, 10, 20]


def test_a_run_from_the_start_leaves_nothing_of_another(events: EventFile) -> None:
    events.rewind(0)
    assert not events.file.exists()
    events.write("start", 0)
    events.rewind(0)
    assert iterations(events) == []
