from gan_lightning.health import Verdict
from gan_lightning.health.cases import KEPT, Cases


def verdict(iteration: int, kind: str = "oscillation", severity: str = "failure") -> Verdict:
    return Verdict(kind, severity, iteration, iteration, {"x": 1.0}, "reason", "cause", ("advice",))


def test_a_case_opens_once_keeps_its_onset_and_closes_after_some_silence() -> None:
    cases = Cases(patience=2)
    first = verdict(100)
    assert cases.update(100, [first]) == ([first], [])
    assert cases.update(200, [verdict(200)]) == ([], [])
    assert cases.update(300, []) == ([], [])
    assert cases.update(400, [verdict(400)]) == ([], [])
    assert cases.update(500, []) == ([], [])
    assert cases.update(600, []) == ([], [first])
    assert cases.open == {}
    assert cases.episodes == [(first, 600)]
    again = verdict(700)
    assert cases.update(700, [again]).opened == [again]
    assert cases.episodes == [(first, 600), (again, None)]
    assert cases.seen == ["oscillation"]


def test_a_warning_can_become_a_failure_and_not_the_reverse() -> None:
    cases = Cases()
    cases.update(100, [verdict(100, severity="warning")])
    (worse,) = cases.update(200, [verdict(200)]).opened
    assert (worse.severity, worse.onset, worse.iteration) == ("failure", 100, 200)
    assert cases.update(300, [verdict(300, severity="warning")]).opened == []
    assert cases.open["oscillation"].severity == "failure"


def test_two_detectors_of_a_kind_open_one_case() -> None:
    cases = Cases()
    changed = cases.update(100, [verdict(100, severity="warning"), verdict(100)])
    assert [each.severity for each in changed.opened] == ["failure"]


def test_it_goes_on_from_its_state() -> None:
    def play(cases: Cases, iterations: range) -> list:
        spoken = {100: ["oscillation"], 200: ["divergence"], 500: ["oscillation"], 900: ["stagnation"]}
        return [cases.update(at, [verdict(at, kind) for kind in spoken.get(at, [])]) for at in iterations]

    straight, half, resumed = Cases(), Cases(), Cases()
    rounds = play(straight, range(100, 1100, 100))
    play(half, range(100, 600, 100))
    resumed.load_state_dict(half.state_dict())
    assert play(resumed, range(600, 1100, 100)) == rounds[5:]
    assert resumed.state_dict() == straight.state_dict()


def test_what_is_over_is_kept_within_bounds() -> None:
    cases = Cases(patience=1)
    for iteration in range(2 * KEPT + 4):
        cases.update(iteration, [verdict(iteration)] if iteration % 2 else [])
    assert len(cases.past) == KEPT
