"""Settings of the organisation and the page of the machine: who may, from which day, and what is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.metering.price import MediumPrice
from resident.people.post import Post, PostBuilding
from tests.cast import LONG_AGO

TODAY = clock.today("Europe/Helsinki")


def in_force(db, cast, days: int = 0) -> dict:
    with db.reading() as session:
        return setting.in_force(session, cast.koivu, "FI", TODAY + timedelta(days=days))


def send(client, name: str, setting_name: str, status: int, **changed):
    who = client(name)
    url = f"/desk/settings/{setting_name}"
    return who.post(url, status, **{**who.form(url), **changed})


@pytest.mark.parametrize("name", ["accountant", "control", "caretaker", "council", "provider", "tenant", "operator"])
@pytest.mark.parametrize("path", ["/desk/settings", "/desk/settings/rights", "/desk/settings/contact"])
def test_settings_are_for_posts_that_have_them(client, cast, name, path):
    assert client(name).get(path, None).status_code in (403, 404)


def test_another_organisation_has_no_settings_here(client, cast):
    board = client("board")
    assert "Koivukallion" not in board.get("/desk/settings").text
    board.get(f"/desk/settings?organisation={cast.koivu}", 404)
    board.get(f"/desk/settings/rights?organisation={cast.koivu}", 404)
    board.post("/desk/settings/back_date_days", 404, organisation=str(cast.koivu), value="3", first=TODAY.isoformat(), seen="x")
    board.post("/desk/settings/contact", 404, organisation=str(cast.koivu), phone="1")


def test_an_unknown_setting_does_not_exist(client, cast):
    client("office").get("/desk/settings/hosts", 404)


def test_a_change_holds_from_its_day_and_writes_one_event(db, client, cast):
    first = TODAY + timedelta(days=10)
    send(client, "office", "back_date_days", 303, value="3", first=first.isoformat())
    assert in_force(db, cast)["back_date_days"] == 5
    assert in_force(db, cast, 9)["back_date_days"] == 5
    assert in_force(db, cast, 10)["back_date_days"] == 3
    with db.reading() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "setting_changed"))
        assert event.facts == {"name": "back_date_days", "first": first.isoformat()}
        assert (event.organisation_id, event.person_id) == (cast.koivu, cast.office)
    page = client("office").get("/desk/settings?lang=en").text
    assert "5 days" in page and "3 days" in page
    assert "1 litre an hour" in page and "3 nights" in page and "[&#39;" not in page


@pytest.mark.parametrize(
    ("name", "changed", "field"),
    [
        ("back_date_days", {"value": "40"}, "value"),
        ("back_date_days", {"value": "x"}, "value"),
        ("unusual_factor", {"value": "1"}, "value"),
        ("late_readings", {"value": "perhaps"}, "value"),
        ("back_date_days", {"first": (TODAY - timedelta(days=1)).isoformat()}, "first"),
        ("back_date_days", {"first": "soon"}, "first"),
        ("unusual_gap", {"gas": "much"}, "gas"),
        ("balance_note", {"fi": "x" * 301}, "fi"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_kept(db, client, cast, name, changed, field):
    before = in_force(db, cast)
    answer = send(client, "office", name, 422, **changed)
    assert f'id="{field}-error"' in answer.text
    assert name == "late_readings" or next(iter(changed.values())) in answer.text
    assert in_force(db, cast) == before


def test_gaps_are_read_with_comma_and_point(db, client, cast):
    send(client, "office", "unusual_gap", 303, gas="2,5", cold_water="0.125")
    gaps = in_force(db, cast)["unusual_gap"]
    assert (gaps["gas"], gaps["cold_water"], gaps["hot_water"]) == (2_500_000, 125_000, 1_000_000)


def test_a_right_that_is_taken_from_a_role_is_gone_at_the_next_request(client, cast):
    occupant = client("occupant")
    before = occupant.get("/", None).text
    assert "/readings" in before
    office = client("office")
    form = {name: value for name, value in office.form("/desk/settings/rights").items() if not name.startswith("occupant-")}
    office.post("/desk/settings/rights", 303, **form)
    assert "/readings" not in occupant.get("/", None).text


def test_notes_are_kept_by_language(db, client, cast):
    send(client, "office", "balance_note", 303, fi="Saldo ei sisällä sähköä.", sv="", en="")
    assert in_force(db, cast)["balance_note"] == {"fi": "Saldo ei sisällä sähköä."}


def test_a_stale_change_is_told_with_what_holds_now(db, client, cast):
    office, manager = client("office"), client("manager")
    old = office.form("/desk/settings/close_after_days")
    manager.post("/desk/settings/close_after_days", 303, **{**manager.form("/desk/settings/close_after_days"), "value": "21"})
    told = office.post("/desk/settings/close_after_days", 409, **{**old, "value": "14"})
    assert "21" in told.text and 'value="14"' in told.text
    assert in_force(db, cast)["close_after_days"] == 21


def test_how_to_reach_us_changes_and_notices_a_stale_edit(db, client, cast):
    office, manager = client("office"), client("manager")
    old = office.form("/desk/settings/contact")
    manager.post("/desk/settings/contact", 303, **{**manager.form("/desk/settings/contact"), "phone": "010 111"})
    told = office.post("/desk/settings/contact", 409, **{**old, "phone": "010 222"})
    assert "010 111" in told.text and 'value="010 222"' in told.text
    office.post("/desk/settings/contact", 422, **{**office.form("/desk/settings/contact"), "email": "here"})
    with db.reading() as session:
        assert session.get(Organisation, cast.koivu).phone == "010 111"
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.act == "setting_changed")).all()) == 1


# ---- The machine -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["office", "board", "tenant", "provider"])
def test_the_machine_is_for_its_operators(client, cast, name):
    client(name).get("/desk/system", 404)


def test_the_machine_tells_figures_and_nobody_s_name(client, cast):
    page = client("operator").get("/desk/system?lang=en").text
    for words in ("Koivukallion Asunnot", "up to date", "in place", "Free disk"):
        assert words in page
    for name in ("Virta", "Kask", "Toimisto", "example.org"):
        assert name not in page


def test_a_post_of_some_buildings_looks_at_what_holds_in_all_of_them(db, cast, desk):
    """What everybody's invoices and costs stand on is for posts of the whole organisation (access.whole_duties)."""
    with db.writing() as session:
        post = session.scalar(select(Post).where(Post.person_id == cast.manager))
        session.add(PostBuilding(post_id=post.id, building_id=cast.building))
        price = MediumPrice(organisation_id=cast.koivu, medium="cold_water", first=LONG_AGO, price=4_000_000)
        price = cast.add(session, price)
    manager = desk("manager")
    for url in ("/desk/prices", "/desk/prices/degree-days"):
        manager.get(url)
    for url in ("due_after_days", "contact", "vat-number"):
        assert f"/desk/settings/{url}" not in manager.get("/desk/settings").text
        manager.get(f"/desk/settings/{url}", 403)
        manager.post(f"/desk/settings/{url}", 403, number="", first=TODAY.isoformat())
    typed = {"medium": "cold_water", "price": "1", "first": TODAY.isoformat()}
    for url in (f"/desk/prices/{price}", f"/desk/prices/{price}/removal", "/desk/prices", "/desk/prices/degree-days"):
        manager.post(url, 403, once="all", **typed)
    manager.post("/desk/prices", 303, once="own", building=str(cast.building), **typed)
