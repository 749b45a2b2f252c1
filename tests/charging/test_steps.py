"""The states of a period: each step when it is its turn, back one step at a time, and nothing half done."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from resident import clock
from resident.audit import AuditEvent
from resident.charging import (
    allocating,
    charges,
    confirming,
    correcting,
    costs,
    invoicing,
    outlook,
    preview,
    proving,
    sheets,
    steps,
    taking_back,
)
from resident.charging.charge import ChargeType
from resident.charging.cost import Cost
from resident.charging.draft import Draft, DraftLine
from resident.charging.line import COLUMNS
from resident.money import balances, booking
from resident.money.invoice import Invoice, InvoiceDelivery, InvoiceLine, Series
from resident.money.ledger import AccountTotal, OpenItem
from resident.money.period import BillingPeriod, plan
from resident.people.tenure import Tenure
from tests.at_once import meanwhile
from tests.charging.house import House, minor

MONTH = "2026-03"


@pytest.fixture
def one(house) -> House:
    """Kask's home and a vacant one, with a cost in March."""
    house.home("1", "40")
    house.home("2", "60")
    house.hold("Kask", "1")
    house.charge("HEAT", "cost", "area")
    house.period(MONTH)
    house.cost(MONTH, "HEAT", "100.00")
    return house


def drafts(house) -> list:
    columns = (Draft.tenure_id, Draft.position, *(getattr(DraftLine, name) for name in COLUMNS))
    rows = select(*columns).join(DraftLine, DraftLine.draft_id == Draft.id).order_by(Draft.position, DraftLine.position)
    return house.session.execute(rows).all()


def test_each_step_says_what_must_be_done_first(one):
    month = one.periods[MONTH]
    for step, verb, first in (
        ("confirm", confirming.confirm, "allocate"),
        ("close", steps.close, "allocate"),
        ("unallocate", steps.unallocate, "allocate"),
        ("open", steps.open_, None),
    ):
        with pytest.raises(steps.WrongState) as refused:
            verb(one.session, month, by=one.by)
        assert (refused.value.step, refused.value.state, refused.value.first) == (step, "open", first)
    one.bill(MONTH)
    with pytest.raises(steps.WrongState) as refused:
        one.allocate(MONTH)
    assert (refused.value.state, refused.value.first) == ("confirmed", None)


def test_a_month_walks_through_its_states_and_writes_one_event_a_step(one):
    made = plan(one.session, one.building, "2026-04", behind=False, by=one.by)
    steps.open_(one.session, made, by=one.by)
    steps.unopen(one.session, made, by=one.by)
    one.bill(MONTH)
    one.close(MONTH)
    with pytest.raises(steps.WrongState):
        steps.unopen(one.session, one.periods[MONTH], by=one.by)
    steps.reopen(one.session, one.periods[MONTH], by=one.by)
    acts = one.session.scalars(select(AuditEvent.act).where(AuditEvent.act.like("period_%")).order_by(AuditEvent.id)).all()
    assert acts == [
        "period_planned", "period_opened", "period_taken_back", "period_allocated", "period_confirmed", "period_closed",
        "period_taken_back",
    ]  # fmt: skip


def test_periods_are_shared_out_in_their_order(one):
    one.period("2026-04")
    with pytest.raises(steps.EarlierFirst) as refused:
        one.allocate("2026-04")
    assert (refused.value.name, refused.value.state) == (MONTH, "open")
    one.bill(MONTH)
    one.allocate("2026-04")
    with pytest.raises(steps.LaterStands):
        taking_back.unconfirm(one.session, one.periods[MONTH], by=one.by)
    assert outlook.outlook(one.session, one.periods[MONTH]).back_refused.name == "2026-04"


def test_sharing_out_again_gives_the_same_drafts_and_new_costs_others(one):
    one.allocate(MONTH)
    before = drafts(one)
    one.allocate(MONTH)
    assert drafts(one) == before
    steps.unallocate(one.session, one.periods[MONTH], by=one.by)
    assert not drafts(one)
    one.cost(MONTH, "HEAT", "10.00")
    one.allocate(MONTH)
    assert [row.amount for row in drafts(one)] == [4400, 6600]


def test_taking_back_voids_the_invoices_keeps_their_numbers_reverses_their_entries_and_brings_the_drafts_back(one):
    one.allocate(MONTH)
    before = drafts(one)
    one.confirm(MONTH)
    assert not drafts(one)
    assert taking_back.unconfirm(one.session, one.periods[MONTH], by=one.by) == 2
    assert drafts(one) == before
    void = one.invoices(MONTH, live=False)
    assert [invoice.number for invoice in void] == [1, 2] and all(invoice.voided_at for invoice in void)
    assert set(one.session.scalars(select(AccountTotal.amount))) == {0}
    assert not one.session.scalars(select(OpenItem.amount)).all()
    one.confirm(MONTH)
    assert [invoice.number for invoice in one.invoices(MONTH)] == [3, 4]
    assert not balances.check(one.session) and not proving.check(one.session)


