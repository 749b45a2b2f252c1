"""A change of meter at the desk (rule 7), and the value that a resident sent for the new meter (rule 5)."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from resident.audit import AuditEvent
from resident.metering import submission
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money.period import BillingPeriod
from tests.metering.conftest import Home
from tests.metering.counters import YEAR, move_to, values_of

DAY = date(YEAR, 2, 10)


@pytest.fixture
def home(db, cast, later) -> Home:
    move_to(YEAR, 2, 27)
    return Home(db, cast)


def old_id(home) -> int:
    with home.db.reading() as session:
        return session.scalar(select(Meter.id).where(Meter.serial == "21-1"))


def url(home) -> str:
    return f"/desk/meters/{old_id(home)}/change"


def filled(office, home, **given) -> dict:
    cold = home.cold
    # As the last of the three steps sends it.
    values = {"step": "check", "day": DAY.isoformat(), "serial": " 24-7 ", f"f{cold}": "474,613", f"s{cold}": "2"}
    return office.form(url(home)) | values | given


def waiting(home, value: str) -> int:
    home.submit({home.cold: submission.Typed(black=value, answer="meter_changed")})
    with home.db.reading() as session:
        return session.scalar(select(Reading.id).where(Reading.state == "pending"))


def new_register(home) -> Register:
    with home.db.reading() as session:
        return session.scalars(select(Register).join(Meter).where(Meter.replaces_id == old_id(home))).one()


def test_the_desk_records_a_change_and_use_goes_on_over_it(home, desk):
    office = desk("office")
    office.post(url(home), 303, **filled(office, home))
    assert home.values(home.cold)[-1] == (474.613, "accepted", True)
    with home.db.reading() as session:
        new = session.scalars(select(Meter).where(Meter.serial == "24-7")).one()
        assert (new.installed, new.unit_id, session.get(Meter, old_id(home)).removed) == (DAY, home.unit, DAY)
        events = session.scalars(select(AuditEvent).where(AuditEvent.act == "meter_replaced")).all()
    counter = home.form().counters[0]
    assert (counter.digits, counter.decimals, counter.initial) == (5, 3, 2_000_000)
    # (474.613 − 466) + (3 − 2)
    assert counter.use(3_000_000) == 9_613_000
    assert [event.thing_id for event in events] == [new.id]


def test_the_same_change_sent_twice_is_made_once(home, desk):
    office = desk("office")
    form = filled(office, home)
    office.post(url(home), 303, **form)
    office.post(url(home), 303, **form)
    with home.db.reading() as session:
        assert session.scalar(select(func.count()).where(Meter.medium == "cold_water")) == 2


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"day": f"{YEAR}-02-28"}, "day", "This day has not come yet"),
        ({"day": f"{YEAR}-01-20"}, "day", "already been shared out (February"),
        ({"day": "soon"}, "day", "Write the day as year"),
        ({"serial": " "}, "serial", "number that stands on the new meter"),
        ({"serial": "21-1"}, "serial", "is in use"),
        ({"f": "465"}, "f", "lower than the last reading, 466.000"),
        ({"f": "٣"}, "f", "Write digits only"),
        ({"s": ""}, "s", "Write what the counter showed"),
        ({"d": "0"}, "d", "1 to 12"),
        ({"n": "1", "read": f"{YEAR}-02-20"}, "n", "lower than the first value"),
        ({"n": "3", "read": f"{YEAR}-02-01"}, "read", "from the day of the change to today"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_everything_typed_stays(home, desk, given, field, words):
    office = desk("office")
    named = {name if len(name) > 1 else f"{name}{home.cold}": value for name, value in given.items()}
    told = office.post(url(home), 422, **filled(office, home, **named)).text
    field = field if len(field) > 1 else f"{field}{home.cold}"
    assert f'href="#{field}"' in told and words in told
    assert "24-7" in told or "serial" in given
    with home.db.reading() as session:
        assert session.get(Meter, old_id(home)).removed is None


def test_a_value_of_a_new_meter_is_not_accepted_onto_the_old_counter(home, desk):
    one, office = waiting(home, "3"), desk("office")
    queue = office.get("/desk/readings/questions").text
    assert "Record the change of meter" in queue and url(home) in queue and f"/desk/readings/{one}/acceptance" not in queue
    told = office.post(f"/desk/readings/{one}/acceptance", 409).text
    assert "Record the change of meter first" in told and "decided already" not in told
    assert home.values(home.cold)[-1] == (3.0, "pending", False)


def test_recording_the_change_settles_the_reading_that_waits_on_the_new_meter(home, desk, cast):
    one, office = waiting(home, "3,5"), desk("office")
    form = office.form(url(home))
    assert (form[f"n{home.cold}"], form["read"]) == ("3.500", f"{YEAR}-02-27")
    office.post(url(home), 303, **filled(office, home))
    register = new_register(home)
    with home.db.reading() as session:
        old = session.get(Reading, one)
        new = session.scalars(select(Reading).where(Reading.register_id == register.id)).one()
        assert session.scalar(select(func.count()).where(Reading.state == "pending")) == 0
    assert (old.state, old.counts, old.decided_by) == ("accepted", False, cast.office)
    assert (new.value, new.counts, new.supersedes_id, new.period_id) == (3_500_000, True, one, home.period)
    # It stays the resident's: staff changed nothing in it.
    assert (new.source, new.person_id) == ("resident", cast.tenant)
    assert "No reading waits" in office.get("/desk/readings/questions").text


def test_a_value_that_staff_correct_is_theirs_and_one_they_empty_is_rejected(home, desk, cast):
    one, office = waiting(home, "3,5"), desk("office")
    office.post(url(home), 303, **filled(office, home, **{f"n{home.cold}": ""}))
    with home.db.reading() as session:
        assert session.get(Reading, one).state == "rejected"
        assert values_of(session, new_register(home).id) == []


def test_after_an_imported_change_accepting_books_the_value_on_the_new_meter(home, desk):
    one, office = waiting(home, "3,5"), desk("office")
    with home.db.writing() as session:
        old = session.get(Meter, old_id(home))
        old.removed = DAY
        session.flush()
        new = Meter(
            organisation_id=old.organisation_id, unit_id=old.unit_id, medium=old.medium, serial="24-7", measure=old.measure,
            installed=DAY, replaces_id=old.id,
        )  # fmt: skip
        session.add(new)
        session.flush()
        session.add(Register(meter_id=new.id, initial=2_000_000))
    office.post(f"/desk/readings/{one}/acceptance", 303)
    with home.db.reading() as session:
        assert values_of(session, new_register(home).id) == [(3.5, "accepted", True)]
        assert session.get(Reading, one).counts is False


def test_staff_are_not_offered_that_the_meter_was_changed(home, desk, cast):
    (said,) = submission.check(home.form(staff=True), {home.cold: submission.Typed(black="3")}, home.organisation.today)
    assert "meter_changed" not in said.choices and "shows" in said.choices


def test_a_change_inside_a_period_whose_costs_are_shared_out_since_is_refused(home, desk):
    office = desk("office")
    form = filled(office, home)
    with home.db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    assert "already been shared out" in office.post(url(home), 422, **form).text


def test_who_enters_readings_without_the_register_may_not_change_meters(home, desk):
    for name in ("council", "provider"):
        desk(name).get(url(home), 403)
    desk("board").get(url(home), 404)
    assert url(home) in desk("office").get(f"/desk/homes/{home.unit}").text
