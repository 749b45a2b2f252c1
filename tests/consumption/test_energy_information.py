"""The consumption information of a month: each field that annex IX 3 wants, by the list in docs/energy-information.md."""

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from resident.jobs import Job
from resident.metering import energy_information, informing
from resident.metering.consumption import Span
from resident.metering.price import DegreeDays, MediumPrice
from resident.people.person import Person
from tests.consumption.test_consumption_page import page, table
from tests.metering.counters import LONG_AGO, YEAR, meter, move_to, reading

M3 = 1_000_000
MONTH = f"/consumption/information?month={YEAR}-01"
DOCS = Path(__file__).parents[2] / "docs/energy-information.md"


@pytest.fixture
def heated(home, tenant, cast):
    """Heat of 300 kWh in January of YEAR and 400 in the one before, half as cold; with all that a price can say."""
    with home.db.writing() as session:
        (register,) = meter(session, cast, home.unit, "heating", "H-1", installed=date(YEAR - 2, 12, 31))
        for day, value in ((date(YEAR - 1, 1, 31), 400), (date(YEAR - 1, 12, 31), 2000), (date(YEAR, 1, 31), 2300)):
            reading(session, register, day, f"{value}.000")
        about = {"taxes": 203_187, "emissions": 98_000, "mix": {"fi": "Hake 70 %", "en": "Wood chips 70%"}}
        session.add(
            MediumPrice(organisation_id=cast.koivu, medium="heating", first=LONG_AGO, price=95_000, monthly=4 * M3, about=about)
        )
        for month, days in ((f"{YEAR - 1}-01", 800), (f"{YEAR}-01", 400)):
            session.add(DegreeDays(organisation_id=cast.koivu, month=month, value=days * M3))
    return register


def part(text: str, name: str) -> str:
    """The section of a medium."""
    return re.search(rf"<section>\s*<h2>{name}</h2>.*?</section>", text, re.S)[0]


def test_each_field_of_the_list_in_the_docs_is_on_the_page(tenant, home, heated):
    wanted = set(re.findall(r"^\| (?:3|2)[^|]*\| ([^|]+) \|", DOCS.read_text(), re.M))
    heat = part(page(tenant, MONTH), "Heating")
    whole = page(tenant, MONTH)
    shown = {
        "actual use": "300 kWh" in heat,
        "actual price": "€0.095/kWh" in heat and "€4.00/mo." in heat,
        "cost": "€32.50" in heat,
        "fuel mix": "Wood chips 70%" in heat,
        "greenhouse gas emissions": "29.4 kg" in heat and "0.098 kg for one kWh" in heat,
        "taxes, levies, tariffs": "20.31%" in heat and "of it taxes and levies €6.60" in heat,
        "same period of the year before, as a graph": '<svg class="chart"' in heat and "400 kWh" in heat,
        "climate correction for heating": "as cold as this year: 200 kWh" in heat and "50% more than a year before" in heat,
        "contacts of advice agencies with web addresses": "www.motiva.fi" in whole,
        "complaints, ombudsman, alternative dispute resolution": "www.kuluttajariita.fi" in whole and "010 555 0140" in whole,
        "comparison with an average user of the same category": "Median of similar homes" in heat,
        "how an amount not based on actual use was worked out": "How this was worked out" in whole,
        "at least monthly where meters are read remotely; heating may pause outside its season": True,
    }
    assert set(shown) == wanted
    assert [field for field, there in shown.items() if not there] == []


def test_the_table_has_the_figures_of_the_graph(tenant, home, heated):
    rows = table(part(page(tenant, MONTH), "Heating"))
    assert rows[0] == [f"January {YEAR}", "300", "200"]


def test_money_is_for_who_may_see_invoices_and_the_price_for_all(tenant, client, home, heated):
    heat = part(page(client("occupant"), MONTH), "Heating")
    assert "€32.50" not in heat and "€0.095/kWh" in heat


def test_what_nobody_gave_is_left_out(tenant, home):
    cold = part(page(tenant, MONTH), "Cold water")
    assert "6.0 m³" in cold
    for word in ("Carbon", "Made from", "Taxes", "€", "as cold as"):
        assert word not in cold


def test_heating_pauses_outside_its_season(tenant, home, heated):
    with home.db.writing() as session:
        reading(session, heated, date(YEAR, 2, 27), "2300.000")
    move_to(YEAR, 3, 5)
    with home.db.writing() as session:
        reading(session, heated, date(YEAR, 3, 4), "2300.000")
    assert "the heating season is over" in page(tenant, f"/consumption/information?month={YEAR}-02")


