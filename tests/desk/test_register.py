"""The register at the desk: search, lists and pages, each inside what a post covers."""

import re

import pytest
from sqlalchemy import event, func, insert, select

from resident import access
from resident.audit import AuditEvent
from resident.homes import register, search
from resident.homes.building import Building, Unit
from resident.metering.meter import Meter, Register
from resident.money.account import Account, Reference
from resident.people import person as people
from resident.people import viewer as viewers
from resident.people.person import Person, by_login_name, search_key
from resident.people.post import Post, PostBuilding
from resident.people.sign_in import begin, live
from tests.cast import LONG_AGO


@pytest.fixture
def indexed(db, cast):
    """The cast, with its names in the index."""
    with db.writing() as session:
        for organisation in (cast.koivu, cast.tamm, cast.vesi):
            people.reindex(session, organisation)
    return cast


def viewer(db, name: str) -> access.Viewer:
    with db.writing() as session:
        token = begin(session, by_login_name(session, name).id, address="127.0.0.1", agent="")
    with db.reading() as session:
        return viewers.load(session, live(session, token))


def found(db, who: access.Viewer, text: str) -> search.Found:
    with db.reading() as session:
        return search.find(session, who, text)


def named(db, organisation_id: int, *names: str) -> list[int]:
    with db.writing() as session:
        persons = [Person(organisation_id=organisation_id, name=name, search_key=search_key(name)) for name in names]
        session.add_all(persons)
        for person in persons:
            people.index_words(session, person)
        return [person.id for person in persons]


def counted(db):
    """A list that grows by every statement that the database runs."""
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    return seen


# ---- Search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Алёна Берёзкина", "березкина ал"),
        ("Алена Березкина", "берёзк"),
        ("Łucja Żółw-Wróbel", "zolw"),
        ("Łucja Żółw-Wróbel", "WRÓB łuc"),
        ("Õie Mäeõis", "oie"),
        ("Õie Mäeõis", "mäeõ"),
        ("Åsa Ögren", "ogren asa"),
    ],
)
def test_a_name_is_found_by_the_beginning_of_any_part_in_any_script(db, indexed, name, typed):
    (made,) = named(db, indexed.koivu, name)
    assert [hit.id for hit in found(db, viewer(db, "office"), typed).persons] == [made]


@pytest.mark.parametrize("typed", ["B 10", "b10", "Pihlajakuja 6 B 10", "pihlaja b 10", "B10"])
def test_a_home_is_found_by_number_and_address_as_people_write_them(db, indexed, typed):
    hits = found(db, viewer(db, "office"), typed).homes
    assert [hit.unit_id for hit in hits] == [indexed.unit_b10]


def test_an_address_alone_leads_to_its_building(client, indexed):
    answer = client("office").get("/desk/search?q=Pihlajakuja 6", 303)
    assert answer.headers["Location"] == f"/desk/homes?building={indexed.building}"


def test_a_number_alone_finds_it_on_every_staircase_and_no_other(db, indexed):
    assert [hit.label for hit in found(db, viewer(db, "office"), "3").homes] == ["Pihlajakuja 6 B 3"]
    assert not found(db, viewer(db, "office"), "A 3").homes


def test_a_single_hit_goes_straight_there(client, indexed):
    office = client("office")
    assert office.get("/desk/search?q=niilo", 303).headers["Location"] == f"/desk/people/{indexed.neighbour}"
    assert office.get("/desk/search?q=B 3", 303).headers["Location"] == f"/desk/homes/{indexed.unit_b3}"


def test_an_email_address_is_found_whole_only(db, indexed):
    office = viewer(db, "office")
    assert [hit.id for hit in found(db, office, "Tenant@Example.org").persons] == [indexed.tenant]
    assert not found(db, office, "tenant@example").persons
    assert not found(db, office, "tenant").persons


