"""Anything typed into the form: understood by rule 9, or refused at its box with the rest kept; never an error, never a bad row."""

import re
import secrets
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from resident.metering import value
from resident.metering.reading import Reading
from tests.client import fields
from tests.metering.counters import YEAR

DAY = date(YEAR, 2, 27).isoformat()
ODD = [
    "NaN",
    "1e999",
    "١٢٣",
    "4" * 40,
    "The counter shows four hundred",
    "-1",
    "\u2212472",
    "０４７２",
    "472 m³",
    "0x1d8",
    "1_000",
    "4\n7",
]


def send(tenant, home, black: str, red: str = ""):
    """What the check page says of it, and what confirming that does."""
    typed = {"day": DAY, f"m{home.cold}": black, f"l{home.cold}": red, f"m{home.hot}": "248"}
    return tenant.post("/readings/check", **typed)


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_value_is_refused_at_its_box_with_the_last_value_beside_it_and_the_rest_kept(tenant, home, text):
    answer = send(tenant, home, text)
    assert answer.status_code == 422 and f'id="m{home.cold}-error"' in answer.text and "00466" in answer.text
    kept = fields(answer.text)
    assert kept[f"m{home.hot}"] == "248" and kept["day"] == DAY
    assert re.sub(r"\s", "", kept[f"m{home.cold}"]) == re.sub(r"\s", "", text[:60])
    assert 'aria-invalid="true"' in answer.text and home.values(home.cold)[-1][0] == 466.0


@pytest.mark.parametrize("day", ["", "NaN", "2026-02-30", "31.2.2027", "9" * 400, "0000-00-00", "١٤٤٨-٠١-٠١"])
def test_a_day_that_is_none_is_refused_at_its_field(tenant, home, day):
    answer = tenant.post("/readings/check", 422, **{"day": day, f"m{home.cold}": "472"})
    assert 'href="#day"' in answer.text and fields(answer.text)[f"m{home.cold}"] == "472"


@pytest.mark.parametrize("name", ["m0", "m999999999999", "m1e3", "m-1", "mx", "m" + "9" * 30, "l1", "why1", "p1"])
def test_fields_that_no_page_of_ours_has_are_passed_over(tenant, home, name):
    tenant.post("/readings/check", 422, **{"day": DAY, name: "472"})
    checked = tenant.post("/readings/check", 200, **{"day": DAY, name: "472", f"m{home.hot}": "248"})
    tenant.post("/readings", 303, **fields(checked.text))
    assert home.values(home.hot)[-1][0] == 248.0


@given(black=st.text(max_size=70), red=st.text(max_size=12))
@example(black="NaN", red="")
@example(black="1e999", red="")
@example(black="472", red="١")
@example(black="\x00", red="\x00")
@example(black="\ud800", red="")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_whatever_is_typed_is_understood_or_refused_and_never_a_bad_row(tenant, home, db, black, red):
    black, red = black.encode("utf-8", "ignore").decode(), red.encode("utf-8", "ignore").decode()
    answer = send(tenant, home, black, red)
    assert answer.status_code in (200, 422), answer.status_code
    use = tenant.post(
        f"/readings/use?counter={home.cold}", 200, htmx=True, **{"day": DAY, f"m{home.cold}": black, f"l{home.cold}": red}
    )
    assert len(use.text.encode()) < 2000
    # What a form brings is rid of NUL before anybody sees it.
    black, red = black.replace("\0", ""), red.replace("\0", "")
    try:
        meant = value.parse(black[:60], red[:60], 5, 3)
    except value.BadValue:
        meant = None
    if answer.status_code == 422:
        assert meant is None
    else:
        assert meant is not None or not (black.strip() or red.strip())
    sent = {"day": DAY, f"m{home.cold}": black, f"l{home.cold}": red, f"m{home.hot}": "248", "once": secrets.token_hex(8)}
    stored = tenant.post("/readings", **sent)
    assert stored.status_code in (303, 422)
    if meant is not None and stored.status_code == 303:
        assert home.values(home.cold)[-1] == (meant / 1_000_000, "accepted", True)
    with db.reading() as session:
        good = Reading.value.between(0, 99_999_999_000)
        assert session.scalar(select(func.count()).select_from(Reading).where(~good)) == 0
