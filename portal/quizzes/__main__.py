"""`python -m portal.quizzes`: the child process in which a PDF is set, so that a server never carries its memory.

Standard input is one JSON object: `html`, `css` and `medium` (`print` or `screen`: which palette of tokens.css).
Standard output is the PDF. Nothing is fetched from anywhere: pictures stand in the page as `data:` addresses.
"""

import json
import resource
import sys

MEMORY = 1_500_000_000
CPU_SECONDS = 60
MISSING = 3
"""The status of the process where no PDF can be made on this machine; `services.pdf` knows it."""


def main() -> None:
    """Set one document within limits."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415  # after the limits, and in this process alone
        from weasyprint.urls import URLFetcher  # noqa: PLC0415  # as above
    except (ImportError, OSError):
        # Pango or a font library is not installed.
        sys.exit(MISSING)
    asked = json.load(sys.stdin)
    fetcher = URLFetcher(allowed_protocols=("data",))
    page = HTML(string=asked["html"], media_type=asked["medium"], url_fetcher=fetcher)
    style = CSS(string=asked["css"], media_type=asked["medium"], url_fetcher=fetcher)
    sys.stdout.buffer.write(page.write_pdf(stylesheets=[style], pdf_tags=True))


if __name__ == "__main__":
    main()