def test_account_reference_and_meter_numbers_lead_to_the_home(db, indexed):
    with db.writing() as session:
        account = Account(creditor_id=indexed.koivu, tenure_id=indexed.tenure_a1, currency="EUR", number="77-1001")
        session.add(account)
        session.flush()
        session.add(Reference(creditor_id=indexed.koivu, scheme="fi", value="100013", account_id=account.id, first=LONG_AGO))
        meter = Meter(
            organisation_id=indexed.koivu,
            unit_id=indexed.unit_a1,
            medium="cold_water",
            serial="SN-448107",
            measure="m³",
            installed=LONG_AGO,
        )
        session.add(meter)
        session.flush()
        session.add(Register(meter_id=meter.id))
    office = viewer(db, "office")
    for typed, kind in (("77-1001", "account"), ("100 013", "reference"), ("RF11 1000 13", "reference"), ("sn-448107", "meter")):
        (hit,) = found(db, office, typed).homes
        assert (hit.unit_id, hit.via[0]) == (indexed.unit_a1, kind)
        assert not found(db, viewer(db, "board"), typed).every


def test_the_registers_of_a_meter_are_called_in_the_reader_s_words(db, client, cast):
    with db.writing() as session:
        meter = Meter(
            organisation_id=cast.koivu, unit_id=cast.unit_a1, medium="electricity", serial="E1", place="hall", measure="kWh",
            installed=LONG_AGO,
        )  # fmt: skip
        session.add(meter)
        session.flush()
        session.add_all([Register(meter_id=meter.id, name="day"), Register(meter_id=meter.id, name="night")])
    page = client("office").get(f"/desk/homes/{cast.unit_a1}?lang=pl").text.replace("\u00a0", " ")
    assert "hall, strefa dzienna" in page and "hall, strefa nocna" in page and ", night" not in page


def test_nothing_of_another_organisation_is_ever_found(db, client, indexed):
    board = viewer(db, "board")
    for typed in ("Aino", "tenant@example.org", "Pihlajakuja 6", "B 10", "Niilo Salo"):
        assert not found(db, board, typed).every
    # The same human has a person in each organisation; each desk finds its own.
    assert [hit.id for hit in found(db, board, "kahdentalo").persons] == [indexed.two_homes_tamm]
    assert [hit.id for hit in found(db, viewer(db, "office"), "kahdentalo").persons] == [indexed.two_homes]
    assert "Nothing was found for ‘Aino’" in client("board").get("/desk/search?q=Aino&lang=en").text


@pytest.mark.parametrize("name", ["caretaker", "council", "provider", "tenant", "owner", "operator", "former"])
@pytest.mark.parametrize("path", ["/desk/search?q=Aino", "/desk/homes", "/desk/homes/{unit_a1}", "/desk/people/{tenant}"])
def test_whoever_has_no_post_with_the_register_is_kept_out(client, indexed, name, path):
    answer = client(name).get(path.format(**vars(indexed)), None)
    assert answer.status_code in (403, 404)
    assert "Virta" not in answer.text


def test_what_belongs_to_another_organisation_does_not_exist(client, indexed):
    board = client("board")
    board.get(f"/desk/homes/{indexed.unit_a1}", 404)
    board.get(f"/desk/people/{indexed.tenant}", 404)
    board.post(f"/desk/people/{indexed.tenant}", 404, email="x@example.org", version="1")
    assert "Pihlajakuja" not in board.get("/desk/homes").text


def test_a_post_limited_to_a_building_reaches_nothing_outside_it(db, client, indexed):
    with db.writing() as session:
        other = Building(organisation_id=indexed.koivu, code="L2", address="Lehtotie 2")
        session.add(other)
        session.flush()
        post = session.scalar(select(Post.id).where(Post.person_id == indexed.manager))
        session.add(PostBuilding(post_id=post, building_id=other.id))
    manager = viewer(db, "manager")
    for typed in ("Aino", "B 10", "Pihlajakuja"):
        assert not found(db, manager, typed).every
    client("manager").get(f"/desk/people/{indexed.tenant}", 404)
    client("manager").get(f"/desk/homes/{indexed.unit_a1}", 404)


