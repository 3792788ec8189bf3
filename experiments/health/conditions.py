"""All that is done in runs, by name.

The oracle alone says how a run ended: a fault that does no harm counts as a healthy run, and a harmless change that a
run does not survive as a failed one.
"""

from failures import FAULTS
from harmless import HARMLESS
from unseen_faults import UNSEEN_FAULTS

CONDITIONS = HARMLESS | FAULTS | UNSEEN_FAULTS
