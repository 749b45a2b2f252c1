"""Rule 26: a line keeps what it was made from, so that what was wrong is corrected once, with figures worked out on paper."""

from datetime import date

import pytest
from sqlalchemy import select, update

from resident.charging import confirming, correcting, proving, recosting, remeasuring, separate
from resident.charging.charge import ChargeType
from resident.charging.draft import DraftLine
from resident.errors import Stale
from resident.metering import putting_right
from resident.money import balances
from resident.money.invoice import InvoiceLine
from resident.money.ledger import Entry
from resident.people.tenure import Tenure
from tests.charging.house import minor

MONTH = "2026-03"


def test_rule_26_a_line_keeps_what_it_was_made_from(two):
    two.charge("HEAT", "cost", "area", measure="m2")
    two.charge("WATER", "tariff", "meter", media="cold_water", measure="m3")
    two.price("WATER", "5.00")
    two.meter("1")
    two.read("1", date(2026, 2, 28), "7")
    two.read("1", date(2026, 3, 31), "9.5", MONTH)
    two.cost(MONTH, "HEAT", "100.00")
    two.bill(MONTH)
    heat, water = two.lines(two.invoices(MONTH, "Kask")[0])
    assert (heat.weight, heat.whole, heat.cost, heat.days) == (40_000_000 * 31, 100_000_000 * 31, 10_000, 31)
    assert heat.amount * heat.whole == heat.cost * heat.weight
    assert (water.quantity, water.unit_price, water.amount) == (2_500_000, 5_000_000, 1250)
    (read,) = water.readings
    assert (read["first"], read["from"], read["last"], read["to"]) == ("2026-02-28", 7_000_000, "2026-03-31", 9_500_000)


def test_rule_26_a_cost_that_was_wrong_is_corrected_by_the_weights_of_its_lines(two):
    two.charge("HEAT", "cost", "area")
    two.cost(MONTH, "HEAT", "100.00")
    two.bill(MONTH)
    (heat,) = recosting.divided(two.session, two.periods[MONTH])
    given = two.session, two.periods[MONTH], two.charges["HEAT"], minor("-10.01"), "Heating of March", heat.seen
    made = recosting.cost_was(*given, by=two.by)
    with pytest.raises(Stale):
        recosting.cost_was(*given, by=two.by)
    assert [one.amount for one in made] == [minor("-4.00"), minor("-6.01")]
    correcting.withdraw(two.session, made[0], by=two.by)
    two.period("2026-04")
    drafts = two.allocate("2026-04").drafts
    assert [(drafted.tenure_id, drafted.total) for drafted in drafts] == [(two.tenures["Tamm"], minor("-6.01"))]
    two.confirm("2026-04")
    (credit,) = two.invoices("2026-04")
    assert (credit.kind, credit.total) == ("correction", minor("-6.01"))
    assert two.session.scalar(select(Entry.kind).where(Entry.cause == f"invoice:{credit.id}")) == "correction"
    with pytest.raises(correcting.Carried):
        correcting.withdraw(two.session, made[1], by=two.by)
    two.period("2026-05")
    assert not two.allocate("2026-05").drafts
    assert not proving.check(two.session)


def test_rule_26_a_cost_by_use_is_divided_anew_when_a_reading_was_wrong(two):
    """10 m³ and 30 m³ of 40.00; the first was 20 m³ in truth, so 10 of 40 becomes 20 of 50. What one pays more the other gets."""
    two.charge("SEWAGE", "cost", "meter", media="cold_water")
    for number, value in (("1", "10"), ("2", "30")):
        two.meter(number)
        two.read(number, date(2026, 2, 28), "0")
        two.read(number, date(2026, 3, 31), value, MONTH)
    two.cost(MONTH, "SEWAGE", "40.00")
    two.bill(MONTH)
    march = two.session, two.periods[MONTH]
    assert not remeasuring.remeasured(*march)
    own = putting_right.counters(*march, two.units["1"])[0][0].register_id
    with pytest.raises(putting_right.NotPutRight):
        putting_right.put_right(*march, two.units["1"], {own: 10_000_000}, "", by=two.by)
    putting_right.put_right(*march, two.units["1"], {own: 20_000_000}, "Read again", by=two.by)
    found = remeasuring.remeasured(*march)
    assert [(one.quantity, one.worth.amount) for one in found] == [(10_000_000, minor("6.00")), (0, minor("-6.00"))]
    remeasuring.correct_all(*march, "Read again", remeasuring.mark(found), by=two.by)
    assert not remeasuring.remeasured(*march)
    assert not proving.check(two.session)


