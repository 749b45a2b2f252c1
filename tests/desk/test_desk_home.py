"""The desk's first page shows the queues that a post gives, and nothing of anybody else."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from resident import clock
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod
from resident.talk.case import Case
from resident.talk.thread import Thread
from tests.banking.bank import Bank
from tests.banking.files import camt, entry
from tests.cast import LONG_AGO


@pytest.fixture
def busy(db, cast):
    """Two new faults (one assigned to the caretaker), a thread without an answer, an open window: of three homes one
    has sent a value that counts, one a value that waits, one none."""
    now = clock.now()
    with db.writing() as session:
        for n, (subject, assignee) in enumerate((("Cold radiator", None), ("Dripping tap", cast.caretaker))):
            session.add(
                Case(
                    organisation_id=cast.koivu, building_id=cast.building, unit_id=cast.unit_a1, tenure_id=cast.tenure_a1,
                    person_id=cast.tenant, number=f"F-2026-000{n}", category="heating", subject=subject, place="Kitchen", text="x",
                    entry="ask", assignee_id=assignee, opened_at=now - timedelta(days=3), changed_at=now,
                )
            )  # fmt: skip
        session.add(
            Thread(
                organisation_id=cast.koivu, building_id=cast.building, unit_id=cast.unit_a1, tenure_id=cast.tenure_a1,
                person_id=cast.tenant, addressee="customer_service", subject="Key", number="V-2026-0001", opened_at=now,
                last_id=1, last_at=now - timedelta(days=2),
            )
        )  # fmt: skip
        today = clock.today("Europe/Helsinki")
        days = {"use_first": today, "use_last": today, "bill_first": today, "bill_last": today}
        period = BillingPeriod(building_id=cast.building, name=f"{today:%Y-%m}", state="open", **days)
        session.add(period)
        session.flush()
        session.add(ReadingWindow(period_id=period.id, first=today, last=today + timedelta(days=4), opened_at=now))
        for unit in (cast.unit_a1, cast.unit_a2, cast.unit_b10):
            meter = Meter(
                organisation_id=cast.koivu, unit_id=unit, medium="cold_water", serial=f"S{unit}", measure="m³", installed=LONG_AGO
            )
            session.add(meter)
            session.flush()
            register = Register(meter_id=meter.id)
            session.add(register)
            session.flush()
            if unit == cast.unit_b10:
                continue
            counts = unit == cast.unit_a1
            session.add(
                Reading(
                    register_id=register.id, period_id=period.id, day=today, value=7_000_000, source="resident", at=now,
                    counts=counts, state="accepted" if counts else "pending",
                )
            )  # fmt: skip
    return cast


def main(client, name: str) -> str:
    text = client(name).get("/desk/?lang=en").text
    return text[text.index("<main") : text.index("</main")]


def test_the_office_sees_every_queue_with_count_and_oldest_age(client, busy):
    page = main(client, "office")
    for words in ("New faults", "waited for 3 days", "Messages without an answer", "waited for 2 days", "Readings in question"):
        assert words in page
    assert "Cold radiator" in page and "2 of 3" in page and 'max="3"' in page


def test_a_payment_that_nobody_has_placed_waits_for_whoever_bills(db, client, busy, tmp_path):
    assert "Payments in" not in main(client, "office")
    Bank(db, busy, tmp_path).take(camt([entry("30", text="rent")]))
    assert "Payments in" in main(client, "office") and "Payments in" not in main(client, "caretaker")


@pytest.mark.parametrize(
    ("name", "seen", "unseen"),
    [
        ("caretaker", ["My work", "Dripping tap"], ["Cold radiator", "New faults", "Messages without", "2 of 3"]),
        ("council", ["2 of 3"], ["New faults", "Cold radiator", "Dripping", "My work", "in question"]),
        ("provider", ["2 of 3"], ["New faults", "Cold radiator", "Dripping", "My work", "in question"]),
        ("board", ["New faults", "Nothing waits"], ["Cold radiator", "Dripping", "2 of 3", "Pihlajakuja"]),
        ("operator", ["System"], ["New faults", "Cold radiator", "Pihlajakuja", "2 of 3"]),
    ],
)
def test_each_post_sees_only_what_it_gives(client, busy, name, seen, unseen):
    page = main(client, name)
    assert [words for words in seen if words not in page] == []
    assert [words for words in unseen if words in page] == []


def test_what_came_yesterday_evening_is_not_from_today(db, client, cast, later):
    yesterday = clock.begins(clock.today("Europe/Helsinki"), "Europe/Helsinki") - timedelta(minutes=30)
    with db.writing() as session:
        session.add(
            Thread(
                organisation_id=cast.koivu, building_id=cast.building, unit_id=cast.unit_a1, tenure_id=cast.tenure_a1,
                person_id=cast.tenant, addressee="customer_service", subject="Key", number="V-2026-0009", opened_at=yesterday,
                last_id=1, last_at=yesterday,
            )
        )  # fmt: skip
    page = main(client, "office")
    assert "waited for 1 day<" in page and "from today" not in page


@pytest.mark.parametrize("name", ["tenant", "former"])
def test_residents_have_no_desk(client, busy, name):
    client(name).get("/desk/", 404)


def test_a_long_queue_is_counted_to_a_limit_in_as_many_statements(db, client, busy):
    office = client("office")
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    office.get("/desk/")
    few = len(seen)
    with db.writing() as session:
        now = clock.now()
        session.add_all(
            Thread(
                organisation_id=busy.koivu, building_id=busy.building, unit_id=busy.unit_a1, tenure_id=busy.tenure_a1,
                person_id=busy.tenant, addressee="customer_service", subject="Key", number=f"V-2027-{n:04d}", opened_at=now,
                last_id=n + 2, last_at=now,
            )
            for n in range(120)
        )  # fmt: skip
    seen.clear()
    assert "99+" in office.get("/desk/").text
    assert len(seen) == few
