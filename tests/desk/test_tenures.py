"""Tenures and their people at the desk, and a home handed over from the first form to the last."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from resident import clock
from resident.charging import steps
from resident.charging.correction import Correction
from resident.homes.building import Unit
from resident.metering import history
from resident.metering.reading import Reading
from resident.moves import tenancy
from resident.people import person as people
from resident.people import residence
from resident.people.handover import Handover
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure
from tests.charging.house import House
from tests.invoices import books
from tests.metering.counters import actor, meter, reading


def day(number: int = 0) -> str:
    return (clock.today("Europe/Helsinki") + timedelta(days=number)).isoformat()


def ends(db, thing, id):
    with db.reading() as session:
        last = session.get(thing, id).last
    return last and last.isoformat()


@pytest.fixture
def named(db, cast):
    with db.writing() as session:
        people.reindex(session, cast.koivu)
        people.reindex(session, cast.tamm)


def test_a_lease_is_entered_for_somebody_who_was_found_and_for_somebody_new(client, cast, db, named):
    office = client("office")
    page = office.get(f"/desk/tenures/new?unit={cast.unit_b3}&who=niilo").text
    assert "Niilo Salo" in page and "Kahdentalo" not in office.get(f"/desk/tenures/new?unit={cast.unit_b3}&who=kask").text
    given = {"tenure_kind": "lease", "signed": day(), "first": day(30), "last": day(400)}
    url = f"/desk/tenures/new?unit={cast.unit_b3}"
    to = office.post(url, 303, once="a", person=str(cast.neighbour), **given).location
    assert office.post(url, 303, once="a", person=str(cast.neighbour), **given).location == to
    assert "Niilo Salo" in office.get(to).text
    office.post(url, 303, once="b", name="Kodit Oy", kind="legal", email="kodit@example.org", **given)
    with db.reading() as session:
        assert session.scalar(select(func.count(Tenure.id)).where(Tenure.first == date.fromisoformat(day(30)))) == 2
        new = session.scalar(select(Person).where(Person.name == "Kodit Oy"))
        assert (new.kind, new.organisation_id, new.email) == ("legal", cast.koivu, "kodit@example.org")


def test_only_the_office_and_the_manager_change_who_holds_a_home_and_nobody_enters_themselves(client, cast, db):
    given = {"tenure_kind": "lease", "first": day()}
    for name in ("accountant", "control"):
        desk = client(name)
        assert "/desk/tenures/" not in desk.get(f"/desk/homes/{cast.unit_b3}", 200).text
        desk.post(f"/desk/tenures/new?unit={cast.unit_b3}", 403, once=name, name="Uusi Asukas", **given)
        desk.post(f"/desk/people/{cast.tenant}/sign-in/end", 404)
    office = client("office")
    refused = office.post(f"/desk/tenures/new?unit={cast.unit_b3}", 422, once="own", person=str(cast.office), **given)
    assert "This person cannot act here" in refused.text
    with db.reading() as session:
        tenure = session.scalar(select(Party.tenure_id).where(Party.person_id == cast.tenant))
    part = {"person": str(cast.office), "role": "occupant", "rights_of": "role", "first": day()}
    refused = office.post(f"/desk/tenures/{tenure}/parties", 422, once="part", **part)
    assert "This person cannot act here" in refused.text


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": ""}, "name"), ({"tenure_kind": "gift"}, "tenure_kind"), ({"first": ""}, "first"), ({"last": day(-900)}, "last"),
     ({"email": "nobody"}, "email")],
)  # fmt: skip
def test_a_tenure_that_cannot_be_so_is_said_at_its_field(client, cast, given, field):
    typed = {"tenure_kind": "lease", "first": day(), "name": "Uusi Asukas"} | given
    answer = client("office").post(f"/desk/tenures/new?unit={cast.unit_b3}", 422, once="a", **typed)
    assert f'id="{field}-error"' in answer.text


def test_a_person_of_another_organisation_cannot_be_chosen(client, cast, db, named):
    url = f"/desk/tenures/new?unit={cast.unit_b3}"
    answer = client("office").post(url, 422, once="a", tenure_kind="lease", first=day(), person=str(cast.owner))
    assert "not in the register of this organisation" in answer.text


def test_days_are_moved_and_the_second_who_saves_is_told(client, cast, db):
    office, manager, url = client("office"), client("manager"), f"/desk/tenures/{cast.tenure_a1}"
    mine = office.form(url)
    seen = re.search(r'name="seen" value="(\w+)"', office.get(url).text)[1]
    given = {"seen": seen, "signed": "", "first": mine["first"]}
    office.post(url, 303, **given, last=day(40))
    assert ends(db, Party, cast.party_tenant) == day(40)
    assert "Somebody changed this" in manager.post(url, 409, **given, last="").text
    client("board").get(url, 404)
    client("accountant").get(url, 404)


def test_a_reading_of_a_day_that_is_not_the_tenure_s_any_more_stays_and_is_told(client, cast, db):
    """Whoever holds the home then reads the value, and not who sent it."""
    with db.writing() as session:
        (register,) = meter(session, cast, cast.unit_a1)
        sent = {"source": "resident", "person_id": cast.tenant, "note": "From our last home"}
        reading(session, register, clock.today("Europe/Helsinki"), "5.000", **sent)
        name = session.get(Person, cast.tenant).name
    office, url = client("office"), f"/desk/tenures/{cast.tenure_a1}"
    given = office.form(url) | {"last": day(-5)}
    assert "sent 1 reading" not in office.get(url).text
    office.post(url, 303, **{name: given[name] for name in ("seen", "signed", "first", "last")})
    told = office.get(url).text
    assert "Its people sent 1 reading for a day on which they do not hold the home." in told and "Meter 21-1, " in told
    with db.writing() as session:
        today = clock.today("Europe/Helsinki")
        buyer, begins = session.get(Person, cast.neighbour), today - timedelta(days=4)
        by = actor(cast, "office", cast.office, cast.koivu, "office")
        tenancy.begin(session, cast.unit_a1, "lease", buyer, signed=begins, first=begins, last=None, by=by)
        homes = [one for one in residence.of_login(session, cast.logins["neighbour"]) if one.unit_id == cast.unit_a1]
        (line,) = history.history(session, cast.unit_a1, today.year, since=begins, homes=homes)
        assert (line.value, line.who, line.note) == (5_000_000, None, None)
        (seen,) = history.history(session, cast.unit_a1, today.year, names=True)
        assert (seen.who, seen.note) == (name, "From our last home")


def test_days_that_would_orphan_an_invoice_are_refused_with_a_link_to_it(client, cast, db):
    with db.writing() as session:
        today = clock.today("Europe/Helsinki")
        made = books.invoice(cast, session, books.account(cast, session, cast.tenure_a1), today, today + timedelta(days=14))
    office, url = client("office"), f"/desk/tenures/{cast.tenure_a1}"
    given = office.form(url) | {"last": day(-70)}
    answer = office.post(url, 422, **{name: given[name] for name in ("seen", "first", "last")}).text
    assert f'href="/desk/invoices/{made}"' in answer and f"<b>{today.year}-0001</b>" in answer


def test_people_are_added_changed_and_ended(client, cast, db, named):
    office, url = client("office"), f"/desk/tenures/{cast.tenure_a1}"
    given = {"role": "co_owner", "rights_of": "own", "right-talk": "yes", "first": day(3)}
    office.get(f"{url}/parties/new?who=niilo")
    office.post(f"{url}/parties", 303, once="a", person=str(cast.neighbour), **given)
    with db.reading() as session:
        made = session.scalar(select(Party).order_by(Party.id.desc()))
    assert (made.tenure_id, made.person_id, made.rights) == (cast.tenure_a1, cast.neighbour, ["talk"])
    own = f"{url}/parties/{made.id}"
    seen = office.form(own)["seen"]
    office.post(own, 303, seen=seen, role="occupant", rights_of="role", first=day(3), last=day(30))
    office.post(f"{own}/remove", 409, seen=seen)
    office.post(f"{own}/remove", 303, seen=office.form(own)["seen"])
    office.get(own, 404)
    answer = office.post(f"{url}/parties", 422, once="b", person=str(cast.neighbour), role="primary", first=day(3))
    assert "There is one at a time" in answer.text
    office.get(f"{url}/parties/{cast.party_neighbour}", 404)


def test_a_parking_space_is_held_beside_the_home(client, cast, db):
    with db.writing() as session:
        cast._session = session
        space = cast.unit(cast.building, "P 4", None)
        session.get(Unit, space).kind = "parking"
    office, url = client("office"), f"/desk/tenures/{cast.tenure_a1}"
    office.post(f"{url}/units", 422, unit_kind="parking", number="P 9", held_first=day())
    office.post(f"{url}/units", 303, unit_kind="parking", number="P 4", held_first=day())
    with db.reading() as session:
        assert session.scalar(select(Holding.unit_id).where(Holding.tenure_id == cast.tenure_a1, Holding.unit_id == space))
    office.post(f"{url}/units/{space}/end", 422, **{f"last{space}": day(-3)})
    office.post(f"{url}/units/{space}/end", 303, **{f"last{space}": day(60)})
    office.post(f"{url}/units/{cast.unit_a1}/end", 404, **{f"last{cast.unit_a1}": day(60)})
    with db.reading() as session:
        assert session.scalar(select(Holding.last).where(Holding.unit_id == space)).isoformat() == day(60)


# ---- A handover ------------------------------------------------------------------------------------------------------


def version(page) -> str:
    return re.search(r'name="version" value="(\d+)"', page.text)[1]


def test_an_owner_sells_and_both_sides_confirm_without_learning_of_each_other(client, cast, db, named, later):
    with db.writing() as session:
        (register,) = meter(session, cast, cast.unit_t1, organisation_id=cast.tamm)
        reading(session, register, clock.today("Europe/Tallinn") - timedelta(days=30), "400.000")
    board = client("board")
    assert "/desk/handovers/new?unit=" in board.get(f"/desk/homes/{cast.unit_t1}").text
    new = f"/desk/handovers/new?unit={cast.unit_t1}"
    given = {"leaving": str(cast.tenure_t1), "day": day()}
    to = board.post(new, 303, once="a", **given).location
    assert board.post(new, 303, once="a", **given).location == to
    assert board.get(new, 303).location == to
    coming = {"person": str(cast.two_homes_tamm), "signed": day()}
    board.post(f"{to}/coming", 303, once="b", version=version(board.get(to)), **coming)
    keys = {"kind0": "home", "number0": "K-12", "count0": "3", "returned0": "2"}
    board.post(f"{to}/keys", 303, version=version(board.get(to)), **keys)
    own = to.replace("/desk", "")
    seller, buyer = client("owner"), client("two_homes")
    assert own in seller.get("/").text
    page = seller.get(own)
    assert "Kahdentalo" not in page.text and "K-12" in page.text
    seller.post(f"{own}/readings", 422, version=version(page), **{f"v{register}": "399"})
    seller.post(f"{own}/readings", 303, version=version(page), **{f"v{register}": "412,386"})
    seen = buyer.get(own)
    assert "Kask" not in seen.text and "412.386" in seen.text
    first = clock.today("Europe/Tallinn") + timedelta(days=1)
    assert f"You pay from {first.day}\N{NO-BREAK SPACE}{first:%B %Y}." in seen.text
    assert "by both sides or by staff" in board.get(to).text
    buyer.post(f"{own}/confirm", 303, version=version(seen))
    board.post(f"{to}/carry-out", 409, version=version(page))
    board.post(f"{to}/carry-out", 303, version=version(board.get(to)))
    assert (ends(db, Tenure, cast.tenure_t1), ends(db, Party, cast.party_coowner)) == (day(), day())
    with db.reading() as session:
        assert session.scalar(select(Reading.value).where(Reading.day == clock.today("Europe/Tallinn"))) == 412_386_000
    later(days=1)
    assert client("owner").get("/readings", None).status_code in (403, 404)
    client("two_homes").get(own)
    client("neighbour").get(own, 404)


def test_a_cancelled_handover_takes_the_coming_tenure_back(client, cast, db):
    office = client("office")
    new = f"/desk/handovers/new?unit={cast.unit_a2}"
    to = office.post(new, 303, once="a", leaving=str(cast.tenure_a2), day=day(5)).location
    office.post(f"{to}/coming", 303, once="b", version=version(office.get(to)), name="Uusi Asukas", kind="natural")
    office.post(f"{to}/day", 303, version=version(office.get(to)), day=day(9))
    answer = office.post(f"{to}/carry-out", 422, version=version(office.get(to)), without="No meters")
    assert "has not come yet" in answer.text
    assert to in office.get("/desk/handovers").text and to not in client("board").get("/desk/handovers").text
    office.post(f"{to}/cancel", 303, version=version(office.get(to)), undo="yes")
    assert "Cancelled" in office.get(to).text
    with db.reading() as session:
        coming = session.scalar(select(Handover.coming_id))
        assert session.get(Tenure, coming).first.isoformat() == day(10)
        assert session.scalar(select(func.count(Party.id)).where(Party.tenure_id == coming)) == 0


def test_only_who_knows_the_register_of_a_home_hands_it_over(client, cast):
    for name, status in (("council", 403), ("caretaker", 403), ("board", 404), ("tenant", 404)):
        client(name).get(f"/desk/handovers/new?unit={cast.unit_a1}", status)


def test_a_resident_proposes_a_day_and_the_desk_plans_on_from_it(client, cast, db):
    seller, board = client("owner"), client("board")
    assert 'href="/handovers/new"' in seller.get("/household").text
    assert "This day has passed" in seller.post("/handovers/new", 422, day=day(-1)).text
    seller.post("/handovers/new", 422, day="soon")
    seller.post("/handovers/new", 303, day=day(7))
    assert "You have proposed" in seller.get("/handovers/new").text and ends(db, Tenure, cast.tenure_t1) is None
    listed = board.get("/desk/handovers").text
    to = re.search(r"/desk/handovers/\d+", listed[listed.index("Proposed by residents") :])[0]
    seller.get(to.replace("/desk", ""), 404)
    client("office").get(to, 404)
    assert board.get(f"/desk/handovers/new?unit={cast.unit_t1}", 303).location == to
    page = board.get(to)
    assert "would like to leave" in page.text and "5. What happens" not in page.text
    board.post(f"{to}/take-over", 303, version=version(page))
    board.post(f"{to}/take-over", 422, version=version(page))
    assert ends(db, Tenure, cast.tenure_t1) == day(7) and "5. What happens" in board.get(to).text
    assert seller.get("/handovers/new", 303).location == to.replace("/desk", "")


def test_a_proposed_day_is_withdrawn_or_declined_and_only_the_primary_names_one(client, cast, db):
    seller, board = client("owner"), client("board")
    seller.post("/handovers/new", 303, day=day(7))
    seller.post("/handovers/new/withdrawal", 303)
    assert "Proposed by residents" not in board.get("/desk/handovers").text
    seller.post("/handovers/new", 303, day=day(8))
    with db.reading() as session:
        to = f"/desk/handovers/{session.scalar(select(func.max(Handover.id)))}"
    board.post(f"{to}/cancel", 303, version=version(board.get(to)))
    assert "You have proposed" not in seller.get("/handovers/new").text and ends(db, Tenure, cast.tenure_t1) is None
    client("occupant").post("/handovers/new", 403, day=day(7))


def test_days_that_are_billed_go_along_and_the_desk_is_told(client, cast, db):
    """A home that stood vacant in July and August: July is confirmed, of August there are drafts. The form is sent for both."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="31")
        house.charge("CARE", "tariff", "area")
        house.price("CARE", "1.00")
        for month in ("2026-07", "2026-08"):
            house.period(month)
            house.allocate(month) if month == "2026-08" else house.bill(month)
        unit, drafted = house.units["1"], house.periods["2026-08"]
        house_by = house.by
    office, url = client("office"), f"/desk/tenures/new?unit={unit}"
    given = {"tenure_kind": "ownership", "first": "2026-07-22", "name": "Uusi Omistaja"}
    refused = office.post(url, 422, once="a", **given).text
    assert 'id="first-error"' in refused and "Throw the drafts away first" in refused and "Uusi Omistaja" in refused
    with db.writing() as session:
        steps.unallocate(session, session.merge(drafted), by=house_by)
    page = office.get(office.post(url, 303, once="b", **given).location).text
    # 10 of 31 days of 31.00.
    assert "1 correction, €10.00 together" in page
    with db.reading() as session:
        assert sorted(session.scalars(select(Correction.amount))) == [-1000, 1000]


def test_a_sale_that_the_office_learns_of_late_is_entered_and_what_waits_is_told(client, cast, db):
    """July and August are confirmed; the home was sold on 21 July. Once with the end, once with the buyer."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="31")
        house.hold("Lepp", "1")
        house.charge("CARE", "tariff", "area")
        house.price("CARE", "1.00")
        for month in ("2026-07", "2026-08"):
            house.period(month)
            house.bill(month)
        unit, tenure = house.units["1"], house.tenures["Lepp"]
    office, url = client("office"), f"/desk/tenures/{tenure}"
    office.post(url, 303, **office.form(url) | {"last": "2026-07-21"})
    page = client("manager").get(url).text
    # 10 of 31 days of July and all of August, of 31.00 each.
    assert "2 corrections, €41.00 together, come off its next invoices" in page and "Together it comes to nothing" in page
    given = {"tenure_kind": "ownership", "first": "2026-07-22", "name": "Uusi Omistaja"}
    to = office.post(f"/desk/tenures/new?unit={unit}", 303, once="b", **given).location
    assert "2 corrections, €41.00 together, wait for the next invoices" in office.get(to).text
    with db.reading() as session:
        assert session.scalar(select(func.sum(Correction.amount))) == 0
