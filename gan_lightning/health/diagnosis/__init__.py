"""What is wrong with a run, after the fact, and whether a module is ready to be trained."""

from gan_lightning.health.diagnosis.diagnosis import Diagnosis, diagnosis_of
from gan_lightning.health.diagnosis.examine import Examination, examine
from gan_lightning.health.diagnosis.examined import examination_report, examined
from gan_lightning.health.diagnosis.report import report

__all__ = ["Diagnosis", "Examination", "diagnosis_of", "examination_report", "examine", "examined", "report"]
