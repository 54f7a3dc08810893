"""The words of a quarter's report, in the regulator's language (zh-Hans): pages of the desk and files read them here.

Everything is made from the stored report alone; nothing is asked of the database. A key that has no word stands for
itself, so that an old report is still shown after a rename.
"""

from portal.metrics.rules.words.figures import interval_words, number, points, share
from portal.metrics.rules.words.labels import label, part_label, quarter_name
from portal.metrics.rules.words.notes import caveats, methods
from portal.metrics.rules.words.verdicts import Judged, detail, judged, overall, rule, sentence, target_words

__all__ = [
    "Judged",
    "caveats",
    "detail",
    "interval_words",
    "judged",
    "label",
    "methods",
    "number",
    "overall",
    "part_label",
    "points",
    "quarter_name",
    "rule",
    "sentence",
    "share",
    "target_words",
]