@pytest.mark.parametrize("month", ["2027-13", "yesterday", "9999-01", f"{YEAR}-02", f"{YEAR + 3}-01"])
def test_a_month_that_is_none_or_not_over_is_not_there(tenant, home, month):
    tenant.get(f"/consumption/information?month={month}", 404)


def test_a_month_of_which_nothing_is_known_says_so(tenant, home):
    assert "There is no data for this month yet" in page(tenant, f"/consumption/information?month={YEAR - 2}-05")
    assert f"January {YEAR}" in page(tenant, "/consumption/information")
    assert tenant.get("/consumption/information", htmx=True).text.count("<h1") == 1


def test_the_correction_is_exact_and_needs_both_months():
    then = Span(date(2026, 1, 1), date(2026, 1, 31), 400 * M3, False, True, 31)
    degrees = {"2027-01": 400 * M3, "2026-01": 300 * M3}
    assert energy_information.corrected_for(then, degrees, date(2027, 1, 1)).use == 533_333_333
    assert energy_information.corrected_for(then, {"2027-01": 1}, date(2027, 1, 1)) is None
    assert energy_information.corrected_for(then, degrees | {"2026-01": 0}, date(2027, 1, 1)) is None
    assert energy_information.corrected_for(then._replace(days=0), degrees, date(2027, 1, 1)) is None


def test_the_mail_is_chosen_beside_the_other_choices(tenant, home, cast):
    assert "Consumption of each month" in page(tenant, "/details")
    tenant.post("/details/choices/consumption_mail", 303, wanted="yes")
    with home.db.reading() as session:
        assert session.get_one(Person, cast.tenant).consumption_mail
    tenant.post("/details/choices/consumption_mail", 303, wanted="no")
    with home.db.reading() as session:
        assert not session.get_one(Person, cast.tenant).consumption_mail


# ---- The mail --------------------------------------------------------------------------------------------------------


@pytest.fixture
def wanting(home, tenant, cast):
    """The tenant wants the mail; it is 10 February, 10 o'clock UTC."""
    with home.db.writing() as session:
        wants = {"consumption_mail": True, "notify_email": True}
        session.execute(update(Person).where(Person.id == cast.tenant).values(wants))
    move_to(YEAR, 2, 10)


def orders(db) -> list[dict]:
    with db.reading() as session:
        return [job.payload for job in session.scalars(select(Job).where(Job.kind == "mail").order_by(Job.id))]


def test_whoever_chose_it_is_told_once_a_month_by_a_link(db, cast, home, wanting):
    assert informing.tell_all(db) == 1
    assert informing.tell_all(db) == 0
    (order,) = orders(db)
    assert order["person_id"] == cast.tenant and order["path"] == f"/consumption/information?month={YEAR}-01"
    with db.writing() as session:
        reading(session, home.cold, date(YEAR, 2, 28), "478.000")
    move_to(YEAR, 3, 10)
    assert informing.tell_all(db) == 1 and len(orders(db)) == 2


def test_nobody_else_is_told_nor_at_night_nor_before_readings_are_there(db, cast, home, wanting):
    move_to(YEAR, 2, 9)
    assert informing.tell_all(db) == 0
    move_to(YEAR, 2, 10, hour=3)
    assert informing.tell_all(db) == 0
    move_to(YEAR, 3, 10)
    assert informing.tell_all(db) == 0, "February was not read"
    move_to(YEAR, 2, 10)
    with db.writing() as session:
        session.execute(update(Person).values(notify_email=False))
    assert informing.tell_all(db) == 0 and orders(db) == []


def test_the_mail_holds_no_figure_and_no_home(app, db, cast, home, wanting):
    from blueprints._mail_words import renderer
    from resident.delivery import notice

    informing.tell_all(db)
    with db.reading() as session:
        told = notice.of(session, session.scalar(select(Job).where(Job.kind == "mail")))
    subject, text = renderer(app).mail(told)
    assert told.language == "fi" and told.path in text and subject
    assert "6.0" not in text and "6,0" not in text and "Pihlajakuja" not in text and "Aino" not in text


def test_whoever_turned_it_off_meanwhile_gets_nothing(db, cast, home, wanting):
    from resident.delivery import notice

    informing.tell_all(db)
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(consumption_mail=False))
        assert notice.of(session, session.scalar(select(Job).where(Job.kind == "mail"))) is None
        assert session.scalar(select(func.count()).select_from(Job)) == 1
