"""What a phone kept while it had no line (B17): booked once, or held for a person with its values and its time."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from resident import clock
from resident.audit import AuditEvent
from resident.jobs import Job
from resident.metering import offline
from resident.metering.reading import Reading, Receipt
from resident.money.period import BillingPeriod
from resident.people.person import Login, Person
from resident.people.sign_in import LoginSession
from resident.people.tenure import Party, Tenure
from tests.client import Client, fields
from tests.metering.counters import YEAR, meter, move_to, period


def test_good_values_are_booked_with_a_receipt_and_the_time_of_entry(phone, home, db):
    told = phone.send(cold="472,1", hot="248")
    with db.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
        rows = session.scalars(select(Reading).where(Reading.receipt_id == receipt.id)).all()
    assert told["state"] == "booked" and receipt.number in told["say"] and told["link"] == f"/readings/receipts/{receipt.id}"
    assert {(row.via, row.person_id, row.source) for row in rows} == {("offline", home.cast.tenant, "resident")}
    assert all(timedelta(hours=2) < row.at - row.typed_at < timedelta(hours=4) for row in rows)


def test_the_same_again_gets_the_same_answer_and_books_nothing(phone, home):
    first = phone.send(cold="472")
    assert phone.send(cold="472") == first
    assert phone.send(cold="480") == first
    assert home.values(home.cold)[-1] == (472.0, "accepted", True) and len(phone.slips()) == 1


def test_what_was_confirmed_on_the_page_under_this_key_is_not_booked_again(phone, home):
    checked = phone.client.post("/readings/check", 200, day=home.organisation.today.isoformat(), **{f"m{home.cold}": "472"})
    given = fields(checked.text)
    to = phone.client.post("/readings", 303, **given).headers["Location"]
    told = phone.send(key=given["once"], cold="472")
    assert (told["state"], told["link"]) == ("booked", to) and phone.slips() == []
    assert len(home.values(home.cold)) == 13


def test_and_the_other_way_round(phone, home):
    told = phone.send(key="from-the-page", cold="472")
    given = {"day": home.organisation.today.isoformat(), f"m{home.cold}": "472", "once": "from-the-page"}
    assert phone.client.post("/readings", 303, **given).headers["Location"] == told["link"]
    assert len(home.values(home.cold)) == 13


def test_a_question_is_held_for_an_answer_and_what_is_good_counts(phone, home, db):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == home.cast.tenant).values(notify_email=True))
    told = phone.send(cold="490", hot="248")
    (slip,) = phone.slips()
    assert (slip.state, slip.why, list(slip.typed)) == ("held", "questioned", [str(home.cold)])
    assert home.values(home.hot)[-1][0] == 248.0 and home.values(home.cold)[-1][0] == 466.0
    assert told["state"] == "asks" and f"m{home.cold}=490" in told["link"] and "Receipt number" in told["say"]
    with db.reading() as session:
        assert [job.payload["kind"] for job in session.scalars(select(Job)).all()] == ["slip"]
    assert 'value="490"' in phone.client.get(told["link"]).text


def test_the_answer_on_the_page_settles_what_was_held(phone, home, db):
    phone.send(cold="490")
    given = {"day": home.organisation.today.isoformat(), f"m{home.cold}": "490", f"why{home.cold}": "more"}
    phone.client.post("/readings", 303, once="answer", **given)
    (slip,) = phone.slips()
    assert (slip.state, slip.decided_by) == ("settled", home.cast.tenant) and slip.receipt_id
    assert home.values(home.cold)[-1] == (490.0, "accepted", True)
    with db.reading() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.thing == "slip")).all()
    assert acts == ["slip_held", "slip_settled"]


def test_the_phone_that_asks_again_after_a_dismissal_is_told_so(phone, home, client):
    phone.send(cold="490")
    (slip,) = phone.slips()
    client("office").post(f"/desk/slips/{slip.id}/dismissal", 303, note="We read it ourselves.")
    assert phone.send(cold="490") == {"state": "held", "say": "We read it ourselves.", "link": "/readings"}


@pytest.mark.parametrize("text", ["NaN", "1e999", "٤٧٢", "4" * 40, "the counter by the door says 472"])
def test_what_cannot_be_read_is_held_as_it_was_typed(phone, home, text):
    told = phone.send(cold=text, hot="248")
    (slip,) = phone.slips()
    assert (slip.why, slip.typed[str(home.cold)][0]) == ("refused", text) and told["state"] == "asks"


def test_half_a_letter_in_what_was_typed_is_kept_as_a_mark(phone, home):
    """A browser's text may hold half of a pair of surrogates, which no file or database takes."""
    assert phone.send(cold="47\ud83d")["state"] == "asks"
    assert phone.slips()[0].typed[str(home.cold)][0] == "47?"


