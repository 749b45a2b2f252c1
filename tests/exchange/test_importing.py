"""The register workbook, from its rows to the portal's."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from resident import clock
from resident.exchange import columns
from resident.homes.building import Building, Unit, UnitFact
from resident.homes.organisation import Organisation
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money import balances
from resident.money.account import Account, Reference
from resident.money.invoice import Invoice, InvoiceLine, Series
from resident.money.ledger import AccountTotal, Entry
from resident.people.person import Person, PersonWord
from resident.people.tenure import Holding, Party, Tenure
from tests.exchange import books

TABLES = (
    Building, Unit, UnitFact, Person, Tenure, Holding, Party, Account, Reference, Meter, Register, Reading,
    Invoice, InvoiceLine, Entry,
)  # fmt: skip


def rows(db) -> dict:
    with db.reading() as session:
        return {thing.__tablename__: session.scalar(select(func.count()).select_from(thing)) for thing in TABLES}


def test_everything_of_a_workbook_stands_in_the_portal_afterwards(house):
    came = house.load(books.register())
    assert house.troubles == []
    assert came["readings"] == (3, 0, 0, 0)
    assert came["lines"] == (3, 0, 0, 0)
    with house.db.reading() as session:
        person = session.scalar(select(Person).where(Person.external_key == "H1"))
        assert (person.name, person.phone, person.organisation_id) == ("Liisa Kastanja", "+358 40 555 0111", house.id)
        assert session.scalar(select(PersonWord.person_id).where(PersonWord.word == "kastanja")) == person.id
        assert session.scalar(select(UnitFact.value).where(UnitFact.kind == "area").order_by(UnitFact.value)) == 31_000_000
        assert set(session.scalars(select(Reading.value))) == {412_386_000, 415_100_000, 1_200_500_000}
        invoice = session.scalar(select(Invoice).where(Invoice.foreign_number == "V-1"))
        assert (invoice.total, invoice.number, invoice.series_id, invoice.language) == (61_875, None, None, "fi")
        assert invoice.addressee == {
            "name": "Liisa Kastanja", "address": "Kastanjakuja 1 A 1, 00990 Lehtola", "home": "Kastanjakuja 1 A 1",
            "person_id": person.id,
        }  # fmt: skip
        lines = select(InvoiceLine.amount).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
        assert session.scalars(lines).all() == [60_000, 1_875]
        assert session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == invoice.account_id)) == 50_000
        assert session.scalar(select(func.count()).select_from(Series)) == 0
        assert not list(balances.check(session))


def test_importing_the_same_again_changes_nothing(house):
    house.load(books.register())
    before = rows(house.db)
    came = house.load(books.register())
    assert {sheet: counts[:2] for sheet, counts in came.items()} == dict.fromkeys(came, (0, 0))
    assert all(counts[2] for counts in came.values()) and rows(house.db) == before


def test_a_trial_run_writes_nothing(house):
    before = rows(house.db)
    came = house.load(books.register(), dry=True)
    assert came["invoices"] == (2, 0, 0, 0) and rows(house.db) == before


def test_one_bad_row_and_nothing_is_imported(house):
    before = rows(house.db)
    sheets = books.register()
    sheets["payments"].append({"reference": "1009", "day": "soon", "amount": 1})
    house.load(sheets)
    assert house.troubles == [("payments", 4, "NotADay")] and rows(house.db) == before


def test_changes_are_taken_over_and_counted_as_changes(house):
    house.load(books.register())
    sheets = books.register()
    sheets["persons"][0]["phone"] = "040 555 0199"
    sheets["units"][0] |= {"floor": 2, "area": 55}
    sheets["tenures"][0]["last"] = date(2026, 8, 31)
    came = house.load(sheets)
    assert came["persons"][:2] == came["units"][:2] == came["tenures"][:2] == (0, 1)
    with house.db.reading() as session:
        person = session.scalar(select(Person).where(Person.external_key == "H1"))
        assert (person.phone, person.version) == ("040 555 0199", 2)
        assert session.scalar(select(Holding.last).join(Tenure).where(Tenure.external_key == "T1")) == date(2026, 8, 31)
        assert session.scalars(select(UnitFact.value).where(UnitFact.kind == "area").order_by(UnitFact.value)).all() == [
            31_000_000, 55_000_000,
        ]  # fmt: skip


def test_an_empty_cell_leaves_what_is_there(house):
    house.load(books.register())
    sheets = books.register()
    sheets["persons"][0] |= {"phone": None, "email": None}
    assert house.load(sheets)["persons"] == (0, 0, 2, 0)
    with house.db.reading() as session:
        assert session.scalar(select(Person.phone).where(Person.external_key == "H1")) == "+358 40 555 0111"


def test_new_persons_with_an_address_and_without_come_in_together(house):
    names = {"Aava": None, "Bea": "bea@example.org", "Cia": None, "Dan": "dan@example.org"}
    came = house.load({"persons": [{"person": name, "name": name, "email": email} for name, email in [*names.items()][1:]]})
    assert came["persons"][0] == 3, "the first has an address, a later one has none"
    house.load({"persons": [{"person": f"2{name}", "name": name, "email": email} for name, email in names.items()]})
    with house.db.reading() as session:
        stored = select(Person.external_key, Person.email, Person.email_changed_at.is_not(None))
        told = {key: (email, paused) for key, email, paused in session.execute(stored)}
    assert told["2Aava"] == told["Cia"] == (None, False)
    assert told["2Bea"] == told["Bea"] == ("bea@example.org", True), "an address that staff wrote opens no reset yet"


def test_another_value_for_the_same_day_supersedes_and_both_stay(house):
    house.load(books.register())
    sheets = books.register()
    sheets["readings"][0]["value"] = 412.5
    assert house.load(sheets)["readings"] == (0, 1, 2, 0)
    with house.db.reading() as session:
        old, new = session.scalars(
            select(Reading).where(Reading.day == date(2026, 1, 31), Reading.value < 10**9).order_by(Reading.id)
        )
        assert (old.counts, new.counts, new.supersedes_id, new.value, new.source) == (False, True, old.id, 412_500_000, "import")


@pytest.mark.parametrize("language", columns.LANGUAGES)
def test_headers_sheets_and_choices_are_understood_in_six_languages(house, language):
    sheets = books.register()
    for rows_ in sheets.values():
        for row in rows_:
            for name in ("medium", "tenure_kind", "role", "register"):
                if row.get(name):
                    row[name] = columns.word("choice", f"{name}.{row[name]}", language).upper()
            if row.get("estimated"):
                row["estimated"] = columns.word("choice", "yes.yes", language)
    titles = {sheet: columns.word("sheet", sheet, language) for sheet in sheets}
    words = {
        column.key: f" {columns.word('column', column.key, language).upper()}* "
        for known in columns.SHEETS.values()
        for column in known
    }
    came = house.load(sheets, titles=titles, words=words)
    assert house.troubles == [] and came["lines"][0] == 3 and len(came) == 10


def test_a_sheet_goes_on_under_a_number(house):
    sheets = books.register()
    more = books.register()["lines"]
    sheets["lines"], rest = more[:1], more[1:]
    came = house.load(sheets | {"Lines 2": rest[:1], "Laskurivit (3)": rest[1:]})
    assert house.troubles == [] and came["lines"] == (3, 0, 0, 0)


def test_what_was_booked_is_not_changed_by_an_import(house):
    house.load(books.register())
    sheets = books.register()
    sheets["lines"][2]["amount"] = sheets["invoices"][1]["total"] = 700
    sheets["payments"][0]["amount"] = 1
    before = rows(house.db)
    house.load(sheets)
    assert sorted(house.troubles) == [("invoices", 3, "AlreadyBooked"), ("payments", 2, "PaymentBooked")]
    assert rows(house.db) == before


def test_two_like_payments_without_a_key_are_two(house):
    sheets = books.register()
    sheets["payments"].append(dict(sheets["payments"][1]))
    assert house.load(sheets)["payments"] == (3, 0, 0, 0)
    assert house.load(sheets)["payments"] == (0, 0, 3, 0)


BAD = {
    "a sum that the lines do not make": ("invoices", 0, {"total": 618.76}, "SumDiffers"),
    "half a cent": ("payments", 0, {"amount": 618.755}, "TooManyDecimals"),
    "an unknown home": ("tenures", 0, {"unit": "Z 9"}, "Unknown"),
    "an unknown person": ("parties", 0, {"person": "H9"}, "Unknown"),
    "a choice that there is not": ("tenures", 0, {"tenure_kind": "squat"}, "NotAChoice"),
    "wrong check digit": ("tenures", 0, {"reference": "1008"}, "ReferenceWrong"),
    "a day to come": ("readings", 1, {"day": date(2190, 1, 1)}, "InTheFuture"),
    "lower than before": ("readings", 1, {"value": 412.3}, "LowerThanEarlier"),
    "below what the meter began with": ("readings", 0, {"value": 99}, "LowerThanEarlier"),
    "more digits than the counter": ("readings", 1, {"value": 123456}, "TooManyDigits"),
    "before the meter": ("readings", 0, {"day": date(2020, 1, 1)}, "OutsideMeter"),
    "ends before it begins": ("tenures", 0, {"last": date(2020, 1, 1)}, "EndsBeforeBegin"),
    "a party outside its tenure": ("parties", 0, {"first": date(2019, 1, 1)}, "OutsideTenure"),
    "a meter that is installed tomorrow": ("meters", 0, {"installed": date(2190, 1, 1)}, "InTheFuture"),
    "a meter that is taken out tomorrow": ("meters", 0, {"removed": date(2190, 1, 1)}, "InTheFuture"),
    "two live meters of one medium without places": ("meters", 0, {"medium": "electricity", "unit": "A 2"}, "PlaceMissing"),
    "twice in the file": ("units", 1, {"unit": "A 1"}, "Doubled"),
    "a language that is not served": ("persons", 0, {"language": "pl"}, "LanguageNotServed"),
    "an e-mail address that is none": ("persons", 0, {"email": "nomail"}, "NotAnEmail"),
    "an e-mail address with more in it": ("persons", 1, {"email": "Otto <otto@example.org>"}, "NotAnEmail"),
    "a payment that leads nowhere": ("payments", 0, {"reference": None}, "AccountMissing"),
    "a payment that leads to two": ("payments", 0, {"tenure": "T2"}, "AccountsDiffer"),
    "an invoice without lines": ("lines", 2, {"invoice": "V-1", "amount": 0}, "NoLines"),
    "a line without an invoice": ("lines", 2, {"invoice": "V-9"}, "Unknown"),
    "nothing where something must be": ("buildings", 0, {"address": None}, "Missing"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_each_bad_row_is_told_by_name(house, case):
    sheet, place, change, name = BAD[case]
    sheets = books.register()
    sheets[sheet][place] |= change
    house.load(sheets)
    assert (name, sheet if case != "an invoice without lines" else "invoices") in [(found[2], found[0]) for found in house.troubles]
    assert house.outcome.errors and sum(rows(house.db).values()) == 0


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_person_in_trouble_is_told_of_once_not_with_each_of_its_parties(house):
    sheets = books.register()
    sheets["persons"][0]["language"] = "pl"
    house.load(sheets)
    assert house.troubles == [("persons", 2, "LanguageNotServed")]


def test_the_counter_may_pass_zero_when_the_row_says_so(house):
    sheets = books.register()
    sheets["readings"][1] |= {"value": 3, "rolled_over": "yes"}
    house.load(sheets)
    assert house.troubles == []


def test_a_home_has_one_ownership_at_a_time(house):
    house.load(books.register())
    sheets = books.register()
    sheets["tenures"].append(
        {"tenure": "T3", "building": "K1", "unit": "A 2", "tenure_kind": "ownership", "first": date(2026, 1, 1)}
    )  # fmt: skip
    house.load(sheets)
    assert {name for _, _, name in house.troubles} == {"OwnershipsOverlap"} and len(house.troubles) == 2
    sheets["tenures"][1]["last"] = date(2025, 12, 31)
    house.load(sheets)
    assert house.troubles == []


def test_days_that_would_orphan_invoices_are_refused_with_the_list(house):
    house.load(books.register())
    sheets = books.register(invoices=None, lines=None, payments=None)
    sheets["tenures"][0]["last"] = date(2026, 1, 31)
    house.load(sheets)
    assert house.troubles == [("tenures", 2, "WouldOrphan")]


def test_a_meter_is_not_moved_to_another_home(house):
    house.load(books.register())
    sheets = books.register()
    sheets["meters"][0]["unit"] = "A 2"
    house.load(sheets)
    assert ("meters", 2, "MeterElsewhere") in house.troubles


def another(house, slug: str) -> Organisation:
    facts = {"legal_form": "rental", "country": "FI", "currency": "EUR", "tz": "Europe/Helsinki", "languages": "fi", "payee": {}}
    with house.db.writing() as session:
        made = Organisation(slug=slug, name=slug.title(), **facts)
        session.add(made)
    return made


def test_persons_are_never_matched_outside_the_organisation(house):
    house.load(books.register())
    other, third = another(house, "other"), another(house, "third")
    before = rows(house.db)
    came = house.load(books.register(), organisation=other)
    assert house.troubles == [] and {counts[1:] for counts in came.values()} == {(0, 0, 0)}, "all of it is new there"
    assert rows(house.db) == {name: 2 * count for name, count in before.items()}
    only = {"parties": [{"tenure": "T1", "person": "H1", "role": "primary"}]}
    house.load(only, organisation=third)
    assert {name for _, _, name in house.troubles} == {"Unknown"}, "the very words that nobody at all would get"


def test_a_formula_is_refused_not_trusted(house):
    sheets = books.register()
    sheets["payments"][0]["amount"] = "=1+1"
    house.load(sheets)
    assert house.troubles == [("payments", 2, "Formula")]


def test_readings_of_a_resident_are_superseded_not_lost(house):
    house.load(books.register())
    with house.db.writing() as session:
        counter = session.scalar(select(Register.id).join(Meter).where(Meter.serial == "21-1"))
        day = clock.today("Europe/Helsinki") - timedelta(days=1)
        session.add(Reading(register_id=counter, day=day, value=420_000_000, source="resident", at=clock.now()))
    sheets = books.register()
    sheets["readings"].append({"medium": "cold_water", "serial": "21-1", "day": day, "value": 421})
    assert house.load(sheets)["readings"] == (0, 1, 3, 0)
    sheets["readings"][1]["value"] = 430
    house.load(sheets)
    assert house.troubles == [("readings", 5, "LowerThanEarlier")]
