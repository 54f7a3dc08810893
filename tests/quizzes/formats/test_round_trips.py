"""What is exported and imported again is the very same question, whatever its texts hold."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.quizzes.rules.formats import EXPORTS, Format, read, write
from portal.quizzes.rules.items import Item
from tests.quizzes.formats.questions import items

LISTS = st.lists(items(), min_size=1, max_size=3, unique_by=lambda item: item.name)


@pytest.mark.parametrize("form", EXPORTS)
@given(bank=LISTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_import_of_an_export_is_the_same(form: Format, bank: list[Item]) -> None:
    reading = read(write(bank, form).data, format=form)
    assert reading.errors == []
    assert reading.items == bank
