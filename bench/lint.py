"""How well the compliance rules judge sentences that were not seen while they were written."""

from __future__ import annotations

import yaml

from bench.report import Report
from portal.core.settings import ROOT
from tests.prose.helpers import REGISTRY, found

CAUGHT = 0.95
"""Share of the bad sentences that must be found."""
FALSE = 0.05
"""Share of the good ones that may be flagged."""


def run(report: Report) -> None:
    """Print what is caught and what is flagged wrongly, on the unseen set and on the seen ones."""
    for name, file in (("unseen", "heldout"), ("seen", "drafts")):
        rows = yaml.safe_load((ROOT / f"tests/prose/{file}.yaml").read_text("utf-8"))
        bad, good = [row for row in rows if row.get("bad")], [row for row in rows if not row.get("bad")]
        missed = [row["text"] for row in bad if not found(row["text"], around=REGISTRY)]
        flagged = [row["text"] for row in good if found(row["text"], around=REGISTRY)]
        recall, false = 1 - len(missed) / len(bad), len(flagged) / len(good)
        wanted = name == "unseen"
        report.value(f"caught of {len(bad)} bad sentences, {name}", recall, "", at_least=CAUGHT if wanted else None)
        report.value(f"flagged of {len(good)} good ones, {name}", false, "", at_most=FALSE if wanted else None)
        for text in missed + flagged if wanted else ():
            report.note(text)
