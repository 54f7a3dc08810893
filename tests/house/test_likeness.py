"""The weights of the second opinion are no older than the sentences that they were learnt from."""

from __future__ import annotations

from portal.prose.rules.likeness import learnt
from tools.likeness import digest, judged, rows


def test_the_weights_were_learnt_from_the_judged_sentences_as_they_are() -> None:
    assert learnt().digest == digest(judged(rows())), "judged sentences changed: run `python -m tools.likeness`"