def test_search_runs_the_same_statements_for_one_hit_and_for_many(db, indexed):
    office = viewer(db, "office")
    named(db, indexed.koivu, *(f"Salla Salonen {n}" for n in range(30)))
    seen = counted(db)
    found(db, office, "niilo 1")
    few = len(seen)
    found(db, office, "sal 1")
    assert len(seen) == 2 * few
    assert len(found(db, office, "sal").persons) == search.MOST


@pytest.mark.parametrize("typed", ["%", "_", "'", "\\", "@", "😀", "x" * 500, "\u0000", "((", "0"])
def test_odd_characters_find_nothing_and_break_nothing(client, indexed, typed):
    client("office").get("/desk/search", query_string={"q": typed})


# ---- Non-disclosure --------------------------------------------------------------------------------------------------


@pytest.fixture
def hidden(db, indexed):
    with db.writing() as session:
        session.get(Person, indexed.neighbour).non_disclosure = True
    return indexed


def test_address_and_contacts_under_non_disclosure_are_for_named_posts_only(client, hidden):
    office, accountant = client("office"), client("accountant")
    shown = office.get(f"/desk/people/{hidden.neighbour}").text
    assert "neighbour@example.org" in shown and "Pihlajakuja 6 A 2" in shown
    accountant.get(f"/desk/people/{hidden.neighbour}", 404)
    accountant.post(f"/desk/people/{hidden.neighbour}", 404, email="x@example.org", version="1")
    assert "Niilo" not in accountant.get("/desk/search?q=salo").text
    for page in ("/desk/homes", f"/desk/homes/{hidden.unit_a2}"):
        assert "Niilo Salo" in office.get(page).text
        assert "Niilo Salo" not in accountant.get(page).text
    assert "Nothing was found" in accountant.get("/desk/search?q=neighbour@example.org&lang=en").text


# ---- Lists -----------------------------------------------------------------------------------------------------------


def many(db, organisation_id: int, *sizes: int) -> list[int]:
    """Buildings with so many homes each; all homes of a building have one and the same sort key."""
    with db.writing() as session:
        made = [Building(organisation_id=organisation_id, code=f"M{n}", address=f"Mäntytie {n}") for n in range(len(sizes))]
        session.add_all(made)
        session.flush()
        for building, size in zip(made, sizes, strict=True):
            rows = [{"building_id": building.id, "number": f"X {n}", "sort_key": "x", "first": LONG_AGO} for n in range(size)]
            if rows:
                session.execute(insert(Unit), rows)
        return [building.id for building in made]


def test_paging_shows_every_home_once_even_when_keys_are_equal(db, indexed):
    many(db, indexed.koivu, 120, 0, 30, 1)
    office, seen, after = viewer(db, "office"), [], ""
    with db.reading() as session:
        covered = register.buildings(session, office)
        while after is not None:
            rows, after = register.homes(session, covered, register.Filters(), after)
            assert len(rows) == register.ROWS or after is None
            seen += [(row.building_id, row.sort_key, row.id) for row in rows]
    assert seen == sorted(seen) and len(seen) == len(set(seen)) == 155


def test_the_list_narrows_by_its_address_and_keeps_the_filter_on_the_next_page(db, client, indexed):
    (large,) = many(db, indexed.koivu, 60)
    office = client("office")
    body = office.get(f"/desk/homes?building={large}&lang=en", htmx=True).text
    following = re.search(r'hx-get="([^"]+)"[^>]*>Next', body)[1].replace("&amp;", "&")
    assert f"building={large}" in following
    second = office.get(following).text
    assert "First page" in second and second.count('href="/desk/homes/') == 10
    only = office.get("/desk/homes?text=B 10").text
    assert "B 10" in only and "A 1<" not in only
    assert "Pihlajakuja 6 A 1<" not in office.get(f"/desk/homes?building={indexed.building}&staircase=B").text


@pytest.mark.parametrize("after", ["x", "1.2", "1..", "9" * 40 + ".1.x", "1.1.%00", "-1.1.x"])
def test_a_key_that_is_not_ours_leads_to_a_page_and_not_to_an_error(client, indexed, after):
    client("office").get(f"/desk/homes?after={after}")


