"""What ``experiments/claims`` has for tables in a README."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "claims"))

from claims_table import between_markers, table

__all__ = ["between_markers", "table"]
