"""One self-contained page about runs: what was seen, when, and what it looked like."""

from gan_lightning.report.page import write_report

__all__ = ["write_report"]