def test_what_somebody_holds_in_hand_or_has_paid_is_not_taken_back(one):
    one.bill(MONTH, issued=date(2026, 4, 7))
    (own,) = one.invoices(MONTH, "Kask")
    month = one.periods[MONTH]

    def refused(error) -> bool:
        with pytest.raises(error):
            taking_back.unconfirm(one.session, month, by=one.by)
        return isinstance(outlook.outlook(one.session, month).back_refused, error)

    paid = booking.book(one.session, own.account_id, "payment", -100, date(2026, 4, 9), "test:payment:1")
    assert refused(taking_back.AlreadyPaid)
    booking.reverse(one.session, paid, by=None)
    made = correcting.correct(one.session, one.lines(own)[0], "Half of it", amount=-2000, by=one.by)
    assert refused(taking_back.AlreadyCorrected)
    correcting.withdraw(one.session, made, by=one.by)
    one.session.add(InvoiceDelivery(invoice_id=own.id, way="paper", ordered_at=clock.now()))
    one.session.flush()
    assert refused(taking_back.AlreadyDelivered)


def test_credit_of_before_that_settles_an_invoice_does_not_hold_it(one):
    one.bill(MONTH)
    (own,) = one.invoices(MONTH, "Kask")
    taking_back.unconfirm(one.session, one.periods[MONTH], by=one.by)
    booking.book(one.session, own.account_id, "payment", -9000, date(2026, 4, 1), "test:payment:1")
    one.confirm(MONTH)
    assert one.session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == own.account_id)) == -5000
    assert taking_back.unconfirm(one.session, one.periods[MONTH], by=one.by) == 2


def test_months_of_another_program_are_not_taken_back(one):
    period = one.period("2026-01", "confirmed")
    with pytest.raises(taking_back.NotOurs):
        taking_back.unconfirm(one.session, period, by=one.by)


def test_an_invoice_is_not_due_before_it_is_issued(one):
    one.allocate(MONTH)
    with pytest.raises(invoicing.DueBeforeIssue):
        one.confirm(MONTH, issued=date(2026, 4, 7), due=date(2026, 4, 6))


def test_costs_are_entered_until_they_are_shared_out(one):
    heat, month = one.session.get_one(ChargeType, one.charges["HEAT"]), one.periods[MONTH]
    cost = costs.enter(one.session, month, heat, 500, text=" Oil ", document="A-1", by=one.by)
    assert cost.text == "Oil"
    with pytest.raises(costs.CostEntered):
        costs.enter(one.session, month, heat, 500, document="A-1", by=one.by)
    costs.change(one.session, cost, 700, by=one.by)
    costs.remove(one.session, cost, by=one.by)
    care = one.session.get_one(ChargeType, one.charge("CARE", "tariff", "area"))
    with pytest.raises(costs.NotDivided):
        costs.enter(one.session, month, care, 500, by=one.by)
    one.allocate(MONTH)
    with pytest.raises(costs.CostsShared):
        costs.enter(one.session, month, heat, 1, by=one.by)
    assert one.session.scalar(select(func.count()).select_from(Cost)) == 1


def test_what_is_charged_changes_from_days_that_are_free(one):
    session, by = one.session, one.by
    care = charges.add(
        session, one.cast.koivu, by=by, code="CARE", name={"fi": "Hoito"}, basis="tariff", key="area", first=date(2020, 1, 1)
    )
    charges.put_price(session, care, 1_000_000, date(2020, 1, 1), by=by)
    charges.put_price(session, care, 2_000_000, date(2020, 1, 1), by=by)
    charges.put_vat(session, care, 2550, False, date(2020, 1, 1), by=by)
    sheets.put_weights(session, care, {one.units["1"]: 500_000}, date(2020, 1, 1), by=by)
    one.charges["CARE"] = care.id
    # 40 m² × 0.5 × 2.00.
    assert one.drafted(MONTH)["Kask", "1", "CARE"] == minor("40.00")
    with pytest.raises(charges.DaysBilled) as refused:
        charges.put_price(session, care, 3_000_000, date(2026, 3, 31), by=by)
    assert (refused.value.name, refused.value.first) == (MONTH, date(2026, 4, 1))
    tenure = session.get_one(Tenure, one.tenures["Kask"])
    with pytest.raises(charges.DaysBilled):
        charges.put_amount(session, care, tenure, 100, date(2026, 3, 1), by=by)
    charges.put_amount(session, care, tenure, 100, date(2026, 4, 1), announced=date(2026, 1, 1), by=by)
    with pytest.raises(charges.CodeTaken):
        charges.add(session, one.cast.koivu, by=by, code="CARE", name={"fi": "X"}, basis="tariff", first=date(2020, 1, 1))
    with pytest.raises(charges.BadCharge):
        charges.add(session, one.cast.koivu, by=by, code="W", name={"fi": "X"}, basis="tariff", key="meter", first=date(2020, 1, 1))
    charges.change(session, care, by=by, name={"fi": "Hoitovastike"})
    with pytest.raises(charges.ChargeUsed):
        charges.change(session, care, by=by, key="equal")


