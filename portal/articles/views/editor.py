"""The editor: one edition's text, what is typed and not saved, the check beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles import queries, services
from portal.articles.forms import TextForm
from portal.articles.models import Article, Edition, Revision
from portal.articles.queries import Broken
from portal.articles.rules import Kind
from portal.articles.services.editing import find
from portal.articles.views.article import ID
from portal.articles.views.common import article_or_404, blueprint, me, refusals, renderer
from portal.articles.views.words import OUTCOMES
from portal.core import clock, markup
from portal.core.access import Permission, present, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import whole_number
from portal.core.i18n import in_words
from portal.core.settings import AUDIENCES, LOCALES, Audience, Locale
from portal.media import queries as media
from portal.prose.rules import Draft, Level, say
from portal.prose.rules.diff import Kind as PassageKind
from portal.prose.rules.diff import Passage, diff
from portal.reference import queries as reference
from portal.reference.rules import localised

LANGUAGE = f"<any({', '.join(repr(name.value) for name in LOCALES)}):language>"
PLACE = f"/desk/articles/{ID}/<any({', '.join(repr(name.value) for name in AUDIENCES)}):audience>/{LANGUAGE}"
PARTS = ("title", "summary", "hook", "body")
FURTHEST = 10**9


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the check says, in words."""

    key: str
    blocks: bool
    passage: str
    sentence: str
    what: str
    law: str
    suggestion: str
    line: int
    part: str
    waiver: Any = None


@blueprint.route(PLACE, methods=["GET", "POST"])
@requires(Permission.WRITE)
@refusals
def edit(article_id: int, audience: str, language: str) -> ResponseReturnValue:
    """Write one edition."""
    article = article_or_404(article_id)
    form = TextForm()
    edition, latest = present_text(article, audience, language)
    if flask.request.method == "GET":
        slot = services.slot_of(
            db.session(),
            article_id=article.id,
            audience=Audience(audience),
            locale=Locale(language),
            person_id=present().id,
        )
        use_slot = slot is not None and flask.request.args.get("typed") != "no"
        _fill(form, slot.content if slot is not None and use_slot else None, latest)
        if slot is not None and use_slot:
            form.base.data = str(slot.base_number)
        return _page(form, article, edition, latest, audience, language, slot=slot if use_slot else None)
    action = flask.request.form.get("action", "save")
    if not form.validate() or not _source_is_sound(form, article):
        return _page(form, article, edition, latest, audience, language), 400
    if action == "check":
        return _page(form, article, edition, latest, audience, language)
    try:
        rendered = renderer().render(form.body.data, locale=language)
    except markup.MarkupError as problem:
        form.refuse("body", in_words(problem.sentence))
        return _page(form, article, edition, latest, audience, language), 400
    base = form.base.data or "0"
    try:
        with transaction() as session:
            services.save_text(
                session,
                article_id=article.id,
                audience=Audience(audience),
                locale=Locale(language),
                expected=whole_number(base, otherwise=FURTHEST),
                text={**_texts(form), "html": rendered.html, "toc": rendered.toc, "checksum": _checksum(form)},
                words=services.Words.of(session),
                by=me(),
                at=clock.now(),
                note=form.note.data or "",
            )
    except services.Conflict:
        edition, latest = present_text(article, audience, language)
        assert latest is not None  # noqa: S101  # a conflict is with a text
        theirs = {name: getattr(latest, name) for name in PARTS}
        form.base.data = str(latest.number)
        changes = compare(theirs, _texts(form))
        return _page(form, article, edition, latest, audience, language, changes=changes, theirs=latest), 409
    flask.flash(gettext("Saved as a draft. The public reads it after review."))
    return flask.redirect(
        flask.url_for("articles.edit", article_id=article.id, audience=audience, language=language), 303
    )


def present_text(article: Article, audience: str, language: str) -> tuple[Edition | None, Revision | None]:
    """Return an edition and its latest text, as far as they are begun."""
    session = db.session()
    edition = find(session, article=article, audience=Audience(audience), locale=Locale(language))
    return edition, services.latest(session, edition) if edition is not None else None


def _fill(form: TextForm, typed: dict[str, Any] | None, latest: Revision | None) -> None:
    form.base.data = str(latest.number) if latest else "0"
    for name in PARTS:
        stored = getattr(latest, name) if latest else ""
        form[name].data = typed.get(name, stored) if typed else stored


