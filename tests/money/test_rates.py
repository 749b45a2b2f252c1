"""The table of interest rates: what it lacks, and how the desk changes it, a holder's rate beside it (rule 34)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.db import SCALE
from resident.homes.organisation import Organisation
from resident.identity import Actor
from resident.money import holiday, rates
from resident.money.account import Account
from resident.money.rates import BadRate, Gap, RateTaken, Row
from tests.invoices.books import account as an_account

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)


def row(first: date, rate: int | None = 95_000, kind: str = "rate") -> Row:
    return Row(None, kind, first, rate, "")


# ---- What it lacks, without a database -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "following"),
    [
        (date(2026, 1, 1), date(2026, 7, 1)), (date(2026, 6, 30), date(2026, 7, 1)), (date(2026, 7, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)  # fmt: skip
def test_a_half_year_without_a_rate_is_told_before_it_begins(last, following):
    known = [row(last), row(date(2025, 1, 1)), row(date(2030, 1, 1), kind="cap")]
    for country in ("FI", "EE"):
        assert rates.gaps(known, country, following - rates.AHEAD) == [Gap("rate", following)]
        assert rates.gaps(known, country, following - rates.AHEAD - DAY) == []
    # The others' rates hold until they are changed.
    for country in ("PL", "RU"):
        assert rates.gaps(known, country, following + 365 * DAY) == []


def test_the_end_of_a_cap_is_told_for_a_while_before_and_after():
    known = [row(FIRST), row(FIRST, 95_000, "cap"), row(date(2027, 1, 1), None, "cap")]
    ends = Gap("cap", date(2027, 1, 1))
    assert ends.last == date(2026, 12, 31)
    for days, told in ((-46, []), (-45, [ends]), (0, [ends]), (45, [ends]), (46, [])):
        assert rates.gaps(known, "RU", ends.day + days * DAY) == told
    assert rates.gaps([*known, row(ends.day, 80_000, "cap")], "RU", ends.day) == [ends]
    assert rates.gaps([*known, row(date(2027, 1, 5), None, "cap")], "RU", ends.day) == [ends, Gap("cap", date(2027, 1, 5))]


def test_an_empty_table_is_told_and_its_cap_too():
    assert rates.gaps([row(FIRST, None, "cap")], "FI", FIRST) == [Gap("none", FIRST), Gap("cap", FIRST)]


def test_of_a_country_that_is_not_known_nothing_is():
    assert rates.of_country("LV") == []
    first, *_ = rates.of_country("FI")
    assert (first.id, first.kind, first.first, first.rate) == (None, "rate", date(2022, 7, 1), 70_000) and first.source
    assert rates.of_country("RU")[-1]._replace(source="") == row(date(2027, 1, 1), None, "cap")


@pytest.mark.parametrize(
    ("due", "country", "last"),
    [
        (date(2026, 11, 27), "FI", date(2026, 11, 27)), (date(2026, 11, 28), "FI", date(2026, 11, 30)),
        (date(2026, 11, 29), "FI", date(2026, 11, 30)), (date(2026, 12, 24), "EE", date(2026, 12, 28)),
        (date(2026, 11, 11), "PL", date(2026, 11, 12)), (date(2026, 11, 4), "RU", date(2026, 11, 5)),
        (date(2026, 11, 28), "XX", date(2026, 11, 30)), (date(2026, 1, 1), "XX", date(2026, 1, 1)),
    ],
)  # fmt: skip
def test_a_day_on_which_banks_are_closed_moves_to_the_next_working_day(due, country, last):
    assert holiday.effective_due(due, country, {"holiday_rule": True}) == last
    assert holiday.effective_due(due, country, {"holiday_rule": False}) == due


# ---- Changing it -----------------------------------------------------------------------------------------------------


@pytest.fixture
def koivu(db, cast):
    with db.writing() as session:
        by = Actor(cast.logins["office"], cast.office, cast.koivu, "office", "office")
        yield session, session.get_one(Organisation, cast.koivu), by


def events(session) -> list[tuple]:
    columns = (
        AuditEvent.act,
        AuditEvent.person_id,
        AuditEvent.organisation_id,
        AuditEvent.thing,
        AuditEvent.thing_id,
        AuditEvent.facts,
    )
    return [tuple(one) for one in session.execute(select(*columns).order_by(AuditEvent.id))]


def test_the_first_change_copies_the_country_s_rows_and_from_then_on_ones_own_hold(koivu, cast):
    session, organisation, by = koivu
    assert rates.table(session, cast.koivu, "FI") == rates.of_country("FI")
    made = rates.add(session, organisation, "rate", date(2026, 7, 1), 92_500, "letter", by=by)
    assert (made.id is not None, made.organisation_id, made.source) == (True, cast.koivu, "letter")
    found = rates.table(session, cast.koivu, "FI")
    assert [one._replace(id=None) for one in found] == [
        *rates.of_country("FI"),
        row(date(2026, 7, 1), 92_500)._replace(source="letter"),
    ]
    assert all(one.id for one in found) and len({one.id for one in found}) == len(found)
    # Another day comes before, whenever it was written; and nothing is copied twice.
    rates.add(session, organisation, "cap", date(2022, 1, 1), None, "", by=by)
    assert [one.first for one in rates.table(session, cast.koivu, "FI")] == sorted(
        one.first for one in [*found, row(date(2022, 1, 1))]
    )
    assert rates.table(session, cast.vesi, "FI") == rates.of_country("FI")
    assert events(session) == [
        ("interest_rates_changed", cast.office, cast.koivu, "organisation", cast.koivu, facts)
        for facts in (
            {"kind": "rate", "first": "2026-07-01", "rate": 92_500}, {"kind": "cap", "first": "2022-01-01", "rate": None}
        )
    ]  # fmt: skip


def test_what_is_no_rate_is_refused_and_so_is_a_day_that_has_one(koivu):
    session, organisation, by = koivu
    for kind, rate in (("rate", None), ("rate", -1), ("cap", -1), ("rate", SCALE + 1)):
        with pytest.raises(BadRate):
            rates.add(session, organisation, kind, date(2026, 8, 1), rate, "", by=by)
    with pytest.raises(RateTaken) as taken:
        rates.add(session, organisation, "rate", FIRST, 1, "", by=by)
    assert taken.value.first == FIRST and events(session) == []
    for kind, first, rate in (("cap", FIRST, 0), ("rate", FIRST + DAY, 0), ("rate", FIRST + 2 * DAY, SCALE)):
        assert rates.add(session, organisation, kind, first, rate, "", by=by).rate == rate


def test_a_row_is_taken_out_by_its_kind_and_day(koivu, cast):
    session, organisation, by = koivu
    rates.add(session, organisation, "cap", FIRST, 80_000, "", by=by)
    before = [(one.kind, one.first) for one in rates.table(session, cast.koivu, "FI")]
    rates.remove(session, organisation, "rate", FIRST, by=by)
    rates.remove(session, organisation, "rate", FIRST, by=by)
    assert [(one.kind, one.first) for one in rates.table(session, cast.koivu, "FI")] == [
        one for one in before if one != ("rate", FIRST)
    ]
    facts = {"kind": "rate", "first": "2026-01-01", "was": 95_000}
    assert events(session)[1:] == [("interest_rates_changed", cast.office, cast.koivu, "organisation", cast.koivu, facts)]


def test_a_holder_s_rate_goes_before_the_table_on_that_holder_s_account_alone(koivu, cast):
    session, _, by = koivu
    mine, other = (an_account(cast, session, tenure, number=str(tenure)) for tenure in (cast.tenure_a1, cast.tenure_a2))
    foreign = an_account(cast, session, cast.tenure_a1, cast.vesi, number="9")
    account = session.get_one(Account, mine)
    first = rates.agree(session, account, FIRST, 50_000, "hard times", by=by)
    assert rates.agree(session, account, FIRST, 60_000, "harder times", by=by).id == first.id
    rates.agree(session, account, date(2026, 3, 1), None, "", by=by)
    rates.agree(session, session.get_one(Account, foreign), FIRST, 0, "", by=by)
    assert [(one.first, one.rate, one.reason) for one in rates.agreed(session, mine)] == [
        (date(2026, 3, 1), None, ""), (FIRST, 60_000, "harder times")
    ]  # fmt: skip
    found = rates.by_account(session, cast.koivu, "FI", [mine, other])
    assert found.keys() == {mine, other}
    days = (date(2025, 12, 31), FIRST, date(2026, 2, 28), date(2026, 3, 1))
    assert [found[mine].on(day) for day in days] == [95_000, 60_000, 60_000, 95_000]
    assert [found[other].on(day) for day in days] == [95_000] * 4
    assert rates.by_account(session, cast.vesi, "FI", [foreign])[foreign].on(FIRST) == 0
    assert [(event[0], *event[1:5], event[5]["rate"]) for event in events(session)][1:3] == [
        ("holder_rate_changed", cast.office, cast.koivu, "account", mine, 60_000),
        ("holder_rate_changed", cast.office, cast.koivu, "account", mine, None),
    ]
    assert events(session)[0][5] == {"first": "2026-01-01", "rate": 50_000}


def test_the_portal_s_own_changes_are_told_to_the_organisation_too(koivu, cast):
    session, organisation, _ = koivu
    account = session.get_one(Account, an_account(cast, session, cast.tenure_a1, number="1001"))
    rates.add(session, organisation, "cap", FIRST, 80_000, "", by=None)
    rates.agree(session, account, FIRST, 120_000, "", by=None)
    assert [event[1:3] for event in events(session)] == [(None, cast.koivu)] * 2
    # What was agreed on goes before the cap.
    assert rates.by_account(session, cast.koivu, "FI", [account.id])[account.id].on(FIRST) == 120_000


def test_what_is_no_rate_of_a_holder_is_refused(koivu, cast):
    session, _, by = koivu
    account = session.get_one(Account, an_account(cast, session, cast.tenure_a1, number="1001"))
    for rate in (-1, SCALE + 1):
        with pytest.raises(BadRate):
            rates.agree(session, account, FIRST, rate, "", by=by)
    assert rates.agreed(session, account.id) == [] and events(session) == []
    assert [rates.agree(session, account, FIRST, rate, "", by=by).rate for rate in (SCALE, 0)] == [SCALE, 0]


def test_a_cap_of_ones_own_holds_the_table_down(koivu, cast):
    session, organisation, by = koivu
    mine = an_account(cast, session, cast.tenure_a1, number="1001")
    rates.add(session, organisation, "cap", FIRST, 80_000, "", by=by)
    found = rates.by_account(session, cast.koivu, "FI", iter([mine]))[mine]
    assert (found.on(FIRST - DAY), found.on(FIRST)) == (95_000, 80_000)
