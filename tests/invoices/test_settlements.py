"""Settlements of advances: the desk's steps from months to invoices and back, and what a resident reads of them (S6)."""

import re
from datetime import date, timedelta

from sqlalchemy import select

from resident import clock
from resident.charging import settlement, settling
from resident.charging.settlement import SettlementPart, SettlementRun
from tests.charging.house import House
from tests.invoices import books


def winter(db, cast) -> House:
    """Two homes, one month: heat for 300.00 that is settled, 100.00 asked in advance of each."""
    with db.writing() as session:
        house = House(session, cast)
        for number, name in (("1", "Kask"), ("2", "Lepp")):
            house.home(number)
            house.hold(name, number)
        house.charge("HEAT", "cost", "area", billed="settlement")
        house.charge("HEATING", "amount", advance=True, settles_id=house.charges["HEAT"])
        for name in ("Kask", "Lepp"):
            house.amount("HEATING", name, "100.00")
        house.period("2026-01")
        house.cost("2026-01", "HEAT", "300.00")
        house.allocate("2026-01")
    return house


def test_the_desk_works_it_out_looks_confirms_and_takes_back(client, cast, db):
    house, accountant = winter(db, cast), client("accountant")
    chosen = {"building": house.building, "first": "2026-01", "last": "2026-01"}
    assert "Work the settlement out" in accountant.get(f"/desk/settlements?building={house.building}").text
    refused = accountant.post("/desk/settlements", 422, once="s1", **chosen).text
    assert "not confirmed yet, so their advances are not known: January 2026." in refused
    with db.writing() as session:
        house.session = session
        house.periods["2026-01"] = session.merge(house.periods["2026-01"])
        house.confirm("2026-01")
    url = accountant.post("/desk/settlements", 303, once="s2", **chosen).headers["Location"]
    text = accountant.get(url).text
    assert text.count("€150.00") == 0 and text.count("150.00") >= 2 and "€100.00" in text and "Confirm the settlement" in text
    accountant.post(url + "/confirmation", status=303)
    text = accountant.get(url).text
    assert "Take the settlement back" in text
    delivery = re.search(r'href="(/desk/billing/\d+/deliveries)"', text)[1]
    assert "Delivery of invoices" in accountant.get(delivery).text
    again = accountant.post(url + "/confirmation", status=422).text
    assert "Somebody did this step before you." in again
    accountant.post(url + "/withdrawal", status=303)
    accountant.post(url + "/withdrawal", status=303)
    accountant.get(url, status=404)


def test_its_homes_are_walked_page_by_page_and_found_by_number(client, cast, db, monkeypatch):
    monkeypatch.setattr(settlement, "ROWS", 1)
    house, accountant = winter(db, cast), client("accountant")
    with db.writing() as session:
        house.session = session
        house.periods["2026-01"] = session.merge(house.periods["2026-01"])
        house.confirm("2026-01")
        run = settling.prepare(session, house.building, "2026-01", "2026-01", by=house.by).id
        second = session.scalar(select(SettlementPart.id).where(SettlementPart.run_id == run, SettlementPart.position == 2))
    url = f"/desk/settlements/{run}"
    homes = [">1</a>", ">2</a>"]
    for where, there in (("", [True, False]), ("?after=1", [False, True]), ("?text=2", [False, True]), ("?text=3", [False, False])):
        text = accountant.get(url + where).text
        assert [home in text for home in homes] == there, where
        assert "300.00" in text and ("Next<svg" in text) == (where == "")
    assert "<h1>Home 2</h1>" in accountant.get(f"/desk/settlements/homes/{second}").text


def test_rent_control_looks_and_changes_nothing(client, cast, db):
    house, control = winter(db, cast), client("control")
    text = control.get(f"/desk/settlements?building={house.building}").text
    assert "No advances of this building have been settled yet." in text and "Settle months" not in text
    control.post("/desk/settlements", 403, once="s", building=house.building)


def test_a_resident_reads_it_month_by_month(client, cast, db):
    today = clock.today("Europe/Helsinki")
    months = [
        {
            "charge": 1, "name": {"en": "Water"}, "measure": "m³",
            "months": [
                {"name": "2026-01", "quantity": 3_000_000, "charged": 1500, "advance": 2000},
                {"name": "2026-02", "quantity": 2_000_000, "charged": 1000, "advance": 2000},
            ],
        }
    ]  # fmt: skip
    with db.writing() as session:
        to = books.account(cast, session, cast.tenure_a1, number="1001")
        due = today + timedelta(days=9)
        made = books.invoice(cast, session, to, date(2026, 3, 1), due, -1500, kind="settlement", month="2026-02")
        run = SettlementRun(building_id=cast.building, first="2026-01", last="2026-02", state="confirmed", made_at=clock.now())
        part = SettlementPart(
            run_id=cast.add(session, run), tenure_id=cast.tenure_a1, account_kind="running", unit_id=cast.unit_a1, position=1,
            charged=2500, advances=4000, total=-1500, lines=[], months=months, invoice_id=made,
        )  # fmt: skip
        cast.add(session, part)
    tenant = client("tenant")
    assert f"/invoices/{made}/settlement" in tenant.get("/invoices/settlements").text
    assert f"/invoices/{made}/settlement" in tenant.get(f"/invoices/{made}").text
    text = tenant.get(f"/invoices/{made}/settlement").text
    for said in ("January 2026 to February 2026", "€15.00 more was asked in advance than used.", "3\u00a0m³", "It is credit"):
        assert said in text, said
    client("neighbour").get(f"/invoices/{made}/settlement", status=404)
