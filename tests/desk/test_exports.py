"""Readings out: formats mapped once, files that spreadsheets take as they are, and who gets what (R4, S41)."""

import csv
import io
from datetime import date
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.exchange import reading_export
from resident.exchange.export_format import ExportFormat
from resident.homes.building import Unit
from resident.metering.meter import Meter, Register
from resident.money.period import BillingPeriod
from resident.people.person import Person
from tests.desk.house import NAME
from tests.metering.counters import YEAR, meter, move_to, period, reading

URL = "/desk/exports"
ALL = (
    "building",
    "home",
    "holder",
    "medium",
    "meter",
    "register",
    "before_day",
    "before",
    "day",
    "value",
    "use",
    "estimated",
    "source",
)


@pytest.fixture
def sent(house):
    """A 1's cold water was read, A 2's estimated; the rest is missing."""
    with house.db.writing() as session:
        last = session.get_one(BillingPeriod, house.period).use_last
        reading(session, house.cold_a1, last, "472.25", house.period, source="office")
        reading(session, house.cold_a2, last, "471.5", house.period, source="estimate")
    house.last = last
    return house


def test_the_newest_period_whose_readings_have_begun_is_proposed(desk, house):
    """Its window is open still while the use of the next one has begun."""
    move_to(YEAR, 3, 3)
    with house.db.writing() as session:
        period(session, house.cast.building, f"{YEAR}-04", "planned", (date(YEAR, 3, 25), date(YEAR, 4, 5)))
    assert desk("office").form(URL)["period"] == NAME


def fetch(client, house, **given):
    form = {"period": NAME, "building": "", "medium": "", "format": "usual-csv"} | given
    return client.post(f"{URL}/file", None, **form)


def table(answer, delimiter=",", encoding="utf-8-sig") -> list[dict]:
    assert answer.status_code == 200, answer.status_code
    return list(csv.DictReader(io.StringIO(answer.data.decode(encoding)), delimiter=delimiter))


def keep(client, status=303, **given):
    """A format with all columns in the order of ALL."""
    fields = {f"place-{what}": str(place) for place, what in enumerate(ALL, 1)} | {f"heading-{what}": what for what in ALL}
    fields |= {"name": "Accounts", "kind": "csv", "delimiter": ";", "decimal": ",", "encoding": "cp1252", "day": "%d.%m.%Y"}
    return client.post(f"{URL}/formats", status, once=uuid4().hex, heading="yes", missing="yes", **fields | given)


def kept(house) -> ExportFormat:
    with house.db.reading() as session:
        return session.scalars(select(ExportFormat)).one()


def test_a_period_with_the_usual_columns(desk, sent):
    rows = table(fetch(desk("accountant"), sent))
    assert [(row["Home"], row["Medium"]) for row in rows] == [
        ("A 1", "Cold water"), ("A 1", "Hot water"), ("A 2", "Cold water"), ("A 2", "Hot water"), ("B 10", "Cold water")
    ]  # fmt: skip
    first, _hot, estimated = rows[:3]
    assert (first["Reading before"], first["Reading"], first["Usage"]) == ("466", "472.25", "6.25")
    assert (first["Day of the reading before"], first["Day"]) == (f"{YEAR}-01-31", sent.last.isoformat())
    assert (first["Estimated"], estimated["Estimated"]) == ("no", "yes")
    assert (rows[1]["Reading"], rows[1]["Usage"], rows[1]["Estimated"]) == ("", "", "")


