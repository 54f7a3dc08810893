"""Whatever stands in the address of a desk page, the page is no fault of ours."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.accounts.rules import Role
from tests.accounts.helpers import person, sign_in


@pytest.mark.parametrize(
    "path",
    [
        "/desk/?show=%00",
        "/desk/articles/?q=%00&topic=%00&audience=%00&state=%00",
        "/desk/media/?q=%00&kind=%00&state=%00",
        "/desk/audit?actor=%00&person=%00&tag=%00&target=%00&from=%00&to=%00&before=%00",
        "/desk/audit?before=99999999999999999999999",
        "/desk/helpful?quarter=%00",
        "/desk/helpful.csv?quarter=%00",
        "/desk/sign-in?next=%00&language=%00",
    ],
)
def test_no_filter_breaks_a_page(app: Flask, path: str) -> None:
    everybody = person(None, *(Role.AUTHOR, Role.REVIEWER, Role.ANALYST, Role.ADMINISTRATOR))
    assert sign_in(app.test_client(), everybody).get(path).status_code < 500