def _texts(form: TextForm) -> dict[str, str]:
    body = (form.body.data or "").replace("\r\n", "\n").replace("\r", "\n")
    # The same as a file has it: ends with one line end, so that an export comes back unchanged.
    return {
        "title": form.title.data or "",
        "summary": form.summary.data or "",
        "hook": form.hook.data or "",
        "body": body.rstrip("\n") + "\n",
    }


def _checksum(form: TextForm) -> str:
    texts = _texts(form)
    return hashlib.sha256(json.dumps([texts[name] for name in PARTS]).encode()).hexdigest()


def _source_is_sound(form: TextForm, article: Article) -> bool:
    """Check the Markdown and what it refers to; put what is wrong beside the field, with its line."""
    form.body.data = _texts(form)["body"]
    problems = markup.check(form.body.data)
    if problems:
        line, sentence = problems[0]
        form.refuse("body", gettext("Line %(line)d: %(problem)s", line=line, problem=in_words(sentence)))
        return False
    session = db.session()
    sheet = services.sheet(session, article=article)
    there = {
        "hotline": {entry.key for entry in reference.hotlines(session)},
        "term": {entry.key for entry in reference.terms(session)},
        "source": {row["key"] for row in (sheet or article).sources},
        "article": queries.slugs(session),
        "media": media.keys(session),
    }
    for kind, keys in markup.references(form.body.data).items():
        for key in sorted(keys - there.get(kind, keys)):
            form.refuse("body", gettext("There is no %(kind)s `%(key)s`.", kind=kind, key=key))
            return False
    return True


def _page(
    form: TextForm,
    article: Article,
    edition: Edition | None,
    latest: Revision | None,
    audience: str,
    language: str,
    *,
    slot: Any = None,
    changes: list[tuple[str, list[Passage]]] | None = None,
    theirs: Revision | None = None,
) -> str:
    session = db.session()
    texts = _texts(form)
    is_empty = not texts["title"] and not texts["body"].strip()
    others = {(other.audience, other.locale): other for other in queries.editions_of(session, article_id=article.id)}
    general = others.get((Audience.GENERAL, Locale(language)))
    return flask.render_template(
        "articles/edit.html",
        here_section="articles.index",
        form=form,
        article=article,
        edition=edition,
        latest=latest,
        audience=audience,
        language=language,
        audiences=AUDIENCES,
        others=others,
        beside=services.latest(session, general) if general is not None and audience != Audience.GENERAL else None,
        slot=slot,
        source=_source(article, edition),
        broken=_broken(edition),
        outcomes=OUTCOMES,
        changes=changes,
        theirs=theirs,
        **(judge(article, edition, texts, audience=audience, language=language) if not is_empty else {"remarks": []}),
    )


def _source(article: Article, edition: Edition | None) -> dict[str, Any] | None:
    """Return what of the edition's source has changed, with what confirms it; None: nothing has."""
    changes = queries.source_changes(db.session(), article=article, edition=edition) if edition is not None else []
    if edition is None or not changes:
        return None
    source = queries.source_edition(db.session(), edition)
    revision = source.latest_number if source is not None else 0
    return {"changes": changes, "revision": revision, "sheet": article.latest_sheet}


def _broken(edition: Edition | None) -> list[Broken]:
    """Return the links of an edition that lead nowhere any more."""
    if edition is None:
        return []
    links = queries.broken_links(db.session(), now=clock.now(), article_id=edition.article_id)
    return [one for one in links.get(edition.article_id, []) if edition in one.editions]


def judge(
    article: Article, edition: Edition | None, texts: dict[str, str], *, audience: str, language: str
) -> dict[str, Any]:
    """Return what the check says of a text that need not be saved: remarks, and how hard it is to read."""
    session = db.session()
    sheet = services.sheet(session, article=article)
    begun = {
        other.audience.value
        for other in queries.editions_of(session, article_id=article.id)
        if other.locale == language
    }
    draft = Draft(audience=audience, locale=language, topic=(sheet or article).topic, **texts)
    judgement = services.Judge(session).judge(
        draft,
        slug=article.slug,
        today=local_day(session, at=clock.now()),
        said=services.article_facts(sheet or article),
        audiences=None if article.kind is Kind.ALERT else begun | {audience},
    )
    waived = services.waivers(session, edition) if edition is not None else {}
    return {"remarks": remarks(judgement, waived), "reading": judgement.reading}


