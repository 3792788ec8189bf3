"""What a ladder decides: one rung at a time, time for each, upwards, bounded, and back when all is well."""

from types import SimpleNamespace
from typing import Any

import pytest
from foreign_modules import Official, batches_for
from helpers import Batches, fit
from treated_runs import verdict

from gan_lightning.health import HealthMonitor, History
from gan_lightning.health.remedies.course import improves
from gan_lightning.health.remedies.ladder import Ladder
from gan_lightning.health.remedies.remedy import Change, Remedy
from gan_lightning.health.remedies.rungs import Rung
from gan_lightning.health.remedies.wait import Wait


class Switch(Remedy):
    """A light, to be seen."""

    suits = frozenset()
    evidence = "folklore"

    def __init__(self, name: str, keeps: bool = False, max_uses: int = 9, fits: bool = True) -> None:
        super().__init__()
        self.name, self.keeps, self.max_uses, self.fits = name, keeps, max_uses, fits

    def prepare(self, patient: Any) -> None:
        if not self.fits:
            raise ValueError(f"{self.name} does not fit")

    def apply(self, patient: Any) -> Change:
        self.is_active = True
        return Change(self.name, "off", "on", "to see")

    def undo(self, patient: Any) -> Change:
        self.is_active = False
        return Change(self.name, "on", "off", "seen")


class Clinic:
    """A ladder, and checks every 100 iterations of what is said to be wrong."""

    def __init__(self, ladder: Ladder) -> None:
        self.ladder, self.history = ladder, History()
        self.patient: Any = SimpleNamespace(module=object(), iteration=0, probe=None)
        self.open: dict[str, Any] = {}
        ladder.prepare(self.patient)

    def check(self, *kinds: str, tv: float = 0.5, severity: str = "failure") -> list[tuple[str, str]]:
        self.patient.iteration += 100
        now = self.patient.iteration
        self.history.add(now, {"bins/tv": tv})
        opened = [verdict(kind, now, now, severity) for kind in kinds if kind not in self.open]
        closed = [each for kind, each in self.open.items() if kind not in kinds]
        self.open = {each.kind: each for each in opened} | {k: v for k, v in self.open.items() if k in kinds}
        actions = self.ladder.act(self.patient, opened, closed, list(self.open.values()), self.history)
        return [(action.doing, action.remedy) for action in actions]

    def checks(self, number: int, *kinds: str, **how: Any) -> list[tuple[int, str, str]]:
        """Return what was done, and when."""
        done = []
        for _ in range(number):
            done += [(self.patient.iteration, *what) for what in self.check(*kinds, **how)]
        return done


COLLAPSE = "mode_collapse"


def test_one_rung_at_a_time_then_it_gives_up_once() -> None:
    ladder = Ladder({COLLAPSE: [[Switch("a"), Switch("b")], Wait(), Switch("c")]}, patience=500)
    clinic = Clinic(ladder)
    assert clinic.checks(3) == []
    done = clinic.checks(40, COLLAPSE)
    assert done == [
        (400, "applied", "a"),
        (400, "applied", "b"),
        (900, "applied", "wait"),
        (1400, "applied", "c"),
        (1900, "gave up", ""),
    ]


def test_warnings_are_not_treated() -> None:
    assert Clinic(Ladder({COLLAPSE: [Switch("a")]})).checks(9, COLLAPSE, severity="warning") == []


def test_what_returns_is_undone_when_the_run_has_healed_and_what_keeps_stays() -> None:
    clinic = Clinic(Ladder({COLLAPSE: [[Switch("a"), Switch("b", keeps=True)]]}, calm=3))
    clinic.check(COLLAPSE)
    assert clinic.checks(9) == [(400, "undone", "a")]
    assert [remedy.name for remedy in clinic.ladder.cabinet.active] == ["b"]


def test_a_second_fall_moves_up_and_uses_are_bounded() -> None:
    kept, passing = Switch("kept", keeps=True), Switch("passing")
    clinic = Clinic(Ladder({COLLAPSE: [kept, passing]}, calm=1, patience=100, max_uses=2))
    falls = [(clinic.checks(1, COLLAPSE), clinic.checks(1)) for _ in range(4)]
    names = [[what[1:] for what in fall] for fall, _ in falls]
    assert names == [
        [("applied", "kept")],
        [("applied", "passing")],
        [("applied", "passing")],
        [("gave up", "")],
    ]


def test_rising_coverage_asks_for_patience_with_an_end() -> None:
    clinic = Clinic(Ladder({COLLAPSE: [Switch("a"), Switch("b")]}, patience=500))
    clinic.check(COLLAPSE, tv=0.9)
    done = [clinic.check(COLLAPSE, tv=0.9 * 0.93**check) for check in range(30)]
    assert next(check + 1 for check, what in enumerate(done) if what) == 15
    assert not improves(clinic.history, within=300)


