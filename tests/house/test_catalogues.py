"""Every word of the interface is translated."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest
from babel.messages import Catalog

from tests.house.files import ROOT


@pytest.fixture(scope="module")
def update() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update", ROOT / "portal/translations/update.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def extracted(update: ModuleType) -> Catalog:
    found: Catalog = update.extract()
    return found


def keys(catalogue: Catalog) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in catalogue if message.id}


def test_the_sources_have_messages(extracted: Catalog) -> None:
    assert len(keys(extracted)) > 100


@pytest.mark.parametrize("name", ["zh_Hans", "zh_Hant"])
def test_the_catalogue_holds_exactly_the_messages_of_the_sources(
    update: ModuleType, extracted: Catalog, name: str
) -> None:
    assert keys(update.read(name)) == keys(extracted)


@pytest.mark.parametrize("name", ["zh_Hans", "zh_Hant"])
def test_every_message_is_translated_and_keeps_its_placeholders(update: ModuleType, name: str) -> None:
    place = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    for message in update.read(name):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(text.strip() or sources == (": ",) for text in texts), message.id
        assert not message.fuzzy, message.id
        for text in texts:
            assert sorted(place.findall(text)) == sorted(place.findall(sources[-1])), message.id


def test_zh_hant_is_what_the_conversion_gives(update: ModuleType) -> None:
    stored = (ROOT / "portal/translations/zh_Hant/LC_MESSAGES/messages.po").read_bytes()
    assert stored == update.text(update.filled(update.read("zh_Hans")))