def test_many_values_in_question_arrive_although_the_address_of_their_form_is_long(phone, home, db):
    with db.writing() as session:
        names = [f"r{n}" for n in range(8)]
        for name, id in zip(names, meter(session, home.cast, home.cast.unit_a1, names=names, serial="31-1"), strict=True):
            setattr(home, name, id)
    told = phone.send(key="long", **dict.fromkeys(names, "x" * 30))
    assert told["state"] == "asks" and len(told["link"]) > 200
    given = {"day": home.organisation.today.isoformat(), f"m{home.cold}": "472", "once": "long"}
    assert phone.client.post("/readings", 303, **given).headers["Location"] == "/readings"


def _allocated(home, session):
    session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))


def _handed_over(home, session):
    day = home.organisation.today - timedelta(days=1)
    session.execute(update(Party).where(Party.id == home.cast.party_tenant).values(last=day))
    session.execute(update(Tenure).where(Tenure.id == home.cast.tenure_a1).values(last=day))


def _signed_out(home, session):
    session.execute(update(LoginSession).values(ended_at=clock.now()))


def _closed(home, session):
    session.execute(update(Login).where(Login.id == home.cast.logins["tenant"]).values(disabled_at=clock.now()))


@pytest.mark.parametrize(
    ("happens", "why", "words"),
    [
        (_allocated, "allocated", "already shared out"),
        (_handed_over, "ended", "handed over"),
        (_signed_out, "signed_out", "signed out"),
        (_closed, "signed_out", "signed out"),
    ],
)
def test_what_happened_meanwhile_brings_values_and_time_to_the_desk_and_the_phone_says_so(phone, home, db, happens, why, words):
    with db.writing() as session:
        happens(home, session)
    told = phone.send(cold="472", hot="248")
    (slip,) = phone.slips()
    assert (told["state"], slip.state, slip.why) == ("held", "held", why) and words in told["say"]
    assert {id: typed[0] for id, typed in slip.typed.items()} == {str(home.cold): "472", str(home.hot): "248"}
    assert slip.at - slip.typed_at > timedelta(hours=2) and home.values(home.cold)[-1][0] == 466.0


def test_a_window_that_closed_meanwhile(phone, home):
    day = home.organisation.today
    move_to(YEAR, 3, 9)
    told = phone.send(cold="472", day=day)
    assert phone.slips()[0].why == "over" and "was over" in told["say"]


def test_another_window_does_not_get_what_was_read_for_this_one(phone, home, db):
    with db.writing() as session:
        period(session, home.cast.building, f"{YEAR}-04", "open", (date(YEAR, 3, 8), date(YEAR, 3, 20)))
    move_to(YEAR, 3, 9)
    phone.send(cold="472", day=date(YEAR, 3, 9))
    assert phone.slips()[0].why == "over" and home.values(home.cold)[-1][0] == 466.0


def test_a_late_one_counts_in_the_next_period_where_that_is_the_rule(phone, home, db, with_setting):
    with_setting(late_readings="kept")
    with db.writing() as session:
        following = period(session, home.cast.building, f"{YEAR}-04", "planned")
    move_to(YEAR, 3, 9)
    assert phone.send(cold="472", day=date(YEAR, 3, 9))["state"] == "booked"
    with db.reading() as session:
        assert session.scalar(select(Reading.period_id).where(Reading.via == "offline")) == following


