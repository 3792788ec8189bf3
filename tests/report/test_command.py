"""``gan-lightning report`` as a user types it."""

from pathlib import Path

import pytest
from reported_runs import whole, write_losses

from gan_lightning.cli import main

pytest.importorskip("plotly", reason="plotly is not installed: pip install 'gan-lightning[report]'")


def status(*argv: str) -> int:
    try:
        main(("report", *argv))
    except SystemExit as end:
        return int(end.code)
    return 0


def test_the_newest_run_below_a_folder(capsys: pytest.CaptureFixture) -> None:
    whole(Path("runs/demo/version_0"))
    assert status("runs") == 0
    assert capsys.readouterr().out.startswith("Report: runs/demo/version_0/report.html (")
    assert Path("runs/demo/version_0/report.html").stat().st_size < 10e6


def test_where_it_goes(capsys: pytest.CaptureFixture) -> None:
    write_losses(Path("a"))
    write_losses(Path("b"))
    assert status("a", "b", "--out", "pages/both.html") == 0
    assert Path("pages/both.html").is_file()
    assert capsys.readouterr().out.startswith("Report: pages/both.html (")


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ((), "RUN_DIR"),
        (("nowhere",), "there is no 'nowhere'"),
        ((".",), "'.' holds no log of a run"),
        ((".", "--ot", "x.html"), "report has no option --ot; did you mean '--out'?"),
        ((".", "--out", "x.pdf"), "--out must end in .html, got 'x.pdf'"),
    ],
)
def test_wrong_use_is_one_sentence(argv: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture) -> None:
    assert status(*argv) == 2
    said = capsys.readouterr().err.rpartition("gan-lightning: ")[2]
    assert complaint in said
    assert "\n" not in said.strip()


def test_a_place_that_cannot_be_written_leaves_nothing(capsys: pytest.CaptureFixture) -> None:
    write_losses(Path("a"))
    Path("page.html").mkdir()
    for out in ("page.html", "a/metrics.csv/x.html"):
        assert status("a", "--out", out) == 2
        assert f"the report cannot be written to {out!r}" in (said := capsys.readouterr().err)
        assert "name another file by --out" in said
    assert sorted(file.name for file in Path().iterdir()) == ["a", "page.html"]