def test_the_preview_proves_itself_before_and_after_and_says_what_changed_most(one):
    seen = preview.preview(one.session, one.periods[MONTH])
    assert (seen.stored, seen.total, seen.proves, seen.before) == (False, 10_000, True, None)
    assert not one.session.scalars(select(Draft.id)).all()
    one.allocate(MONTH)
    assert preview.preview(one.session, one.periods[MONTH]).homes == seen.homes
    one.confirm(MONTH)
    after = preview.preview(one.session, one.periods[MONTH])
    assert [home.total for home in after.homes] == [4000, 6000] and all(home.invoice_id for home in after.homes)
    one.period("2026-04")
    one.fact("1", "area", "90", date(2026, 4, 1))
    one.home("3", None)
    one.cost("2026-04", "HEAT", "150.00")
    april = preview.preview(one.session, one.periods["2026-04"])
    assert [(home.number, home.total, home.before) for home in april.changed_most()] == [("1", 9000, 4000)]
    assert [(charge.entered, charge.shared, charge.before) for charge in april.charges] == [(15_000, 15_000, 10_000)]
    assert april.without == {"HEAT": ["3"]}


@pytest.mark.parametrize("other", [False, True], ids=["the same month", "another building"])
def test_two_who_confirm_at_once_get_one_result_and_numbers_in_a_row(db, cast, other):
    with db.writing() as session:
        houses = [House(session, cast, code) for code in ("K1", "K2")[: 1 + other]]
        houses[0].charge("CARE", "tariff", "area")
        houses[0].price("CARE", "1.00")
        for house in houses:
            house.home("1", "40")
            house.hold("Kask", "1")
            house.period(MONTH)
            house.allocate(MONTH)
        first, last = (house.periods[MONTH].id for house in (houses[0], houses[-1]))
        by = house.by

    def confirm(session, id: int):
        confirming.confirm(session, session.get_one(BillingPeriod, id), by=by)

    with meanwhile(db, lambda session: confirm(session, last)) as (session, errors):
        confirm(session, first)
    assert [type(error) for error in errors] == ([] if other else [steps.WrongState])
    with db.reading() as session:
        assert session.scalars(select(Invoice.number).order_by(Invoice.id)).all() == [1, 2][: 1 + other]
        assert session.scalar(select(Series.next)) == 2 + other
        assert not balances.check(session) and not proving.check(session)


def test_a_line_is_not_corrected_while_its_period_is_taken_back(db, cast):
    """The one who waited hears that the invoice is void, instead of being told that a correction waits which never comes."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", "40")
        house.hold("Kask", "1")
        house.charge("CARE", "tariff", "area")
        house.price("CARE", "1.00")
        house.period(MONTH)
        house.bill(MONTH)
        (line,) = house.lines(house.invoices(MONTH)[0])
        period, line, by = house.periods[MONTH].id, line.id, house.by

    def correct(session):
        correcting.correct(session, session.get_one(InvoiceLine, line), "Measured again", by=by, amount=-100)

    with meanwhile(db, correct) as (session, errors):
        taking_back.unconfirm(session, session.get_one(BillingPeriod, period), by=by)
    assert [type(error) for error in errors] == [correcting.NotCorrectable]


def test_whoever_dies_midway_leaves_drafts_and_no_number_taken(one, monkeypatch):
    one.allocate(MONTH)
    one.session.commit()

    def dies(*_given, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(booking, "refresh", dies)
    with pytest.raises(KeyboardInterrupt):
        one.confirm(MONTH)
    one.session.rollback()
    monkeypatch.undo()
    assert one.session.scalar(select(func.count()).select_from(InvoiceLine)) == 0
    assert one.confirm(MONTH) == 2
    assert [invoice.number for invoice in one.invoices(MONTH)] == [1, 2]


def test_a_proof_finds_what_was_tampered_with(one):
    one.bill(MONTH)
    (own,) = one.invoices(MONTH, "Kask")
    line = one.lines(own)[0]
    line.amount += 1
    own.total += 1
    one.session.flush()
    assert {found.what for found in proving.check(one.session)} == {"invoiced_cost", "unposted_invoice"}
    line.amount -= 1
    own.total -= 1
    one.period("2026-04")
    one.cost("2026-04", "HEAT", "1.00")
    allocating.allocate(one.session, one.periods["2026-04"], by=one.by)
    drafted = one.session.scalars(select(Draft)).first()
    drafted.total += 1
    one.session.flush()
    assert {found.what for found in proving.check(one.session)} == {"draft_total"}


def test_the_shell_proves_the_money(app, db, cast):
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", "40")
        house.hold("Kask", "1")
        house.charge("HEAT", "cost", "area")
        house.period(MONTH)
        house.cost(MONTH, "HEAT", "100.00")
        house.bill(MONTH)
    run = app.test_cli_runner().invoke
    right = run(args=["check", "money"])
    assert (right.exit_code, right.output) == (0, "All is well.\n")
    with db.writing() as session:
        session.execute(update(Cost).values(amount=9_999))
    wrong = run(args=["check", "money"])
    assert (
        wrong.exit_code == 1
        and wrong.output.startswith("invoiced_cost: ")
        and "2026-03 HEAT: 10000, should be 9999" in wrong.output
    )
