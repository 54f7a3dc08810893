"""`python -m portal.media FORMAT FILE FOLDER`: the child process in which a picture is drawn anew."""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from portal.media.rules.encoding import encode
from portal.media.rules.kinds import Reason, Refused

MEMORY = 1_500_000_000
CPU_SECONDS = 30


def main(form: str, source: str, folder: str) -> None:
    """Draw one picture within limits, and say what came of it in one line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, object] = {"drawn": [asdict(one) for one in encode(form, Path(source), Path(folder))]}
    except Refused as problem:
        answer = {"refused": problem.reason.value}
    except MemoryError:
        answer = {"refused": Reason.PIXELS.value}
    sys.stdout.write(json.dumps(answer))


main(*sys.argv[1:])
