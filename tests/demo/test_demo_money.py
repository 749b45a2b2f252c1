"""The demo's money: what is charged, so that the month that is being collected can be shared out, and payments for the desk."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock, demo
from resident.banking import suggesting
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit
from resident.charging import allocating, earlier, explaining, preview, proof, remeasuring, settling_up
from resident.charging.charge import ChargeType
from resident.homes.building import Building
from resident.homes.organisation import Organisation
from resident.identity import Actor
from resident.metering import submission
from resident.metering.reading import Reading
from resident.money.account import Account
from resident.money.invoice import Invoice, InvoiceLine
from resident.money.ledger import Item
from resident.money.period import BillingPeriod
from tests.client import Client
from tests.demo.test_demo import FOUR

DESKS = {"fi-office": "koivukallio", "ee-board": "parnaoue-7", "pl-office": "nad-struga", "ru-office": "beryozovaya-roshcha"}


class Undone(Exception):
    """Ends a transaction, so that the demo stays as it was loaded."""


def next_period(session, slug: str) -> BillingPeriod:
    """Of the organisation's first building."""
    first = select(Building.id).join(Organisation, Organisation.id == Building.organisation_id).where(Organisation.slug == slug)
    building = session.scalar(first.order_by(Building.id).limit(1))
    return session.scalars(select(BillingPeriod).where(BillingPeriod.building_id == building, BillingPeriod.state == "open")).one()


def test_every_line_is_called_as_its_charge_and_holds_what_it_was_made_from(made):
    rows = made.execute(select(InvoiceLine, Invoice.language, ChargeType).join(Invoice).outerjoin(
        ChargeType, ChargeType.id == InvoiceLine.charge_type_id
    )).all()  # fmt: skip
    assert rows
    for line, language, charge in rows:
        assert charge.name[language] == line.text and line.unit_id and line.first <= line.last
        if charge.key == "meter":
            assert sum(told["use"] for told in line.readings) == line.quantity
    confirmed = made.scalars(select(BillingPeriod).where(BillingPeriod.state == "confirmed"))
    assert [period.name for period in confirmed if remeasuring.remeasured(made, period)] == []
    assert proof.check(made) == []


def test_in_russia_a_due_day_stays_where_it_is(made):
    moved = (
        select(Organisation.slug).join(Account, Account.creditor_id == Organisation.id).join(Item, Item.account_id == Account.id)
    )
    moving = set(made.scalars(moved.where(Item.effective_due != Item.due).distinct()))
    assert moving == {slug for slug in FOUR if slug != DESKS["ru-office"]}


def test_the_next_month_can_be_shared_out_when_its_readings_are_over(portal):
    db, offset = portal.extensions["resident.db"], clock._offset
    for slug in FOUR:
        try:
            clock.shift(offset + timedelta(days=8))
            with pytest.raises(Undone), db.writing() as session:
                period = next_period(session, slug)
                by = Actor(None, None, session.get_one(Building, period.building_id).organisation_id, "manager", "manager")
                waiting = select(Reading).where(Reading.state == "pending", Reading.period_id == period.id)
                for reading in session.scalars(waiting):
                    submission.accept(session, reading, by=by)
                seen = preview.preview(session, period)
                assert seen.proves and seen.total and not seen.unknown and not seen.without and seen.before
                worked = allocating.allocate(session, period, by=by)
                assert period.state == "allocated" and sum(one.total for one in worked.drafts) == seen.total
                # Nobody is asked for twice what they were asked for before, but for heating that has begun.
                assert seen.total < 2 * sum(home.before or 0 for home in seen.homes)
                raise Undone()
        finally:
            clock.shift(offset)


def test_a_change_of_an_invoice_is_told_by_use_and_price(made):
    newest = select(Invoice.id).order_by(Invoice.account_id, Invoice.id.desc()).limit(2)
    lines = earlier._LINES.where(InvoiceLine.invoice_id.in_(newest.subquery().select()))
    by_invoice = {}
    for invoice, *line in made.execute(lines):
        by_invoice.setdefault(invoice, []).append(explaining.Said(*line))
    was, now = (by_invoice[id] for id in sorted(by_invoice))
    parts = explaining.summed(explaining.changes(was, now))
    assert "use" in parts and "other" not in parts
    assert sum(parts.values()) == sum(line.amount for line in now) - sum(line.amount for line in was)


def test_two_payments_wait_with_somebody_suggested_and_one_is_set_aside(made):
    for slug in FOUR:
        organisation = made.scalars(select(Organisation).where(Organisation.slug == slug)).one()
        account = made.scalars(select(BankAccount).where(BankAccount.organisation_id == organisation.id)).one()
        credits = made.scalars(select(BankCredit).where(BankCredit.bank_account_id == account.id).order_by(BankCredit.id)).all()
        assert [credit.state for credit in credits] == ["waiting", "waiting", "aside"]
        first, second, _ = (suggesting.suggestions(made, credit, account, organisation.country) for credit in credits)
        assert "name" in first[0].reasons and "document" in second[0].reasons and credits[2].note


@pytest.mark.parametrize("name", DESKS)
def test_the_desk_has_charges_periods_and_payments_to_look_at(portal, made, name):
    office, period = Client(portal, name, demo.PASSWORD), next_period(made, DESKS[name])
    for path in (
        "/desk/charges",
        "/desk/payments",
        f"/desk/billing/{period.id}",
        f"/desk/billing/{period.id}/homes",
        f"/desk/billing/{period.id}/costs",
    ):
        assert office.get(path).status_code == 200, path


def test_a_year_of_advances_can_be_settled(made):
    """More is asked or given back, home by home, and the costs are shared out whole."""
    building = next_period(made, "nad-struga").building_id
    done = select(BillingPeriod).where(BillingPeriod.building_id == building, BillingPeriod.state.in_(("confirmed", "closed")))
    periods = made.scalars(done.order_by(BillingPeriod.name.desc()).limit(12)).all()[::-1]
    parts, cost = settling_up.worked_out(made, periods)
    assert cost and sum(part.charged for part in parts) == cost
    assert any(part.advances for part in parts) and any(part.charged != part.advances for part in parts)
