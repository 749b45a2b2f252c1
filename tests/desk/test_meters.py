"""Meters at the desk: the list and its filters, one meter, adding and correcting, the guided change, taking out."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from resident.homes.building import Building
from resident.metering import meter_list
from resident.metering.meter import Meter, Register
from tests.metering.conftest import Home
from tests.metering.counters import YEAR, meter, move_to, reading

DAY = date(YEAR, 2, 10)


@pytest.fixture
def home(db, cast, later) -> Home:
    move_to(YEAR, 2, 27)
    return Home(db, cast)


def by_serial(home, serial: str) -> Meter:
    with home.db.reading() as session:
        return session.scalars(select(Meter).where(Meter.serial == serial)).one()


def main_of(home, cast, serial="M-1", **given) -> int:
    with home.db.writing() as session:
        given = {"organisation_id": cast.koivu, "medium": "cold_water", "measure": "m³", "installed": date(2015, 1, 1)} | given
        made = Meter(building_id=cast.building, serial=serial, **given)
        session.add(made)
        session.flush()
        session.add(Register(meter_id=made.id, name="", digits=6, decimals=3))
        return made.id


# ---- The list --------------------------------------------------------------------------------------------------------


def test_page_after_page_shows_each_meter_of_many_buildings_once_in_their_order(home, desk, cast):
    given = {"organisation_id": cast.koivu, "measure": "m³", "installed": date(2015, 1, 1)}
    with home.db.writing() as session:
        for n in range(2 * meter_list.NEAR):
            session.add(made := Building(organisation_id=cast.koivu, code=f"Q{n:02}", address=f"Koivukuja {n}"))
            session.flush()
            # Some buildings have none, so that the nearest ones are not always enough for a page.
            of = range(9) if n % 3 else ()
            session.add_all(Meter(building_id=made.id, medium="gas", serial=f"N-{n:02}{one}", **given) for one in of)
    office, found, url = desk("office"), [], "/desk/meters?medium=gas"
    while url:
        text = office.get(url).text
        found += re.findall(r">(N-\d+)</a>", text)
        onward = re.search(r'href="(/desk/meters\?[^"]*after=[^"]*)"[^>]*>Next', text)
        url = onward and unescape(onward[1])
    assert len(found) == 9 * 2 * meter_list.NEAR * 2 // 3 and found == sorted(set(found))


def shown(office, **filters) -> set[str]:
    address = "&".join(f"{name}={value}" for name, value in filters.items())
    text = office.get(f"/desk/meters?{address}").text
    return {serial for serial in ("21-1", "21-2", "M-1", "B-1", "G-1") if f">{serial}</a>" in text}


def test_the_list_narrows_by_what_its_address_says(home, desk, cast):
    main_of(home, cast)
    with home.db.writing() as session:
        meter(session, cast, cast.unit_b10, "cold_water", "B-1", remote=True, verified_until=date(YEAR, 5, 31))
        meter(session, cast, cast.unit_a2, "hot_water", "G-1", removed=date(YEAR, 1, 5))
    office = desk("office")
    assert shown(office) == {"21-1", "21-2", "M-1", "B-1"}
    assert shown(office, building=cast.building, medium="hot_water") == {"21-2"}
    assert shown(office, of="building") == {"M-1"} and shown(office, of="home") == {"21-1", "21-2", "B-1"}
    assert shown(office, remote="yes") == {"B-1"} and shown(office, remote="no") == {"21-1", "21-2", "M-1"}
    assert shown(office, state="archived") == {"G-1"}
    assert shown(office, ends=f"{YEAR}-06-01") == {"B-1"} and shown(office, ends=f"{YEAR}-05-31") == set()
    assert shown(office, serial="21-") == {"21-1", "21-2"} and shown(office, serial="%25") == set()
    assert shown(office, ends="soon", remote="perhaps", building="x") == {"21-1", "21-2", "M-1", "B-1"}


def test_the_list_goes_on_page_by_page_without_losing_or_repeating(home, desk, cast):
    with home.db.writing() as session:
        for number in range(70):
            meter(session, cast, cast.unit_b10, "electricity", f"E-{number:03d}", place=f"{number}")
    office, seen, url = desk("office"), [], "/desk/meters"
    while url:
        text = office.get(url).text
        seen += [line.split("</a>")[0].split(">")[-1] for line in text.split('scope="row"><a ')[1:]]
        url = text.split('class="go" href="')[-1].split('"')[0].replace("&amp;", "&") if ">Next<" in text else None
    assert len(seen) == len(set(seen)) == 72


def test_the_list_asks_no_more_for_many_meters_than_for_one(home, desk, cast, asked):
    office = desk("office")
    with asked() as few:
        office.get("/desk/meters")
    with home.db.writing() as session:
        for number in range(30):
            meter(session, cast, cast.unit_b10, "electricity", f"E-{number}", place=f"{number}")
    with asked() as many:
        office.get("/desk/meters")
    assert len(few) == len(many)


def test_a_supplier_sees_its_medium_the_council_all_and_neither_changes_anything(home, desk, cast):
    main_of(home, cast)
    cold, hot = by_serial(home, "21-1").id, by_serial(home, "21-2").id
    supplier, council = desk("provider"), desk("council")
    assert shown(supplier) == {"21-1", "M-1"} and shown(council) == {"21-1", "21-2", "M-1"}
    supplier.get(f"/desk/meters/{hot}", 404)
    for one in (supplier, council):
        assert "Record a change" not in one.get(f"/desk/meters/{cold}").text
        for page in ("details", "change", "removal"):
            one.get(f"/desk/meters/{cold}/{page}", 403)
        one.get(f"/desk/meters/new?unit={home.unit}", 403)
    desk("board").get(f"/desk/meters/{cold}", 404)
    desk("board").get(f"/desk/meters/new?unit={home.unit}", 404)
    desk("caretaker").get("/desk/meters", 403)


# ---- Adding and correcting -------------------------------------------------------------------------------------------


def filled(office, url: str, **given) -> dict:
    return office.form(url) | {"serial": " 24-9 ", "place": "bath", "medium": "cold_water", "measure": "m³"} | given


def test_the_desk_adds_a_sub_meter_with_two_registers_to_a_home(home, desk, cast):
    office, main = desk("office"), main_of(home, cast, medium="electricity", measure="kWh")
    form = filled(office, f"/desk/meters/new?unit={home.unit}", medium="electricity", measure="kWh", **{"main-meter": str(main)})
    two = {"name-1": "day", "digits-1": "6", "decimals-1": "0", "name-2": "night", "initial-2": "12"}
    answer = office.post("/desk/meters", 303, **form | two)
    made = by_serial(home, "24-9")
    assert answer.headers["Location"] == f"/desk/meters/{made.id}"
    assert (made.unit_id, made.main_id, made.place, made.installed) == (home.unit, main, "bath", home.organisation.today)
    text = office.get(f"/desk/meters/{made.id}").text
    assert "Main meter" in text and "M-1" in text and "Night" in text and "digits before the point: 6, after it: 0" in text
    assert "1 meter behind this one" in office.get(f"/desk/meters/{main}").text
    # Sent twice, made once.
    office.post("/desk/meters", 303, **form | two)
    assert by_serial(home, "24-9").id == made.id


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"serial": " "}, "serial", "number that stands on the meter"),
        ({"medium": ""}, "medium", "Choose the medium"),
        ({"place": ""}, "place", "another meter of this medium"),
        ({"measure": ""}, "measure", "m³ or kWh"),
        ({"installed": "soon"}, "installed", "Write the day as year"),
        ({"installed": f"{YEAR}-02-28"}, "installed", "has not come yet"),
        ({"coefficient": "half"}, "coefficient", "such as 1 or 0.5"),
        ({"coefficient": "0"}, "coefficient", "above zero"),
        ({"digits-1": "٣"}, "digits-1", "1 to 12"),
        ({"initial-1": "NaN"}, "initial-1", "Write digits only"),
        ({"initial-1": "1e999"}, "initial-1", "Write digits only"),
        ({"name-2": "night"}, "name-1", "each needs a name"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_everything_typed_stays(home, desk, given, field, words):
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().place = "kitchen"
    office = desk("office")
    told = office.post("/desk/meters", 422, **filled(office, f"/desk/meters/new?unit={home.unit}", **given)).text
    assert f'href="#{field}"' in told and words in told and ("24-9" in told or "serial" in given)
    with home.db.reading() as session:
        assert session.scalar(select(Meter.id).where(Meter.serial == "24-9")) is None


def test_details_are_corrected_and_a_correction_made_meanwhile_is_told(home, desk):
    office, cold = desk("office"), by_serial(home, "21-1").id
    url = f"/desk/meters/{cold}/details"
    form = office.form(url)
    assert (form["serial"], form["digits-1"], form["coefficient"]) == ("21-1", "5", "1")
    office.post(url, 303, **form | {"place": "kitchen", "coefficient": "0,5", "verified_until": f"{YEAR + 4}-06-30"})
    row = by_serial(home, "21-1")
    assert (row.place, row.coefficient, row.verified_until) == ("kitchen", 500_000, date(YEAR + 4, 6, 30))
    told = office.post(url, 409, **form | {"place": "hall"})
    assert "Somebody changed this meter" in told.text and 'value="hall"' in told.text
    assert by_serial(home, "21-1").place == "kitchen"
    text = office.get(f"/desk/meters/{cold}").text
    assert "0.500000" in text or "0.5" in text
    # What is on the page now is what the second form was drawn from.
    from tests.client import fields

    office.post(url, 303, **fields(told.text))
    assert by_serial(home, "21-1").place == "hall"


# ---- The guided change -----------------------------------------------------------------------------------------------


def test_a_change_goes_step_by_step_and_nothing_is_stored_before_the_last(home, desk):
    from tests.client import fields

    office, url = desk("office"), f"/desk/meters/{by_serial(home, '21-1').id}/change"
    step1 = office.form(url)
    told = office.post(url, 422, **step1 | {f"f{home.cold}": "465"}).text
    assert "lower than the last reading" in told and "Step 1 of 3" in told
    step2 = office.post(url, 200, **step1 | {"day": DAY.isoformat(), f"f{home.cold}": "9474,613"}).text
    assert "Step 2 of 3" in step2
    told = office.post(url, 422, **fields(step2) | {"serial": "21-1", f"s{home.cold}": "2"}).text
    assert "is in use" in told and "Step 2 of 3" in told
    step3 = office.post(url, 200, **fields(told) | {"serial": "24-7", "verified_until": f"{YEAR + 5}-01-31"}).text
    assert "Step 3 of 3" in step3 and "use since" in step3 and "8,008.613" in step3.replace("\u00a0", ",")[: 10**6] or "8" in step3
    assert "Is the final value" in step3 and by_serial(home, "21-1").removed is None
    # Back to the first step with all that was typed, then on again.
    again = office.post(url, 200, **fields(step3) | {"back": "new"}).text
    assert "Step 2 of 3" in again and 'value="24-7"' in again
    office.post(url, 303, **fields(step3) | {f"f{home.cold}": "474,613"})
    new = by_serial(home, "24-7")
    assert (new.replaces_id, new.installed, new.verified_until) == (by_serial(home, "21-1").id, DAY, date(YEAR + 5, 1, 31))
    text = office.get(f"/desk/meters/{new.id}").text
    assert "Changes of meter" in text and "21-1" in text


def test_a_buildings_main_meter_is_changed_the_same_way(home, desk, cast):
    office, id = desk("office"), main_of(home, cast)
    with home.db.reading() as session:
        register = session.scalar(select(Register.id).where(Register.meter_id == id))
    url = f"/desk/meters/{id}/change"
    given = {"step": "check", "day": DAY.isoformat(), "serial": "M-2", f"f{register}": "100", f"s{register}": "0"}
    office.post(url, 303, **office.form(url) | given)
    assert (by_serial(home, "M-2").building_id, by_serial(home, "M-1").removed) == (cast.building, DAY)
    office.get(url)


def test_a_meter_is_taken_out_and_its_home_says_so(home, desk, client):
    office = desk("office")
    for serial, register, final in (("21-1", home.cold, "474"), ("21-2", home.hot, "250")):
        url = f"/desk/meters/{by_serial(home, serial).id}/removal"
        form = office.form(url)
        assert 'href="#f' in office.post(url, 422, **form).text
        office.post(url, 303, **form | {"day": f"{YEAR}-02-20", f"f{register}": final})
        assert "Taken out on" in office.get(f"/desk/meters/{by_serial(home, serial).id}").text
    assert "out of use" in client("tenant").get("/readings").text
    assert shown(office, state="archived") == {"21-1", "21-2"}


def test_an_archived_meter_is_taken_back_once_and_the_page_says_why_not(home, desk, client):
    office, id = desk("office"), by_serial(home, "21-1").id
    url, back = f"/desk/meters/{id}/removal", f"/desk/meters/{id}/restoration"
    assert "It is in use" in office.get(back).text
    office.post(url, 303, **office.form(url) | {"day": f"{YEAR}-02-20", f"f{home.cold}": "474"})
    assert back in office.get(f"/desk/meters/{id}").text and "474.000" in office.get(back).text
    form = office.form(back)
    assert "Nothing was changed" in office.post(back, 409, **form | {"removed": f"{YEAR}-02-19"}).text
    office.post(back, 303, **form)
    assert by_serial(home, "21-1").removed is None and "21-1" in client("tenant").get("/readings").text
    assert "taken back already" in office.post(back, 409, **form).text
    desk("council").get(back, 403)
    desk("provider").post(back, 403, removed=form["removed"])
    desk("board").get(back, 404)


# ---- Readings --------------------------------------------------------------------------------------------------------


def test_of_a_remote_meter_the_last_value_of_each_month_is_listed(home, desk, cast):
    with home.db.writing() as session:
        (register,) = meter(session, cast, cast.unit_a2, "hot_water", "R-1", remote=True)
        for day in range(1, 60):
            reading(session, register, date(YEAR - 1, 3, 1) + timedelta(days=day - 1), f"{500 + day}", source="remote")
    text = desk("office").get(f"/desk/meters/{by_serial(home, 'R-1').id}").text
    assert "531.000" in text and "559.000" in text and "530.000" not in text


def test_names_of_residents_are_for_posts_that_see_everybodys(home, desk):
    from resident.metering.submission import Typed

    home.submit({home.cold: Typed("471")})
    url = f"/desk/meters/{by_serial(home, '21-1').id}"
    assert "Aino Virta" in desk("office").get(url).text
    assert "Aino Virta" not in desk("council").get(url).text and "471.000" in desk("council").get(url).text


def test_search_finds_a_buildings_own_meter_by_its_number(home, desk, cast):
    main_of(home, cast, "PK 7/1")
    answer = desk("office").get("/desk/search?q=PK%207/1", 303)
    assert answer.headers["Location"] == "/desk/meters?serial=PK%207/1"
    assert ">PK 7/1</a>" in desk("office").get(answer.headers["Location"]).text


def test_a_resident_and_the_desk_are_told_of_a_shared_meter(home, desk, client):
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().coefficient = 400_000
    assert "part is 40.00 % of the use" in client("tenant").get("/readings").text
    assert "times this" in desk("office").get(f"/desk/meters/{by_serial(home, '21-1').id}").text
