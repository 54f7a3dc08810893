"""Verbs that change articles: saving texts, and taking in and giving out content packages."""

from portal.articles.services.checking import Package, prepare
from portal.articles.services.exporting import export_package
from portal.articles.services.importing import Report, apply
from portal.articles.services.judging import Judge, Judgement, article_facts, judge_stored
from portal.articles.services.saving import save_article, save_edition

__all__ = [
    "Judge",
    "Judgement",
    "Package",
    "Report",
    "apply",
    "article_facts",
    "export_package",
    "judge_stored",
    "prepare",
    "save_article",
    "save_edition",
]
