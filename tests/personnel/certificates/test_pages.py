"""What the pages of a certificate offer, and to whom."""

from typing import Any
from uuid import UUID

from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch_value
from personnel.certificates.labels import STATE_NAMES, VERB_NAMES
from personnel.certificates.pages import ORDERS
from tests import cast
from tests.web import ClientFor

ACTIONS = "<h2>办理</h2>"


async def _certificate(officer: UUID) -> Any:
    return await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)


async def test_whoever_can_do_nothing_with_a_certificate_is_shown_no_empty_section(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district)
    path = f"/certificates/{await _certificate(officer)}"
    own = (await (await client_for(Role.OFFICER, district.root, officer=officer)).get(path)).text
    assert "登记记录" in own
    assert ACTIONS not in own
    assert "没有可办的事项" not in own
    justice = (await (await client_for(Role.JUSTICE_BUREAU, district.root)).get(path)).text
    assert ACTIONS in justice


async def test_readers_are_told_why_nothing_is_done_with_a_revoked_certificate(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await cast.an_officer(district)
    certificate = await _certificate(officer)
    await cast.happened(officer, certificate, "revoke", cast.LONG_AGO)
    page = await (await client_for(Role.JUSTICE_BUREAU, district.root)).get(f"/certificates/{certificate}")
    assert "吊销、注销后不再办理。" in page.text


async def test_a_button_says_what_it_does_and_the_record_what_was_done(
    client_for: ClientFor, district: cast.District
) -> None:
    certificate = await _certificate(await cast.an_officer(district))
    justice = await client_for(Role.JUSTICE_BUREAU, district.root)
    page = (await justice.get(f"/certificates/{certificate}")).text
    for path, words in (("suspend", "办理暂扣"), ("revoke", "办理吊销"), ("cancel", "办理注销")):
        assert f'href="/certificates/{certificate}/{path}"><span>{words}</span>' in page
    form = (await justice.get(f"/certificates/{certificate}/revoke")).text
    assert '<button class="button danger">办理吊销</button>' in form


def test_what_is_to_be_done_what_was_done_and_how_it_stands_are_translated_apart() -> None:
    assert set(ORDERS.values()).isdisjoint([*VERB_NAMES.values(), *STATE_NAMES.values()])
