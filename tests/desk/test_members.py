"""Members and non-members: who pays which price, entered on one sheet, not on days that are billed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.charging import charges
from resident.charging.charge import Membership
from resident.people.person import Person
from resident.people.tenure import Tenure
from tests.charging.house import House

URL = "/desk/members"
TODAY = clock.today("Europe/Helsinki")


def test_a_sheet_says_who_is_a_member_and_takes_changes(db, desk, cast):
    client, url = desk("accountant"), f"{URL}?building={cast.building}"
    assert URL in client.get("/desk/charges").text
    assert f"{url}&amp;tenure={cast.tenure_a1}" in desk("office").get(f"/desk/tenures/{cast.tenure_a1}").text
    form = client.form(url) | {"first": TODAY.isoformat()}
    assert "Choose member or non-member" in client.post(URL, 422, **form).text
    text = client.post(URL, 422, **form | {"first": "soon", f"m{cast.tenure_a1}": "yes"}).text
    assert 'id="first-error"' in text and '<option value="yes" selected>' in text
    client.post(URL, 303, **form | {f"m{cast.tenure_a1}": "yes"})
    with db.reading() as session:
        assert [(row.tenure_id, row.member, row.first) for row in session.scalars(select(Membership))] == [
            (cast.tenure_a1, True, TODAY)
        ]
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "membership_changed"))
        assert event.facts == {"what": "membership", "first": TODAY.isoformat()}
    assert "Somebody changed this sheet" in client.post(URL, 422, **form | {f"m{cast.tenure_a1}": "no"}).text
    later = TODAY + timedelta(days=40)
    client.post(URL, 303, **client.form(url) | {"first": later.isoformat(), f"m{cast.tenure_a1}": "no"})
    row = client.get(url).text.split(f'id="t{cast.tenure_a1}"')[1].split("</tr>")[0]
    assert row.index("Member<small>from") < row.index("Non-member<small>from")


def test_who_is_not_disclosed_is_not_named(db, desk, cast):
    client, url = desk("accountant"), f"{URL}?building={cast.building}"
    with db.reading() as session:
        name = session.get_one(Person, cast.tenant).name
    assert name in client.get(url).text
    with db.writing() as session:
        session.get_one(Person, cast.tenant).non_disclosure = True
    sheet = client.get(url).text
    assert f'id="t{cast.tenure_a1}"' in sheet and name not in sheet
    desk("board").get(f"{URL}?building={cast.building}", 404)


def test_members_pay_their_price_and_billed_days_stay(db, cast):
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", "10")
        house.hold("Kask", "1")
        house.charge("CARE", "tariff", "area")
        house.price("CARE", "4.00", membership="member")
        house.price("CARE", "6.00", membership="non_member")
        tenure = session.get(Tenure, house.tenures["Kask"])
        charges.put_member(session, tenure, False, date(2026, 3, 1), by=house.by)
        house.period("2026-03")
        assert house.drafted("2026-03") == {("Kask", "1", "CARE"): 6000}
        house.confirm("2026-03")
        with pytest.raises(charges.DaysBilled) as refused:
            charges.put_member(session, tenure, True, date(2026, 3, 31), by=house.by)
        assert refused.value.first == date(2026, 4, 1)
        charges.put_member(session, tenure, True, date(2026, 4, 1), by=house.by)