def test_the_list_runs_the_same_statements_for_few_rows_and_for_fifty(db, client, indexed):
    office = client("office")
    (large,) = many(db, indexed.koivu, 60)
    office.get("/desk/homes")
    seen = counted(db)
    office.get(f"/desk/homes?building={indexed.building}")
    few = len(seen)
    office.get(f"/desk/homes?building={large}")
    assert len(seen) == 2 * few


# ---- One home, one person --------------------------------------------------------------------------------------------


def test_a_home_shows_who_holds_it_now_and_before_with_rights_and_days(client, indexed):
    page = client("office").get(f"/desk/homes/{indexed.unit_a1}?lang=en").text
    for words in ("Aino Virta", "Eero Virta", "Frans Entinen", "Primary tenant", "Occupant", "Ended", "54.3", "Rights: readings, "):
        assert words in page


def test_looking_at_a_home_and_at_a_person_is_recorded_and_nothing_else_is(db, client, indexed):
    office = client("office")
    with db.reading() as session:
        before = session.scalar(select(func.max(AuditEvent.id))) or 0
    office.get(f"/desk/homes/{indexed.unit_a1}")
    office.get(f"/desk/people/{indexed.tenant}")
    with db.reading() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.id > before)).all()
    assert set(acts) <= {"home_viewed", "person_viewed"}
    assert "person_viewed" in acts


def form(cast, client, **changed) -> dict:
    return {**client.form(f"/desk/people/{cast.tenant}"), **changed}


def test_contact_details_change_with_one_event_and_are_found_anew(db, client, indexed):
    office = client("office")
    office.post(f"/desk/people/{indexed.tenant}", 303, **form(indexed, office, email="aino@example.com", phone="+358 40 555 0111"))
    with db.reading() as session:
        person = session.get(Person, indexed.tenant)
        assert (person.email, person.phone) == ("aino@example.com", "+358 40 555 0111")
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "person_changed"))
        assert (
            event.thing_id == indexed.tenant
            and event.facts == {"fields": ["email", "phone"]}
            and event.organisation_id == indexed.koivu
        )
    assert [hit.id for hit in found(db, viewer(db, "office"), "aino@example.com").persons] == [indexed.tenant]
    assert not found(db, viewer(db, "office"), "tenant@example.org").persons


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "aino"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"email": "", "notify_email": "yes"}, "email"),
        ({"email": "a@b@c.d"}, "email"),
    ],
)
def test_bad_contact_details_are_refused_at_their_field_and_kept(db, client, indexed, changed, field):
    office = client("office")
    answer = office.post(f"/desk/people/{indexed.tenant}", 422, **form(indexed, office, **changed))
    assert f'id="{field}-error"' in answer.text and 'class="errors"' in answer.text
    assert all(f'value="{value}"' in answer.text for value in changed.values() if value)
    with db.reading() as session:
        assert session.get(Person, indexed.tenant).email == "tenant@example.org"


def test_a_stale_edit_is_told_and_overwrites_only_when_sent_again(db, client, indexed):
    office, manager = client("office"), client("manager")
    old = form(indexed, office, phone="1 111 111")
    manager.post(f"/desk/people/{indexed.tenant}", 303, **form(indexed, manager, phone="2 222 222"))
    told = office.post(f"/desk/people/{indexed.tenant}", 409, **old)
    assert "2 222 222" in told.text and 'value="1 111 111"' in told.text
    with db.reading() as session:
        assert session.get(Person, indexed.tenant).phone == "2 222 222"
    version = re.search(r'name="version" value="(\d+)"', told.text)[1]
    office.post(f"/desk/people/{indexed.tenant}", 303, **{**old, "version": version})
    with db.reading() as session:
        assert session.get(Person, indexed.tenant).phone == "1 111 111"


def test_reindexing_an_organisation_leaves_the_others_alone(db, indexed):
    with db.writing() as session:
        people.reindex(session, indexed.koivu)
    assert found(db, viewer(db, "board"), "kask").persons