def test_rule_26_what_two_share_is_corrected_in_their_parts(two):
    """Two leases beside each other: a reading that is 1 m³ too high gives each half of it back, also after a third one came."""
    for name in ("Saar", "Lepp"):
        two.hold(name, "1", kind="lease")
    two.charge("WATER", "tariff", "meter", media="cold_water", payer="tenant")
    two.price("WATER", "5.00")
    two.meter("1")
    two.read("1", date(2026, 2, 28), "0")
    two.read("1", date(2026, 3, 31), "8", MONTH)
    two.bill(MONTH)
    march = two.session, two.periods[MONTH]
    two.hold("Kuusk", "1", kind="lease")
    assert not remeasuring.remeasured(*march)
    register = putting_right.counters(*march, two.units["1"])[0][0].register_id
    putting_right.put_right(*march, two.units["1"], {register: 7_000_000}, "", by=two.by)
    assert [(one.quantity, one.worth.amount) for one in remeasuring.remeasured(*march)] == [(-500_000, minor("-2.50"))] * 2


def test_rule_26_a_credit_note_goes_out_at_once(two):
    two.charge("SAUNA", "tariff", "fixed")
    two.price("SAUNA", "14.00")
    two.vat("SAUNA", 2550)
    two.bill(MONTH)
    (own,) = two.invoices(MONTH, "Kask")
    correcting.correct(two.session, two.lines(own)[0], "Sauna was closed", amount=minor("-7.00"), by=two.by)
    note = correcting.credit_note(two.session, own, by=two.by)
    assert (note.kind, note.total, note.number, note.month) == ("correction", minor("-7.00"), 3, MONTH)
    (line,) = two.lines(note)
    assert (line.vat_rate, line.vat_amount, line.corrects_id) == (2550, minor("-1.42"), two.lines(own)[0].id)
    with pytest.raises(correcting.NoChange):
        correcting.credit_note(two.session, own, by=two.by)
    assert not balances.check(two.session)


def test_rule_26_a_correction_is_carried_once(two):
    two.charge("SAUNA", "tariff", "fixed")
    two.price("SAUNA", "14.00")
    two.bill(MONTH)
    (own,) = two.invoices(MONTH, "Kask")
    made = correcting.correct(two.session, two.lines(own)[0], "Sauna was closed", amount=minor("-7.00"), by=two.by)
    for month in ("2026-05", "2026-04"):
        two.period(month)
        two.allocate(month)
    for verb in (
        lambda: correcting.withdraw(two.session, made, by=two.by),
        lambda: correcting.credit_note(two.session, own, by=two.by),
    ):
        with pytest.raises(correcting.InDraft):
            verb()
    two.confirm("2026-04")
    with pytest.raises(confirming.CarriedElsewhere):
        two.confirm("2026-05")
    assert not proving.check(two.session)
    two.session.execute(update(DraftLine).where(DraftLine.correction_id == made.id).values(correction_id=None))
    two.confirm("2026-05")
    again = select(InvoiceLine).where(InvoiceLine.amount == minor("-7.00"), InvoiceLine.correction_id.is_(None))
    two.session.scalars(again).one().correction_id = made.id
    two.session.flush()
    assert "carried_twice" in [finding.what for finding in proving.check(two.session)]


def test_rule_26_corrections_of_separate_invoices_go_onto_the_next_period_s(two):
    charge = two.charge("KEY", "tariff", "fixed", billed="separate")
    two.price("KEY", "30.00")
    tenure, charge = two.session.get_one(Tenure, two.tenures["Kask"]), two.session.get_one(ChargeType, charge)
    own = separate.invoice(two.session, tenure, charge, by=two.by)
    correcting.correct(two.session, two.lines(own)[0], "Half of it", amount=minor("-15.00"), by=two.by)
    assert [(drafted.tenure_id, drafted.total) for drafted in two.allocate(MONTH).drafts] == [(tenure.id, minor("-15.00"))]