def test_a_pass_is_for_nothing_else_and_not_for_ever(phone, home, app):
    secret = app.extensions["resident.settings"].secret_key
    assert phone.ticket not in (app.test_client().get("/readings", headers={"Authorization": f"Bearer {phone.ticket}"}).text)
    good, phone.ticket = phone.ticket, phone.ticket[:-2] + "xx"
    assert phone.send(403, cold="472")["state"] == "refused"
    phone.ticket = good
    held = offline.read(secret, good)
    assert (held.unit_id, held.party_id, held.period_id) == (home.unit, home.cast.party_tenant, home.period)
    move_to(YEAR, 5, 5)
    assert phone.send(403, cold="472")["state"] == "refused" and phone.slips() == []


def test_a_neighbours_meters_are_not_entered_with_ones_own_pass(phone, home, db):
    with db.writing() as session:
        (theirs,) = meter(session, home.cast, home.cast.unit_a2, serial="99-1")
    home.theirs = theirs
    phone.send(theirs="5")
    assert phone.slips()[0].why == "meter" and home.values(theirs) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"key": ""}, {"key": 5}, {"typed": {}}, {"typed": {"x1": "5"}}, {"typed": ["m1"]}, {"typed": {"m1": 5}}, {"day": "soon"},
        {"typed_at": "yesterday"}, {"typed_at": "2027-01-01T10:00:00"}, {"pass": None}, {"key": "k" * 600},
        {"typed_at": "0001-01-01T00:00:00+14:00"}, {"typed": {"m1": " ", "m2": ""}},
        {"typed": {f"m{id}": "1" for id in range(70)}},
    ],
)  # fmt: skip
def test_what_is_no_slip_is_refused(phone, app, broken):
    given = {"key": "k", "pass": phone.ticket, "day": "2027-02-27", "typed": {"m1": "5"}, "typed_at": "2027-02-27T10:00:00Z"}
    answer = app.test_client().post("/offline/slips", json=given | broken)
    assert (answer.status_code, answer.json["state"]) == (400, "refused") and phone.slips() == []


def test_another_site_gains_nothing(phone, app, home):
    """No cookie is looked at: what a foreign page sends with the victim's cookies lacks the pass; with an origin it is refused."""
    http = phone.client.http
    assert http.post("/offline/slips", data={"key": "k"}).status_code == 400
    given = {"key": "k", "pass": phone.ticket, "day": "2027-02-27", "typed": {"m1": "5"}, "typed_at": "2027-02-27T10:00:00Z"}
    assert http.post("/offline/slips", json=given, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert phone.slips() == []


def test_sendings_are_bounded(phone, monkeypatch):
    from resident.people import limit

    monkeypatch.setitem(limit.BUCKETS, "slip", (2, timedelta(days=1)))
    phone.send(key="a", cold="472")
    phone.send(key="b", cold="473")
    assert "state" not in phone.send(429, key="c", cold="474") and len(phone.slips()) == 2


def test_the_shell_is_the_same_for_everybody_and_names_nobody(app, client, home):
    stranger = app.test_client().get("/offline/en")
    tenant = client("tenant").http.get("/offline/en")
    assert stranger.data == tenant.data and b"csrf" not in stranger.data and "Set-Cookie" not in stranger.headers
    assert app.test_client().get("/offline/xx").status_code == 404
    assert 'lang="et"' in app.test_client().get("/offline/et").text


def test_it_can_be_put_on_the_home_screen(app):
    found = app.test_client().get("/offline/fi/manifest").json
    assert found["start_url"] == "/readings" and {icon["sizes"] for icon in found["icons"]} == {"192x192", "512x512"}
    for icon in found["icons"]:
        assert app.test_client().get(icon["src"]).status_code == 200
    worker = app.test_client().get("/sw.js")
    assert worker.mimetype == "text/javascript" and "/static/offline." in worker.text


def test_nothing_is_left_on_a_phone_where_nothing_can_be_entered(app, home, client):
    move_to(YEAR, 2, 10)
    assert "data-pass" not in Client(app, "tenant").get("/readings").text
