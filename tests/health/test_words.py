import pytest

from gan_lightning.health import Verdict, words
from gan_lightning.health.cases import Episode


def verdict(kind: str = "mode_collapse", severity: str = "failure", onset: int = 3200, **fields) -> Verdict:
    told = {"evidence": {"bins/tv": 0.62}, "reason": "seen", "cause": "why", "advice": ("try this",)}
    return Verdict(kind, severity, onset, onset + 200, **(told | fields))


def test_the_worst_and_oldest_is_named_first() -> None:
    warning, late = verdict("oscillation", "warning", 100), verdict(onset=4000)
    assert words.status([warning], 1) == "oscillation since 100"
    assert words.status([warning, late], 1) == "mode collapse since 4,000 (and 1 more)"
    assert words.status([warning, late, verdict("divergence", onset=300)], 1) == "divergence since 300 (and 2 more)"


@pytest.mark.parametrize("kind", ["mode_collapse", "discriminator_overfitting"])
def test_a_block_fits_a_narrow_screen(kind: str) -> None:
    long = " ".join(["some words of a long sentence"] * 9)
    evidence = {f"measured/name_{i}": 10.0**i for i in range(-6, 9)}
    lines = words.block(verdict(kind, reason=long, cause=long, evidence=evidence, advice=(long, long))).splitlines()
    assert max(map(len, lines)) <= 90
    assert len(lines[0]) == len(lines[-1]) == 90
    assert [line[2:12].strip() for line in lines[1:-1] if line[2:12].strip()] == ["seen", "numbers", "cause", "try"]
    text = " ".join(" ".join(lines).split())
    assert text.count(long) == 4
    assert all(name in text for name in evidence)


def test_a_block_without_advice_or_numbers() -> None:
    text = words.block(verdict(advice=(), evidence={}))
    assert "try" not in text
    assert "(at iteration 3,400)" in text


def test_the_summary_lists_each_verdict() -> None:
    episodes = [Episode(verdict(), 5100), Episode(verdict("oscillation", "warning", 7000), None)]
    assert words.summary(episodes, 10_000, 100, 100).splitlines() == [
        "health: 2 verdicts in 100 checks over 10,000 iterations, 1 open at the end",
        "  failure  mode collapse                     3,200 .. 5,100",
        "  warning  oscillation                       7,000 .. open",
    ]


def test_a_number_stays_with_its_name() -> None:
    evidence = {f"some/measured_name_{i}": 0.125 for i in range(9)}
    lines = words.block(verdict(evidence=evidence)).splitlines()
    assert sum(line.count("measured_name_") for line in lines) == 9
    assert all(line.count("measured_name_") == line.count("0.125") for line in lines)
