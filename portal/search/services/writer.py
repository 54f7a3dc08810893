"""From rows of `search_document` to one generation of the index."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from whoosh import index as whoosh_index
from whoosh.query import Or, Term

from portal.core.clock import now
from portal.search.models import files
from portal.search.models.pool import ArrayPool
from portal.search.rules import Words, fold, impacts, serves, sounds_of_characters, spelling, title_tokens

Article = Sequence[sa.Row[Any]]
"""All published editions of one article."""

WAIT_S = 20.0
"""Seconds a writer waits for another one."""


class IndexWriter:
    """Writes articles into a generation; nothing is in force before the pointer says so."""

    def __init__(self, path: Path, words: Words) -> None:
        """Open the generation under `path`; an empty folder becomes a new one."""
        self._path = path
        self._words = words
        if any(path.iterdir()):
            self._index = whoosh_index.open_dir(str(path))
            self._sounds: Mapping[str, str] = json.loads((path / files.SOUNDS).read_bytes())
            self._lexicon: Counter[str] = Counter(json.loads((path / files.LEXICON).read_bytes()))
        else:
            self._sounds = sounds_of_characters()
            self._lexicon = Counter()
            self._index = whoosh_index.create_in(str(path), files.schema())
            files.write_atomically(path / files.VOCABULARY, {"words": words.words, "synonyms": words.synonyms})
            files.write_atomically(path / files.SOUNDS, self._sounds)
            stamp = {"expected": files.expected_stamp(words), "built_at": now().isoformat()}
            files.write_atomically(path / files.STAMP, stamp)
        self._writer = self._open()

    def _open(self) -> Any:
        # Not compound: a segment in one file is copied into memory by each reader, separate files are mapped.
        writer = self._index.writer(timeout=WAIT_S, codec=files.codec(), compound=False)
        # Whoosh 2.7.4 takes a `poolclass` and does not look at it.
        writer.pool = ArrayPool()
        return writer

    def remove(self, slugs: Iterable[str]) -> None:
        """Take out all editions of these articles."""
        self._writer.delete_by_query(Or([Term("slug", slug) for slug in slugs]))

    def add(self, article: Article) -> None:
        """Take in all editions of an article that is not in the index."""
        served = serves([(document.audience, document.locale) for document in article])
        for document in article:
            self._writer.add_document(**self._fields(document, served[document.audience, document.locale]))

    def _fields(self, document: sa.Row[Any], readers: Iterable[str]) -> dict[str, Any]:
        spoken = fold(document.title)
        weights = impacts(
            title=f"{document.title}\n{document.topic_name}",
            key_message=document.key_message,
            summary=document.summary,
            headings=document.headings,
            body=document.body,
            words=self._words,
        )
        self._lexicon.update(weights.words)
        heard = [*title_tokens(spoken, self._sounds), *title_tokens(fold(document.topic_name), self._sounds)]
        return {
            "key": document.key,
            "slug": document.slug,
            "text": weights.text,
            "lead": weights.lead,
            "pinyin": dict.fromkeys(heard, 1.0),
            "serves": " ".join(readers),
            "topic": document.topic,
            "topic_name": document.topic_name,
            "title": document.title,
            "spelling": spelling(spoken),
        }

    def flush(self) -> None:
        """Write what was added so far as a segment of its own, and go on."""
        self._writer.commit(merge=False)
        self._writer = self._open()

    def commit(self, *, merge: bool) -> None:
        """Write everything; `merge` small segments with it, or leave them."""
        # First the words: a word that no document has yet does no harm, and the pointer must follow Whoosh at once.
        files.write_atomically(self._path / files.LEXICON, self._lexicon)
        self._writer.commit(merge=merge)

    def optimise(self) -> None:
        """Write everything as one segment, and forget the words that no document has any more."""
        self._writer.commit(optimize=True)
        reader = self._index.reader()
        holding = {word: int(reader.doc_frequency("text", word)) for word in self._lexicon}
        reader.close()
        files.write_atomically(self._path / files.LEXICON, {word: count for word, count in holding.items() if count})

    def cancel(self) -> None:
        """Give up what was not committed."""
        self._writer.cancel()
