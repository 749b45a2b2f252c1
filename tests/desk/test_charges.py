"""What is charged, at the desk: charge types, prices, VAT, weights of homes, sums of tenures announced ahead."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from resident import clock
from resident.charging import sheets
from resident.charging.charge import ChargeType, Tariff, TenureAmount, UnitWeight, VatRate
from resident.jobs import Job
from resident.people.person import Person
from resident.people.post import Post, PostBuilding
from tests.charging.house import House

URL = "/desk/charges"
TODAY = clock.today("Europe/Helsinki")
MONTH = TODAY.replace(day=1)


def fresh(client, **given) -> dict:
    form = client.form(f"{URL}/new") | {"code": "HEAT", "name-fi": "Lämpö", "basis": "cost", "key": "area", "kinds": "home"}
    return form | {"once": uuid4().hex, "media": ""} | given


def made(db, table):
    with db.reading() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def add(client, db, **given) -> int:
    client.post(URL, 303, **fresh(client, **given))
    return made(db, ChargeType)[-1].id


def test_a_charge_is_added_and_what_is_wrong_is_said_at_its_field(db, desk, cast):
    client = desk("accountant")
    page = client.post(URL, 422, **fresh(client, **{"name-fi": "", "code": "HEAT", "key": "fixed", "first": "soon"})).text
    assert 'id="first-error"' in page and 'value="HEAT"' in page
    assert 'id="key-error"' in client.post(URL, 422, **fresh(client, key="fixed")).text
    assert 'id="name-fi-error"' in client.post(URL, 422, **fresh(client, **{"name-fi": ""})).text
    id = add(client, db)
    assert "is taken" in client.post(URL, 422, **fresh(client)).text
    (row,) = made(db, ChargeType)
    assert (row.code, row.name, row.measure, row.unit_kinds) == ("HEAT", {"fi": "Lämpö"}, "m2", "home")
    form = client.form(f"{URL}/{id}/details")
    client.post(f"{URL}/{id}/details", 303, **form | {"last": TODAY.isoformat(), "kinds": "home"})
    assert "Look at it again" in client.post(f"{URL}/{id}/details", 409, **form | {"kinds": "home"}).text
    assert made(db, ChargeType)[0].last == TODAY


def test_prices_and_vat_have_days_and_are_read_as_typed(db, desk, cast):
    client = desk("accountant")
    id = add(client, db, basis="tariff")
    price = {"price": "4,25", "price-first": MONTH.isoformat(), "building": str(cast.building), "membership": "member"}
    client.post(f"{URL}/{id}/prices", 303, **price)
    assert 'id="price-error"' in client.post(f"{URL}/{id}/prices", 422, **price | {"price": "1.000,5"}).text
    client.post(f"{URL}/{id}/vat", 303, **{"rate": "25,5", "net": "1", "vat-first": MONTH.isoformat()})
    assert 'id="rate-error"' in client.post(f"{URL}/{id}/vat", 422, **{"rate": "101", "vat-first": MONTH.isoformat()}).text
    (tariff,), (vat,) = made(db, Tariff), made(db, VatRate)
    assert (tariff.price, tariff.building_id, tariff.membership) == (4_250_000, cast.building, "member")
    assert (vat.rate, vat.net) == (2550, True)
    page = client.get(f"{URL}/{id}").text
    assert "4.25" in page and "25.5%" in page and "Members" in page
    client.post(f"{URL}/prices/{tariff.id}/removal", 303)
    assert not made(db, Tariff)


def test_a_price_of_days_that_are_billed_names_the_first_free_day(db, desk, cast):
    with db.writing() as session:
        house = House(session, cast)
        id = house.charge("FEE", "tariff", "equal")
        house.period("2026-07", "closed")
    page = (
        desk("accountant").post(f"{URL}/{id}/prices", 422, **{"price": "1", "price-first": "2026-07-15", "membership": "all"}).text
    )
    assert "July 2026 are shared out already. Choose 01/08/2026" in page or "8/1/2026" in page or "1 Aug" in page
    assert not made(db, Tariff)


def test_weights_of_a_building_are_saved_together(db, desk, cast):
    client = desk("accountant")
    id = add(client, db, key="weights")
    url = f"{URL}/{id}/weights"
    form = client.form(url) | {"first": MONTH.isoformat()}
    client.post(url, 303, **form | {f"w{cast.unit_a1}": "1,5", f"w{cast.unit_a2}": "2"})
    assert sorted((row.unit_id, row.value) for row in made(db, UnitWeight)) == [
        (cast.unit_a1, 1_500_000),
        (cast.unit_a2, 2_000_000),
    ]
    assert "Somebody changed this sheet" in client.post(url, 422, **form | {f"w{cast.unit_a1}": "9"}).text


def test_a_sheet_of_many_homes_is_saved_page_by_page(db, desk, cast):
    with db.writing() as session:
        house = House(session, cast)
        for number in range(1, sheets.ROWS + 3):
            house.home(str(number))
            house.hold(f"Holder {number}", str(number))
        of = {
            sheet: house.charge(sheet.upper(), "amount" if sheet == "amounts" else "tariff", "fixed")
            for sheet in ("weights", "amounts")
        }
        ids = {"weights": ("w", house.units), "amounts": ("a", {n: house.tenures[f"Holder {n}"] for n in house.units})}
    client, last = desk("accountant"), sheets.ROWS + 1
    for sheet, (letter, named) in ids.items():
        url = f"{URL}/{of[sheet]}/{sheet}?building={house.building}"
        first, field = client.get(url).text, [f'name="{letter}{named[str(one)]}"' for one in (1, last)]
        assert field[0] in first and field[1] not in first
        form = client.form(url) | {"first": MONTH.isoformat()}
        wrong = form | {f"{letter}{named['2']}": "no", f"{letter}{named['3']}": "7"}
        assert 'value="no"' in (page := client.post(url, 422, **wrong).text) and 'value="7"' in page
        onward = client.post(url, 303, **form | {f"{letter}{named['1']}": "3", "go": "next"}).location
        second = client.get(onward).text
        assert field[0] not in second and field[1] in second and f"{last + 1}</th>" in second.replace("<small>", "</th>")
        form = client.form(onward) | {"first": MONTH.isoformat(), f"{letter}{named[str(last)]}": "4"}
        client.post(url, 303, **form)
        found = client.get(f"{url}&text={last}").text
        assert field[0] not in found and field[1] in found
    assert [row.value for row in made(db, UnitWeight)] == [3_000_000, 4_000_000]
    assert [row.amount for row in made(db, TenureAmount)] == [300, 400]


def test_a_new_rent_is_announced_and_its_holder_told_and_sees_it(db, desk, cast, client):
    with db.writing() as session:
        tenant = session.get(Person, cast.tenant)
        tenant.email, tenant.notify_email = "aino@example.org", True
    office = desk("accountant")
    id = add(office, db, code="RENT", basis="amount", **{"name-fi": "Vuokra", "name-en": "Rent"})
    url, first = f"{URL}/{id}/amounts", MONTH + timedelta(days=80)
    form = office.form(url) | {"first": first.isoformat(), "tell": "yes"}
    page = office.post(url, 422, **form | {f"a{cast.tenure_a1}": "1.234,5"}).text
    assert f'id="a{cast.tenure_a1}-error"' in page and "1.234,5" in page
    office.post(url, 303, **form | {f"a{cast.tenure_a1}": "612,40", f"a{cast.tenure_a2}": "500"})
    rows = {row.tenure_id: row for row in made(db, TenureAmount)}
    row = rows[cast.tenure_a1]
    assert (row.amount, row.first, row.announced) == (61240, first, TODAY)
    with db.reading() as session:
        assert [job.payload["kind"] for job in session.scalars(select(Job)) if job.payload.get("person_id") == cast.tenant] == [
            "amount"
        ]
    page = desk("tenant").get("/agreement").text
    assert "What is paid each month" in page and "€612.40" in page and "told on" in page


def test_posts_of_one_building_do_not_change_what_all_are_charged(db, desk, cast):
    client = desk("accountant")
    id = add(client, db)
    with db.writing() as session:
        post = session.scalar(select(Post.id).where(Post.person_id == cast.accountant))
        session.add(PostBuilding(post_id=post, building_id=cast.building))
    assert "Change or end" not in client.get(f"{URL}/{id}").text
    client.get(f"{URL}/{id}/details", 403)


def test_a_charge_takes_chosen_registers_and_the_list_says_what_is_charged_by_none_and_by_several(db, desk, cast):
    with db.writing() as session:
        house = House(session, cast)
        house.home("1")
        house.meter("1", "electricity", names=("day", "night"))
    client = desk("accountant")
    power = {"code": "DAY", "basis": "tariff", "key": "meter", "media": "electricity"}
    id = add(client, db, **power | {"registers": "day"})
    assert made(db, ChargeType)[0].registers == ["day"]
    assert client.form(f"{URL}/{id}/details")["registers"] == "day"
    page = client.get(URL).text
    assert page.count("No charge bills it") == 1 and "2 charges bill it" not in page
    add(client, db, **power | {"code": "ALL"})
    page = client.get(URL).text
    assert "No charge bills it" not in page and page.count("2 charges bill it") == 1
    assert "Registers that count" in client.get(f"{URL}/{id}").text
