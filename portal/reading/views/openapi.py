"""The description of the read API (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from portal.articles.rules import Kind
from portal.events.rules.lectures import Availability, Mode, Phase, Place
from portal.reference.rules import AUDIENCES, LOCALES

_TEXT = {"type": "string"}
_WHOLE = {"type": "integer"}
_SWITCH = {"type": "boolean"}
_MOMENT = {"type": "string", "format": "date-time"}
_DAY = {"type": "string", "format": "date"}


def _parameter(name: str, schema: dict[str, Any], text: str, *, place: str = "query") -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "description": text, "schema": schema}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _get(name: str, summary: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    def answer(text: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"description": text, "content": {"application/json": {"schema": body}}}

    responses = {"200": answer("Found.", schema), "400": answer("A parameter does not make sense.", _ref("Error"))}
    if any(parameter["in"] == "path" for parameter in parameters):
        responses["404"] = answer("There is no such article, or nothing of it is published.", _ref("Error"))
        responses["410"] = answer("The article was withdrawn.", _ref("Error"))
    return {
        "get": {"operationId": name, "summary": summary, "parameters": list(parameters), "responses": responses},
    }


_AUDIENCE = _parameter(
    "audience",
    {"type": "string", "enum": list(AUDIENCES), "default": AUDIENCES[0].value},
    "Whom the text is written for.",
)
_LOCALE = _parameter("locale", {"type": "string", "enum": list(LOCALES), "default": LOCALES[0].value}, "Language.")
_LIMIT = _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "At most so many.")
_OFFSET = _parameter("offset", {"type": "integer", "minimum": 0, "maximum": 1_000_000, "default": 0}, "Skip so many.")
_QUERY = _parameter("q", {"type": "string", "maxLength": 100}, "What to look for.")
_CARD = {
    "slug": _TEXT,
    "topic": _TEXT,
    "audience": _TEXT,
    "locale": _TEXT,
    "title": _TEXT,
    "summary": _TEXT,
    "minutes": _WHOLE,
    "checked_on": _DAY,
    "kind": {"type": "string", "enum": list(Kind)},
    "expires_at": {"type": ["string", "null"], "format": "date-time"},
    "published_at": {"type": "string", "format": "date-time"},
    "url": _TEXT,
}
_ANY = {"type": "object"}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Mingbai read API",
        "version": "1",
        "description": "Published articles against fraud, for privacy and for investing within reason; lectures.",
        "license": {"name": "The content's own terms", "url": "https://www.example.org/terms"},
    },
    "paths": {
        "/api/v1/search": _get(
            "search",
            "Search articles; one edition of each.",
            _object(results=_list(_ref("Hit")), total=_WHOLE, took_ms={"type": "number"}),
            _QUERY,
            _AUDIENCE,
            _LOCALE,
            _LIMIT,
        ),
        "/api/v1/suggest": _get(
            "suggest",
            "Complete what is being typed.",
            _object(suggestions=_list(_object(text=_TEXT, url={"type": ["string", "null"]}))),
            _parameter("q", _TEXT, "What was typed so far."),
            _AUDIENCE,
            _LOCALE,
        ),
        "/api/v1/articles": _get(
            "listArticles",
            "List what an audience can read, oldest first.",
            _object(articles=_list(_ref("Article")), total=_WHOLE),
            _AUDIENCE,
            _LOCALE,
            _LIMIT,
            _OFFSET,
            _parameter("topic", _TEXT, "Only this topic, or the topics of this group."),
        ),
        "/api/v1/articles/{slug}": _get(
            "getArticle",
            "One article with text, facts and sources.",
            _ref("FullArticle"),
            _parameter("slug", _TEXT, "The article's name in its address.", place="path"),
            _AUDIENCE,
            _LOCALE,
        ),
        "/api/v1/events": _get(
            "listEvents",
            "List the lectures to come for an audience and for everybody, the next first.",
            _object(events=_list(_ref("Event")), total=_WHOLE),
            _AUDIENCE,
            _LOCALE,
            _LIMIT,
            _OFFSET,
            _parameter("topic", _TEXT, "Only this topic, or the topics of this group."),
            _parameter("district", _TEXT, "Only this district."),
            _parameter(
                "online", {"type": "string", "enum": ["0", "1"], "default": "0"}, "1: only what is also online."
            ),
        ),
    },
    "components": {
        "schemas": {
            "Hit": _object(
                slug=_TEXT,
                audience=_TEXT,
                locale=_TEXT,
                title=_TEXT,
                summary=_TEXT,
                score={"type": "number"},
                url=_TEXT,
            ),
            "Article": _object(**_CARD),
            "FullArticle": _object(
                **_CARD,
                key_message=_TEXT,
                html=_TEXT,
                facts=_list(_ANY),
                sources=_list(_ANY),
                review_by=_DAY,
                editions=_list(_object(audience=_TEXT, locale=_TEXT, url=_TEXT)),
            ),
            "Event": _object(
                slug=_TEXT,
                topic=_TEXT,
                audience=_TEXT,
                district=_TEXT,
                mode={"type": "string", "enum": list(Mode)},
                phase={"type": "string", "enum": list(Phase)},
                title=_TEXT,
                starts_at=_MOMENT,
                ends_at=_MOMENT,
                previous_starts_at={"type": ["string", "null"], "format": "date-time"},
                opens_at=_MOMENT,
                closes_at=_MOMENT,
                venue=_TEXT,
                address=_TEXT,
                step_free=_SWITCH,
                hearing_loop=_SWITCH,
                sign_language=_SWITCH,
                seats=_list(
                    _object(
                        place={"type": "string", "enum": list(Place)},
                        availability={"type": "string", "enum": list(Availability)},
                    )
                ),
                url=_TEXT,
            ),
            "Error": _object(error=_ANY),
        }
    },
}
