"""`python -m tools.likeness`: learn the second opinion of the check anew."""

import sys

from portal.prose.rules.likeness import WEIGHTS
from tools.likeness import judged, learn, library, rows

examples, quiet = judged(rows()), library()
model = learn(examples, quiet)
WEIGHTS.write_text(model.written(), "utf-8")
sys.stdout.write(
    f"{len(examples):,} judged sentences, {len(quiet):,} of the library: {len(model.weights):,} pieces, "
    f"{WEIGHTS.stat().st_size:,} bytes\n"
)