def remarks(judgement: services.Judgement, waived: dict[str, Any]) -> list[Remark]:
    """Return what the check says, in the words of the person's language; what keeps the text back comes first."""
    shown = flask.g.locale

    def said(texts: Any) -> str:
        return localised(texts, Locale(shown))[0]

    found = [
        Remark(
            key=finding.key,
            blocks=finding.level is Level.BLOCK and finding.key not in waived,
            passage=finding.passage,
            sentence=finding.sentence,
            what=said(finding.rule.why),
            law=said(finding.rule.law),
            suggestion=said(finding.rule.suggestion),
            line=finding.line,
            part=finding.part.value,
            waiver=waived.get(finding.key),
        )
        for finding in judgement.findings
    ]
    found += [
        Remark(
            key=note.key,
            blocks=note.level is Level.BLOCK and note.key not in waived,
            passage="",
            sentence=note.sentence,
            what=say(note.message, note.params, locale=shown),
            law="",
            suggestion="",
            line=note.line,
            part=note.part.value,
            waiver=waived.get(note.key),
        )
        for note in judgement.reading.notes
    ]
    return sorted(found, key=lambda remark: not remark.blocks)


def compare(old: dict[str, str], new: dict[str, str]) -> list[tuple[str, list[Passage]]]:
    """Return what is different between two texts, part by part; parts that are the same are left out."""
    return [(name, diff(old[name], new[name])) for name in PARTS if old[name] != new[name]]


def folded(passages: list[Passage]) -> list[tuple[bool, list[Passage]]]:
    """Return passages in groups; those that are the same and stand beside no change are to be folded away."""
    changed = [passage.kind is not PassageKind.SAME for passage in passages]
    groups: list[tuple[bool, list[Passage]]] = []
    for place, passage in enumerate(passages):
        is_fold = not any(changed[max(place - 1, 0) : place + 2])
        if not groups or groups[-1][0] is not is_fold:
            groups.append((is_fold, []))
        groups[-1][1].append(passage)
    # A single paragraph is shorter than the words that would stand for it.
    return [(is_fold and len(group) > 1, group) for is_fold, group in groups]


blueprint.add_app_template_filter(folded)


@blueprint.post(f"{PLACE}/check")
@requires(Permission.WRITE)
def check(article_id: int, audience: str, language: str) -> ResponseReturnValue:
    """Return the check of what is being typed, as the panel beside the editor."""
    article = article_or_404(article_id)
    form = TextForm()
    texts = _texts(form)
    if len(texts["body"].encode()) > markup.MAX_SOURCE_BYTES:
        flask.abort(413)
    edition, _latest = present_text(article, audience, language)
    context = judge(article, edition, texts, audience=audience, language=language)
    return flask.render_template("articles/parts/check.html", article=article, edition=edition, **context)


@blueprint.post(f"{PLACE}/slot")
@requires(Permission.WRITE)
def keep(article_id: int, audience: str, language: str) -> ResponseReturnValue:
    """Keep what is being typed, for this person alone."""
    article = article_or_404(article_id)
    form = TextForm()
    texts = _texts(form)
    if sum(len(text.encode()) for text in texts.values()) > 2 * markup.MAX_SOURCE_BYTES:
        flask.abort(413)
    keep_typed(article, audience, language, texts, base=whole_number(form.base.data or "0", otherwise=0))
    return "", 204


def keep_typed(article: Article, audience: str, language: str, texts: dict[str, str], *, base: int) -> None:
    """Keep a text for this person, apart from the history; `base`: the revision that it was begun from."""
    with transaction() as session:
        services.keep_slot(
            session,
            article_id=article.id,
            audience=Audience(audience),
            locale=Locale(language),
            base_number=base,
            content=dict(texts),
            by=me(),
            at=clock.now(),
        )


@blueprint.post(f"{PLACE}/slot/forget")
@requires(Permission.WRITE)
def forget(article_id: int, audience: str, language: str) -> ResponseReturnValue:
    """Forget what was typed and not saved."""
    article_or_404(article_id)
    with transaction() as session:
        services.clear_slot(
            session,
            article_id=article_id,
            audience=Audience(audience),
            locale=Locale(language),
            person_id=present().id,
        )
    return flask.redirect(
        flask.url_for("articles.edit", article_id=article_id, audience=audience, language=language), 303
    )
