"""The forms of the library: a file with everything that must be said about it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField

from portal.core.forms import Form, at_most, known_choice, one_line, required, stripped
from portal.core.i18n import in_words
from portal.core.settings import Locale
from portal.media.rules import SENTENCES, CaptionsError, Kind, Reason, Refused, find_kind, read_captions
from portal.media.rules.words import LONGEST, Words, wanting

MAX_CAPTIONS_FILE = 300_000
LANGUAGES = [(Locale.HANS.value, "简体中文"), (Locale.HANT.value, "繁體中文"), (Locale.EN.value, "English")]


def refusal(reason: Reason) -> str:
    """Return why a file is refused, and what to do about it."""
    return in_words(SENTENCES[reason])


def captions_problem(problem: CaptionsError) -> str:
    """Return what is wrong with captions, with its line."""
    sentences = {
        "long": lambda: gettext("The captions are too long."),
        "header": lambda: gettext("Captions begin with a line WEBVTT and an empty line."),
        "control": lambda: gettext("There are control characters."),
        "style": lambda: gettext("STYLE and REGION are not taken: the captions look as the viewer wishes."),
        "timing": lambda: gettext("Here must be a time such as 00:00:01.000 --> 00:00:04.000."),
        "order": lambda: gettext("The times do not follow each other, or one ends before it begins."),
        "setting": lambda: gettext("The words after the time are not known."),
        "silent": lambda: gettext("There is a time without words."),
        "markup": lambda: gettext("Captions are plain words, without < and -->."),
        "many": lambda: gettext("There are too many captions."),
        "none": lambda: gettext("There is not a single caption."),
    }
    return str(gettext("Line %(line)d: %(what)s", line=problem.line, what=sentences[problem.code]()))


WANTING = {
    "title": _l("Please fill this in."),
    "alt": _l("Say what can be seen, for people who cannot see it. Or tick that it only decorates."),
    "source": _l("Please fill this in."),
    "licence": _l("Please fill this in."),
    "transcript": _l("Write down what is said, for people who cannot hear it."),
    "captions": _l("A video needs captions for people who cannot hear it."),
}


class TextsForm(Form):
    """What is said about a file."""

    kind: Kind | None = None

    title = StringField(_l("Name"), filters=[stripped], validators=[required(), one_line(), at_most(LONGEST["title"])])
    alt = StringField(
        _l("What can be seen (alt text)"), filters=[stripped], validators=[one_line(), at_most(LONGEST["alt"])]
    )
    decorative = BooleanField(_l("It only decorates: people who cannot see it miss nothing"))
    caption = StringField(_l("Caption"), filters=[stripped], validators=[one_line(), at_most(LONGEST["caption"])])
    source = StringField(
        _l("Source"), filters=[stripped], validators=[required(), one_line(), at_most(LONGEST["source"])]
    )
    licence = StringField(
        _l("Licence"), filters=[stripped], validators=[required(), one_line(), at_most(LONGEST["licence"])]
    )
    ai_generated = BooleanField(_l("Made by AI, wholly or in part"))
    locale = SelectField(
        _l("Language of these texts"), choices=lambda: LANGUAGES, default=Locale.HANS.value, validate_choice=False,
        validators=[known_choice()],
    )  # fmt: skip
    transcript = TextAreaField(_l("Transcript"), filters=[stripped], validators=[at_most(LONGEST["transcript"])])
    captions = TextAreaField(_l("Captions (WebVTT)"), filters=[stripped])
    captions_file = FileField(_l("Captions from a .vtt file"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Required of some kinds only, so no validator says it; the page must not say that they may stay empty.
        for name in ("alt", "locale", "transcript", "captions", "file"):
            if name in self:
                self[name].flags.required = True

    def words(self) -> Words:
        """Return what was typed."""
        return Words(
            title=self.title.data or "",
            alt=self.alt.data or "",
            decorative=self.decorative.data,
            caption=self.caption.data or "",
            source=self.source.data or "",
            licence=self.licence.data or "",
            ai_generated=self.ai_generated.data,
            locale=Locale(self.locale.data),
            transcript=self.transcript.data or "",
            captions=read_captions(self.captions.data) if self.captions.data and self.kind is Kind.VIDEO else "",
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then what this kind of file cannot be without."""
        self._take_captions()
        good = bool(super().validate(extra_validators))
        if self.kind is None:
            return good
        try:
            words = self.words()
        except CaptionsError as problem:
            self.refuse("captions", captions_problem(problem))
            return False
        except ValueError:
            return False  # a language that nobody knows has its error already
        for name in wanting(self.kind, words):
            if not self[name].errors:
                both = name == "alt" and words.alt and words.decorative
                self.refuse(name, _l("It cannot both decorate only and be described.") if both else WANTING[name])
        return good and not self.wrong

    def _take_captions(self) -> None:
        """Put the words of a chosen captions file where they stay when the form is shown again."""
        given = self.captions_file.data
        if not given:
            return
        raw = given.stream.read(MAX_CAPTIONS_FILE + 1)
        text = raw[:MAX_CAPTIONS_FILE].decode("utf-8", "replace").replace("\x00", "")
        self.captions.data = text.strip()


class UploadForm(TextsForm):
    """A new file."""

    file = FileField(_l("File"))

    @property
    def wrong(self) -> list[Field]:
        """The fields that have errors, in the order of the page: the file stands first."""
        return sorted(super().wrong, key=lambda field: field is not self.file)

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at the file first: what must be said depends on its kind."""
        chosen = self.file.data
        problem: Any = None
        if not chosen or not chosen.filename:
            problem = _l("Please choose a file.")
        else:
            try:
                self.kind = kind_of(chosen)
            except Refused as refused:
                problem = refusal(refused.reason)
        good = super().validate(extra_validators)
        if problem is not None:
            self.refuse("file", problem)
        return good and problem is None


class EditForm(TextsForm):
    """What is said about a file that is there."""

    edits = IntegerField(default=0)


class ReplaceForm(Form):
    """Another file under the same key."""

    file = FileField(_l("New file"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.file.flags.required = True


def kind_of(chosen: Any) -> Kind:
    """Return the kind of an uploaded file, read from its beginning.

    Raises:
        Refused: it is none that is taken.
    """
    stream = chosen.stream
    head = stream.read(4096)
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    return find_kind(chosen.filename, head, size)[0]