def test_a_format_is_mapped_once_and_holds_for_every_period(desk, sent):
    office = desk("office")
    keep(office)
    answer = fetch(desk("accountant"), sent, format=str(kept(sent).id))
    rows = table(answer, ";", "cp1252")
    assert list(rows[0]) == list(ALL)
    assert (rows[0]["value"], rows[0]["use"], rows[0]["day"]) == ("472,25", "6,25", f"{sent.last:%d.%m.%Y}")
    assert rows[0]["holder"] == "Aino Virta"
    assert "charset=cp1252" in answer.headers["Content-Type"]
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_workbook_holds_numbers_and_days_as_such(desk, sent):
    answer = fetch(desk("office"), sent, format="usual-xlsx")
    tab = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    head = [cell.value for cell in tab[1]]
    first = dict(zip(head, tab[2], strict=True))
    assert (first["Reading"].value, first["Reading"].data_type) == (472.25, "n")
    assert first["Day"].value.date() == sent.last
    assert tab.max_row == 6


def test_what_looks_like_a_formula_is_a_text(desk, sent):
    with sent.db.writing() as session:
        session.get_one(Unit, sent.cast.unit_a1).number = "=1+1"
        session.get_one(Meter, session.get_one(Register, sent.cold_a1).meter_id).serial = "@sum"
    office = desk("office")
    keep(office, **{"heading-home": "=2+2"})
    data = fetch(office, sent, format=str(kept(sent).id)).data.decode("cp1252")
    assert "'=1+1" in data and "'@sum" in data and "'=2+2" in data
    tab = openpyxl.load_workbook(io.BytesIO(fetch(office, sent, format="usual-xlsx").data)).active
    assert {cell.data_type for row in tab.iter_rows() for cell in row} <= {"s", "n", "d", "b"}


def test_use_below_zero_stays_a_number(desk, sent):
    """A true reading after an estimate that was too high."""
    with sent.db.writing() as session:
        from tests.metering.counters import period

        following = period(session, sent.cast.building, f"{YEAR}-04")
        reading(session, sent.cold_a2, date(YEAR, 3, 31), "470", following, source="office")
    rows = table(fetch(desk("office"), sent, period=f"{YEAR}-04"))
    assert [row["Usage"] for row in rows if row["Home"] == "A 2" and row["Medium"] == "Cold water"] == ["-1.5"]


def test_a_supplier_gets_its_medium_without_names(desk, sent):
    keep(desk("office"))
    for medium in ("", "hot_water"):
        rows = table(fetch(desk("provider"), sent, format=str(kept(sent).id), medium=medium), ";", "cp1252")
        assert {row["medium"] for row in rows} <= {"Cold water"}
        assert {row["holder"] for row in rows} <= {""}


def test_nobody_under_non_disclosure_is_named_to_anybody(desk, sent):
    keep(desk("office"))
    with sent.db.writing() as session:
        session.get_one(Person, sent.cast.tenant).non_disclosure = True
    data = fetch(desk("office"), sent, format=str(kept(sent).id)).data.decode("cp1252")
    assert "Virta" not in data and "Niilo Salo" in data


def test_each_file_leaves_one_event(desk, sent):
    fetch(desk("accountant"), sent, medium="cold_water", building=str(sent.cast.building))
    with sent.db.reading() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "readings_exported"))
    assert event.facts == {"period": NAME, "building": sent.cast.building, "medium": "cold_water", "format": "usual-csv"}
    assert event.person_id == sent.cast.accountant


def test_registers_have_their_names_and_meters_that_were_changed_two_rows(desk, sent):
    day = date(YEAR, 2, 10)
    with sent.db.writing() as session:
        meter(session, sent.cast, sent.cast.unit_b10, "electricity", "e-1", names=("day", "night"), decimals=0)
        old = session.get_one(Meter, session.get_one(Register, sent.cold_b10).meter_id)
        old.removed = day
        reading(session, sent.cold_b10, day, "468", source="office")
        (new,) = meter(session, sent.cast, sent.cast.unit_b10, serial="c-new", installed=day, initial=214_000, replaces_id=old.id)
        reading(session, new, sent.last, "4.214", sent.period, source="office")
    rows = [row for row in table(fetch(desk("office"), sent)) if row["Home"] == "B 10"]
    assert [row["Register"] for row in rows if row["Medium"] == "Electricity"] == ["Day", "Night"]
    cold = {row["Meter number"]: row for row in rows if row["Medium"] == "Cold water"}
    assert (cold["c-b10"]["Usage"], cold["c-new"]["Usage"]) == ("2", "4")
    assert cold["c-new"]["Reading before"] == "0.214"