def test_divergence_does_not_wait() -> None:
    clinic = Clinic(Ladder({"divergence": [Switch("back"), Switch("further")], COLLAPSE: [Switch("a"), Switch("b")]}))
    assert clinic.check(COLLAPSE) == [("applied", "a")]
    assert clinic.check(COLLAPSE, "divergence") == [("applied", "back")]
    assert clinic.checks(5, COLLAPSE, "divergence") == [(700, "applied", "further")]


def test_an_explosion_that_is_still_finite_takes_the_rungs_in_order() -> None:
    clinic = Clinic(Ladder({"divergence": [Switch("first"), Switch("second")]}, patience=300))
    clinic.history.add(0, {"nonfinite": 0.0})
    check = clinic.history.add
    clinic.history.add = lambda iteration, values: check(iteration, values | {"nonfinite": 0.0})
    assert clinic.checks(7, "divergence") == [
        (100, "applied", "first"),
        (400, "applied", "second"),
        (700, "gave up", ""),
    ]


def test_a_rung_may_want_company() -> None:
    rungs = {COLLAPSE: [Rung((Switch("wide"),), frozenset({"generator_dominates"})), Switch("a")]}
    assert Clinic(Ladder(rungs)).check(COLLAPSE) == [("applied", "a")]
    rungs = {COLLAPSE: [Rung((Switch("wide"),), frozenset({"generator_dominates"})), Switch("a")]}
    assert Clinic(Ladder(rungs)).check(COLLAPSE, "generator_dominates") == [("applied", "wide")]


def test_no_rung_for_a_kind_is_said() -> None:
    assert Clinic(Ladder({COLLAPSE: [Switch("a")]})).checks(5, "degenerate_data") == [(100, "gave up", "")]


def test_a_dry_run_says_the_same_and_does_nothing() -> None:
    def rungs() -> Any:
        return {COLLAPSE: [[Switch("a"), Switch("b", keeps=True)], Wait(), Switch("c")]}

    wet, dry = Clinic(Ladder(rungs(), patience=300)), Clinic(Ladder(rungs(), patience=300, dry_run=True))
    told = {"would apply": "applied", "would undo": "undone"}
    for span, kinds in ((12, (COLLAPSE,)), (8, ()), (9, (COLLAPSE,))):
        done, said = wet.checks(span, *kinds), dry.checks(span, *kinds)
        assert done == [(when, told.get(doing, doing), name) for when, doing, name in said]
        assert done
    assert not dry.ladder.cabinet.active
    assert not any(remedy.is_active for remedy in dry.ladder.cabinet.remedies)


def test_the_share_of_active_iterations() -> None:
    clinic = Clinic(Ladder({COLLAPSE: [Switch("a")]}, calm=1))
    clinic.checks(4)
    clinic.check(COLLAPSE)
    clinic.checks(5)
    assert clinic.ladder.course.shares() == {"a": pytest.approx(0.1)}


@pytest.mark.parametrize("cut", [1, 6, 12, 17])
def test_a_saved_ladder_goes_on_as_if_nothing_had_been(cut: int) -> None:
    def ladder() -> Ladder:
        return Ladder({COLLAPSE: [[Switch("a"), Switch("b", keeps=True)], Wait(), Switch("c")]}, patience=300, calm=2)

    days = [(COLLAPSE,)] * 8 + [()] * 5 + [(COLLAPSE,)] * 9
    straight, first = Clinic(ladder()), Clinic(ladder())
    done = [straight.check(*kinds) for kinds in days]
    again = [first.check(*kinds) for kinds in days[:cut]]
    fresh = ladder()
    fresh.load_state_dict(first.ladder.state_dict())
    second = Clinic(fresh)
    second.open, second.history, second.patient = first.open, first.history, first.patient
    again += [second.check(*kinds) for kinds in days[cut:]]
    assert again == done
    assert fresh.state_dict() == straight.ladder.state_dict()


def test_a_remedy_that_does_not_fit_is_refused_where_it_was_asked_for() -> None:
    ladder = Ladder({COLLAPSE: [Switch("a", fits=False), Switch("b"), Switch("c", fits=False)]})
    with pytest.raises(ValueError, match=r"a does not fit.*c does not fit.*Levers that Official has: R1 \+ R2, "):
        fit(Official(), Batches(*batches_for(Official)), callbacks=[HealthMonitor(remedies=ladder)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"patience": 0}, "at least 1, got 0, 2, 5"),
        ({"rungs": {COLLAPSE: [Switch("a"), Switch("a")]}}, "two remedies have one name"),
        ({"rungs": {}, "wider_discriminator": object}, "put WiderDiscriminator into yours"),
    ],
)
def test_wrong_use(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ladder(**arguments)
