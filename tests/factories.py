"""Content packages for tests, written to disk as staff would write them."""

from __future__ import annotations

from pathlib import Path

TOPICS = """\
- key: fraud
  name: {zh-Hans: 防骗, en: Avoid fraud}
  icon: shield
- key: phone
  parent: fraud
  name: {zh-Hans: 电话诈骗, en: Phone scams}
  icon: phone
"""

ARTICLE = """\
topic: phone
checked_on: 2026-11-01
review_by: 2027-02-01
facts:
- {key: one, text: {zh-Hans: 没有安全账户。}, source: s1}
sources:
- {key: s1, title: {zh-Hans: 手册}, publisher: {zh-Hans: 公安部}, evidence: secondary, checked_on: 2026-11-01}
"""


def edition(title: str = "先挂断", body: str = "", summary: str = "没有安全账户。", status: str = "published") -> str:
    """Return the text of an edition's file."""
    body = body or "[一句话]\n没有“安全账户”。\n\n警察不会这样做。\n[/]\n\n## 现在怎么做\n\n先停下来。\n"
    return f"---\ntitle: {title}\nsummary: {summary}\nstatus: {status}\n---\n{body}"


def package(folder: Path, articles: dict[str, dict[str, str]] | None = None, **files: str) -> Path:
    """Write a package and return its folder.

    Args:
        articles: by slug, files by name; `article.yaml` is added where it is missing.
        files: root files by name with `_` for the dot, such as `site_yaml`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = {"topics_yaml": TOPICS, **files}
    for name, text in root.items():
        (folder / name.replace("_", ".")).write_text(text, "utf-8")
    for slug, editions in (
        articles if articles is not None else {"hang-up": {"general.zh-Hans.md": edition()}}
    ).items():
        place = folder / "articles" / slug
        place.mkdir(parents=True, exist_ok=True)
        for name, text in {"article.yaml": ARTICLE, **editions}.items():
            (place / name).write_text(text, "utf-8")
    return folder