def test_a_remote_meter_gives_what_it_showed_last_and_the_use_since_the_period_before(desk, sent):
    with sent.db.writing() as session:
        session.get_one(Meter, session.get_one(Register, sent.hot_a1).meter_id).remote = True
        for day, value in ((20, "246.5"), (21, "246.7")):
            reading(session, sent.hot_a1, date(YEAR, 2, day), value, source="remote")
    hot = table(fetch(desk("office"), sent))[1]
    assert (hot["Reading before"], hot["Reading"], hot["Usage"]) == ("244", "246.7", "2.7")


def test_a_remote_meter_that_no_period_has_gives_the_use_of_the_month_not_of_the_day(desk, sent):
    with sent.db.writing() as session:
        (register,) = meter(session, sent.cast, sent.cast.unit_b10, "hot_water", "r-1", remote=True)
        for month, day, value in ((1, 30, "10"), (1, 31, "11"), (2, 1, "11.5"), (2, 20, "14"), (2, 21, "15")):
            reading(session, register, date(YEAR, month, day), value, source="remote")
    (row,) = [row for row in table(fetch(desk("office"), sent)) if row["Meter number"] == "r-1"]
    assert (row["Day of the reading before"], row["Reading before"], row["Usage"]) == (f"{YEAR}-01-31", "11", "4")


@pytest.mark.parametrize(
    ("given", "status"),
    [({"period": "2001-01"}, 404), ({"format": "99999"}, 404), ({"format": ""}, 404), ({"building": "99999"}, 404)],
)
def test_what_is_not_there_is_not_found(desk, sent, given, status):
    assert fetch(desk("office"), sent, **given).status_code == status


@pytest.mark.parametrize("name", ["caretaker", "control", "tenant", "board"])
def test_others_get_no_file(desk, sent, name):
    answer = fetch(desk(name), sent, building=str(sent.cast.building), organisation=str(sent.cast.koivu))
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({f"place-{what}": "" for what in ALL}, "place-address"),
     ({"place-home": "first"}, "place-home"), ({"heading-home": "x" * 61}, "heading-home")],
)  # fmt: skip
def test_a_format_that_cannot_be_is_refused_at_its_field(desk, sent, given, field):
    assert f'id="{field}-error"' in keep(desk("office"), 422, **given).text
    with sent.db.reading() as session:
        assert session.scalar(select(ExportFormat)) is None


def test_a_stale_format_is_not_overwritten_and_one_can_be_removed(desk, sent):
    office = desk("office")
    keep(office)
    url = f"{URL}/formats/{kept(sent).id}"
    form = office.form(url)
    office.post(url, 303, **form | {"name": "Accounts 2"})
    assert "Somebody changed this format" in office.post(url, 409, **form | {"name": "Accounts 3"}).text
    assert kept(sent).name == "Accounts 2"
    office.post(f"{url}/removal", 303, seen=office.form(url)["seen"])
    with sent.db.reading() as session:
        assert session.scalar(select(ExportFormat)) is None


def test_letters_that_the_encoding_lacks_become_question_marks(desk, sent):
    with sent.db.writing() as session:
        session.get_one(Unit, sent.cast.unit_a1).number = "Ж 1"
    keep(desk("office"))
    assert b"? 1" in fetch(desk("office"), sent, format=str(kept(sent).id)).data


def test_only_texts_are_kept_from_being_formulas():
    assert [reading_export.safe(text) for text in ("=a", "+a", "-a", "@a", "\ta", "\ra", "a=b")] == [
        "'=a", "'+a", "'-a", "'@a", "'\ta", "'\ra", "a=b"
    ]  # fmt: skip
