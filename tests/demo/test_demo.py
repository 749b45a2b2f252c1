"""The demo: what it promises to whoever tries the portal, on both databases. Loaded once for each."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from resident import clock, demo, files, tables
from resident.db import SCALE, Database
from resident.demo import beryozovaya, koivukallio, loading, nad_struga, parnaoue
from resident.demo.month import Month
from resident.demo.reference import iban, virtual_account, with_731
from resident.files import Attachment
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.metering import consumption, ladder, leak_watch
from resident.metering.feed import Feed, FeedRun
from resident.metering.leak import Leak
from resident.metering.medium import Medium
from resident.metering.meter import WATER, Meter, Register
from resident.metering.price import DegreeDays, MediumPrice
from resident.metering.reading import Reading
from resident.metering.sample import Sample
from resident.metering.window import ReadingWindow
from resident.money import balances
from resident.money.account import Account
from resident.money.invoice import Invoice, InvoiceLine
from resident.money.ledger import AccountTotal, Entry, OpenItem
from resident.money.period import BillingPeriod
from resident.people import totp
from resident.people.person import Login, Person
from resident.people.tenure import Holding, Party, Tenure
from resident.talk.case import STATES, Case, CaseEvent
from resident.talk.thread import ADDRESSEES, Thread
from tests.client import Client

FOUR = ("koivukallio", "parnaoue-7", "nad-struga", "beryozovaya-roshcha")


def by_organisation(session, statement) -> dict:
    """{slug: figure} of a statement that gives organisation ids and figures."""
    slugs = dict(session.execute(select(Organisation.id, Organisation.slug)).all())
    return {slugs[id]: figure for id, figure in session.execute(statement)}


# ---- What is there -------------------------------------------------------------------------------------------------


def test_four_organisations_have_forty_homes_each(made):
    homes = by_organisation(
        made,
        select(Building.organisation_id, func.count(Unit.id))
        .join(Unit)
        .where(Unit.kind == "home")
        .group_by(Building.organisation_id),
    )
    assert {slug for slug, count in homes.items() if count >= 40} == set(FOUR)


def test_a_home_held_all_the_time_has_twenty_four_invoices_and_as_many_months_of_readings(made):
    long_ago = clock.today("UTC") - timedelta(days=800)
    invoices = made.execute(
        select(func.count(Invoice.id))
        .join(Account, Account.id == Invoice.account_id)
        .join(Tenure, Tenure.id == Account.tenure_id)
        .where(Tenure.first < long_ago, Tenure.last.is_(None))
        .group_by(Account.id)
    )
    assert {count for (count,) in invoices} == {24}
    billed = (
        select(func.count(Reading.id))
        .join(BillingPeriod, BillingPeriod.id == Reading.period_id)
        .join(Register, Register.id == Reading.register_id)
        .join(Meter, Meter.id == Register.meter_id)
        .where(
            Reading.counts, BillingPeriod.state.in_(("closed", "confirmed")), Meter.installed < long_ago, Meter.removed.is_(None)
        )
        .group_by(Register.id)
    )
    assert {count for (count,) in made.execute(billed)} == {24}


def test_every_line_is_quantity_times_price_and_every_invoice_the_sum_of_its_lines(made):
    lines = made.execute(select(InvoiceLine.quantity, InvoiceLine.unit_price, InvoiceLine.amount)).all()
    assert lines
    for quantity, price, amount in lines:
        assert abs(quantity * price * 100 - amount * SCALE * SCALE) * 2 <= SCALE * SCALE
    totals = select(Invoice.total, func.sum(InvoiceLine.amount)).join(InvoiceLine).group_by(Invoice.id, Invoice.total)
    assert all(total == summed for total, summed in made.execute(totals))


def test_readings_rise_but_where_the_counter_passed_zero(made):
    rows = made.execute(
        select(Reading.register_id, Reading.value, Reading.rolled_over, Reading.source)
        .where(Reading.counts)
        .order_by(Reading.register_id, Reading.day)
    ).all()
    pairs = [(old, new) for old, new in zip(rows, rows[1:], strict=False) if old[0] == new[0]]
    # An estimate may have been too high: the next true reading settles it (rule 11).
    assert all(new.value >= old.value or new.rolled_over or old.source == "estimate" for old, new in pairs)
    assert any(new.rolled_over for _, new in pairs)


def test_winter_is_dearer_than_summer_where_heating_is_on_the_invoice(made):
    sums = {}
    rows = select(Organisation.slug, Invoice.month, func.sum(Invoice.total), func.count()).join(
        Organisation, Organisation.id == Invoice.creditor_id
    )
    for slug, month, total, count in made.execute(rows.group_by(Organisation.slug, Invoice.month)):
        sums[slug, month[-2:]] = total / count
    for slug in ("parnaoue-7", "nad-struga", "beryozovaya-roshcha"):
        assert sums[slug, "02"] > sums[slug, "07"], slug


def test_meters_show_what_can_be_the_matter_with_them(made):
    today = clock.today("UTC")
    assert made.scalar(select(func.count()).where(Meter.removed.is_not(None)))
    assert made.scalar(select(func.count()).where(Meter.replaces_id.is_not(None)))
    assert made.scalar(select(func.count()).where(Meter.verified_until < today))
    assert made.scalar(select(func.count()).where(Meter.verified_until.between(today, today + timedelta(days=60))))
    assert made.scalar(select(func.count()).where(Meter.remote))
    assert set(made.scalars(select(Register.name).distinct())) == {"", "day", "night"}
    assert made.scalar(select(func.count()).where(Reading.supersedes_id.is_not(None)))
    assert made.scalar(select(func.count()).where(Reading.state == "pending"))
    assert set(made.scalars(select(Reading.source).distinct())) >= {"resident", "office", "council", "import", "remote"}


def test_threads_go_to_every_addressee_and_wait_on_both_sides(made):
    assert set(made.scalars(select(Thread.addressee).distinct())) == set(ADDRESSEES)
    assert made.scalar(select(func.count()).where(Thread.last_by_staff, Thread.last_id > Thread.seen_by_resident))
    assert made.scalar(select(func.count()).where(~Thread.last_by_staff, Thread.last_id > Thread.seen_by_staff))


def test_every_organisation_has_a_fault_in_every_state_and_a_reopened_one(made):
    states = {}
    for slug, state in made.execute(select(Organisation.slug, Case.state).join(Case, Case.organisation_id == Organisation.id)):
        states.setdefault(slug, set()).add(state)
    assert states == dict.fromkeys(FOUR, set(STATES))
    reopened = select(CaseEvent.case_id).where(CaseEvent.state == "reopened", ~CaseEvent.by_staff)
    assert len(set(made.scalars(select(Case.organisation_id).where(Case.id.in_(reopened))))) == 4
    assert set(made.scalars(select(CaseEvent.kind).distinct())) == {"state", "comment", "internal", "assigned"}
    assert made.scalar(select(func.count()).where(Case.unit_id.is_(None)))


def test_the_drawn_photos_are_in_the_data_folder(portal, made):
    folder = portal.extensions["resident.settings"].files_dir
    pictures = made.scalars(select(Attachment)).all()
    assert len(pictures) >= 6
    assert all(files.path(folder, picture).stat().st_size == picture.size for picture in pictures)


def test_people_have_own_addresses_and_one_keeps_hers_secret(made):
    assert not made.scalar(select(func.count()).where(Person.email.not_like("%@example.org")))
    assert made.scalar(select(func.count()).where(Person.non_disclosure)) == 1
    assert made.scalar(select(func.count()).where(Tenure.last < clock.today("UTC")))
    assert made.scalar(select(func.count()).where(Tenure.first > clock.today("UTC"), Tenure.signed <= clock.today("UTC")))


# ---- Who signs in --------------------------------------------------------------------------------------------------


def test_every_sign_in_name_signs_in_and_there_is_no_other(portal, made):
    assert set(made.scalars(select(Login.name))) == set(demo.NAMES)
    for name in demo.NAMES:
        client = Client(portal)
        assert client.post("/sign-in", username=name, password=demo.PASSWORD).status_code == 303, name
        if client.http.get("/second-factor").status_code == 200:
            client.post("/second-factor", 303, code=totp.code(demo.TOTP_SECRET))
        assert client.http.get("/", follow_redirects=True).status_code == 200, name


def test_the_occupant_in_finland_holds_no_money_right_and_the_polish_member_two_homes(made):
    roles = dict(
        made.execute(
            select(Login.name, Party.role).join(Person, Person.login_id == Login.id).join(Party, Party.person_id == Person.id)
        ).all()
    )
    assert roles["fi-tenant"] == "primary" and roles["fi-occupant"] == "occupant" and roles["ee-coowner"] == "co_owner"
    homes = (
        select(func.count(Holding.id))
        .join(Party, Party.tenure_id == Holding.tenure_id)
        .join(Person, Person.id == Party.person_id)
        .join(Login, Login.id == Person.login_id)
    )
    assert made.scalar(homes.where(Login.name == "pl-member")) == 2


# ---- On the day of loading -----------------------------------------------------------------------------------------


def test_a_window_is_open_today_and_most_homes_have_submitted_but_not_those_that_sign_in(made):
    for organisation in made.scalars(select(Organisation).where(Organisation.slug.in_(FOUR))):
        today = clock.today(organisation.tz)
        period = (
            select(BillingPeriod.id)
            .join(Building, Building.id == BillingPeriod.building_id)
            .join(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
            .where(Building.organisation_id == organisation.id, BillingPeriod.state == "open")
            .where(ReadingWindow.first <= today, ReadingWindow.last >= today)
        )
        sent = set(
            made.scalars(
                select(Meter.unit_id)
                .join(Register)
                .join(Reading, Reading.register_id == Register.id)
                .where(Reading.period_id.in_(period), ~Meter.remote)
            )
        )
        all_homes = set(
            made.scalars(
                select(Meter.unit_id).where(Meter.organisation_id == organisation.id, ~Meter.remote, Meter.removed.is_(None))
            )
        )
        assert 0.5 < len(sent) / len(all_homes) < 0.9, organisation.slug
        own = select(Holding.unit_id).join(Party, Party.tenure_id == Holding.tenure_id).join(Person, Person.id == Party.person_id)
        assert not sent.intersection(made.scalars(own.where(Person.login_id.is_not(None))))


def test_something_is_overdue_something_falls_due_within_thirty_days_and_somebody_is_in_credit(made):
    today = clock.today("Europe/Helsinki")
    joined = (
        select(Account.creditor_id, func.count()).join(OpenItem, OpenItem.account_id == Account.id).group_by(Account.creditor_id)
    )
    assert set(by_organisation(made, joined.where(OpenItem.due < today))) == set(FOUR)
    assert set(by_organisation(made, joined.where(OpenItem.due.between(today, today + timedelta(days=32))))) == set(FOUR)
    credit = select(func.count()).select_from(AccountTotal).where(AccountTotal.amount < 0)
    assert made.scalar(credit)


def test_the_ledger_checks_clean_and_nothing_is_booked_in_the_future(made):
    assert balances.check(made) == []
    assert not made.scalar(select(func.count()).where(Entry.booked_day > clock.today("Asia/Chita")))


@pytest.mark.parametrize("module", [koivukallio, parnaoue, nad_struga, beryozovaya])
def test_whatever_the_day_the_last_invoice_is_sent_and_due_within_a_month(module):
    for n in range(800):
        today = date(2026, 11, 21) + timedelta(days=n)
        plan = module.estate(today).round
        last = plan.collected(today).plus(-1)
        assert plan.issued(last) <= today <= plan.falls_due(last) <= today + timedelta(days=31), today
        assert plan.collected(today) in (Month.of(today), Month.of(today).plus(-1))


# ---- Loading -------------------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing(portal):
    db: Database = portal.extensions["resident.db"]

    def counts():
        with db.reading() as session:
            return {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables.METADATA.sorted_tables}

    before = counts()
    result = portal.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0 and "already" in result.output
    assert counts() == before


def test_a_database_with_somebody_in_it_is_left_alone(db, cast, app):
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1 and "empty database" in result.output
    # `make run` on somebody's own installation goes on.
    assert app.test_cli_runner().invoke(args=["demo", "--if-empty"]).exit_code == 0
    with db.reading() as session, pytest.raises(loading.NotEmpty):
        loading.load(session, app.extensions["resident.settings"])
    with db.reading() as session:
        assert not session.scalar(select(func.count()).select_from(Organisation).where(Organisation.demo))


def test_references_carry_the_check_digits_that_banks_know():
    # The examples of the Finnish banks' and the Estonian banking association's own papers.
    assert with_731(123456) == "1234561"
    assert iban("FI", "12345600000785") == "FI2112345600000785"
    assert iban("EE", "2200221020145685") == "EE382200221020145685"
    account = virtual_account("99900004", 555_000_011)
    assert len(account) == 26 and int(f"{account[2:]}2521{account[:2]}") % 97 == 1


def test_every_organisation_has_a_paper_in_a_thread_and_no_reading_is_of_a_day_after_it_was_entered(made):
    papers = select(Attachment.organisation_id).where(Attachment.message_id.is_not(None), Attachment.kind == "pdf")
    assert len(set(made.scalars(papers))) == 4
    places = select(Organisation.id, Organisation.tz, Reading.day, Reading.at).join(Building).join(Unit).join(Meter).join(Register)
    rows = made.execute(places.join(Reading, Reading.register_id == Register.id)).all()
    assert rows and not [row for row in rows if row.day > clock.day(row.at, row.tz)]


def test_every_building_has_main_meters_and_its_homes_use_a_little_less(made):
    """What goes in by the main meters lies some hundredths above what the homes used."""
    buildings = set(made.scalars(select(Meter.building_id).where(Meter.building_id.is_not(None)).distinct()))
    assert buildings == set(made.scalars(select(Building.id)))
    here = select(Building.id, Building.organisation_id, Organisation.tz).join(
        Organisation, Organisation.id == Building.organisation_id
    )
    for building_id, _, tz in made.execute(here):
        last = Month.of(clock.today(tz)).plus(-3).last
        first = Month.of(last).plus(-11).first
        mains = made.scalars(
            select(Register.id).join(Meter).where(Meter.building_id == building_id, Meter.medium.in_(("cold_water", "hot_water")))
        ).all()
        homes = made.scalars(
            select(Register.id)
            .join(Meter)
            .join(Unit, Unit.id == Meter.unit_id)
            .where(Unit.building_id == building_id, Meter.medium.in_(("cold_water", "hot_water")))
        ).all()
        (went_in,) = consumption.series(made, mains, None, first, last, "year")[-1:]
        used = sum(span.use for span in consumption.series(made, homes, None, went_in.first, went_in.last, "year"))
        assert 1.01 < went_in.use / used < 1.08


def test_two_homes_are_read_each_hour_and_prices_and_degree_days_are_there(made):
    hours = made.execute(
        select(Meter.medium, func.count()).select_from(Sample).join(Register, Register.id == Sample.register_id).join(Meter)
        .where(Meter.medium.not_in(WATER)).group_by(Meter.medium)
    ).all()  # fmt: skip
    assert sorted(medium for medium, _ in hours) == ["electricity", "heating"]
    assert all(abs(count - 60 * 24) <= 1 for _, count in hours)
    assert set(
        by_organisation(made, select(MediumPrice.organisation_id, func.count()).group_by(MediumPrice.organisation_id))
    ) == set(FOUR)
    months = by_organisation(made, select(DegreeDays.organisation_id, func.count()).group_by(DegreeDays.organisation_id))
    assert set(months) == set(FOUR) and min(months.values()) >= 36
    assert made.scalar(select(func.count()).select_from(Medium)) == 1
    estimates = made.scalars(select(Reading).where(Reading.source == "estimate")).all()
    assert estimates and all(ladder.Basis.read(one.note).rung == one.reason for one in estimates)


def test_one_organisation_is_sent_its_water_by_a_feed_and_looks_for_a_leak(portal, made):
    """A good file and one with rows that came back, to be fetched; a leak that runs, as the watch of leaks sees it itself."""
    feeds = by_organisation(made, select(Feed.organisation_id, func.count()).group_by(Feed.organisation_id))
    assert feeds == {"koivukallio": 1}
    runs = made.scalars(select(FeedRun).order_by(FeedRun.id)).all()
    assert [(run.state, run.counts["failed"]) for run in runs] == [("done", 3), ("done", 0)]
    (leak,) = made.scalars(select(Leak)).all()
    assert leak.ended_on is None and leak.flow >= 1000 and leak.last_night == clock.today("Europe/Helsinki") - timedelta(days=1)
    assert leak_watch.watch(portal.extensions["resident.db"]) == 0, "there is no other"
    office = Client(portal, "fi-office", demo.PASSWORD)
    assert "Etäluenta, vesi" in office.get("/desk/feeds").text
    assert runs[0].file_name in office.get(f"/desk/feeds/{runs[0].feed_id}").text
    rows = office.get(f"/desk/feeds/runs/{runs[0].id}/rows").text
    assert rows.count("19-000417;") == 2 and len(rows.splitlines()) == 4
    serial = made.scalar(select(Meter.serial).join(Register).where(Register.id == leak.register_id))
    assert serial in office.get("/desk/leaks").text
    shown = select(Sample.at, Sample.value).where(Sample.register_id == leak.register_id).order_by(Sample.at)
    values = [value for _at, value in made.execute(shown)]
    assert values == sorted(values) and len(values) >= 9 * 23
