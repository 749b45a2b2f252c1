"""Readings by a signed link (B2): one home, one window, no sign-in; on paper nothing of what was before (rule 43)."""

import re
from datetime import date, timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, update

from resident import audit
from resident.metering.reading import Reading, Receipt
from resident.metering.slip import Slip
from resident.people.representation import Representation
from resident.people.tenure import Party, Tenure
from resident.tables import METADATA
from tests.client import fields
from tests.metering.counters import YEAR, move_to, period


def check(someone, at, home, cold="", hot="", status=200, htmx=False, **more):
    given = {"day": date(YEAR, 2, 27).isoformat(), f"m{home.cold}": cold, f"m{home.hot}": hot} | more
    return someone.post(f"{at}/check", status, htmx=htmx, **given)


def confirm(someone, at, checked, status=303, htmx=False, **answers):
    given = fields(checked.text) | answers
    return someone.post(at, status, htmx=htmx, once=given.pop("once"), **given)


def counted(db, *things) -> list[int]:
    with db.reading() as session:
        return [session.scalar(select(func.count()).select_from(thing)) for thing in things]


# ---- The way through -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
def test_readings_are_sent_without_signing_in_and_a_receipt_is_given(stranger, home, link, db, htmx):
    at = link()
    stranger.get(at)
    checked = check(stranger, at, home, "472", "248", htmx=htmx)
    assert home.values(home.cold)[-1][0] == 466.0
    sent = confirm(stranger, at, checked, 200 if htmx else 303, htmx)
    to = sent.headers["HX-Push-Url" if htmx else "Location"]
    assert f"N-{YEAR}-0001" in (sent.text if htmx else stranger.get(to).text) and "472.000" in stranger.get(to).text
    with db.reading() as session:
        rows = session.scalars(select(Reading).where(Reading.receipt_id.is_not(None))).all()
        event = session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.id.desc())).first()
    assert {(row.value, row.via, row.person_id, row.counts) for row in rows} == {
        (472_000_000, "link", None, True), (248_000_000, "link", None, True),
    }  # fmt: skip
    assert (event.act, event.facts["via"], event.login_id) == ("readings_submitted", "link", None)


def test_a_link_to_a_person_is_theirs(stranger, home, link, db):
    at = link(home.cast.tenant)
    checked = check(stranger, at, home, "472", "248")
    confirm(stranger, at, checked)
    with db.reading() as session:
        assert set(session.scalars(select(Reading.person_id).where(Reading.via == "link"))) == {home.cast.tenant}


def test_opening_it_changes_nothing(stranger, home, link, db):
    def everything():
        with db.reading() as session:
            return {table.name: session.execute(select(table)).all() for table in METADATA.sorted_tables}

    before = everything()
    for at in (link(), link(home.cast.tenant)):
        for path in (at, f"{at}?m{home.cold}=472", f"{at}/check", f"{at}/edit", f"{at}x", f"{at}/receipt/x"):
            stranger.http.get(path, follow_redirects=True)
            stranger.http.head(path)
    assert everything() == before


def test_nobody_lists_it_keeps_it_or_is_told_the_address(stranger, home, link):
    at = link()
    for answer in (stranger.get(at), check(stranger, at, home, "472"), check(stranger, at, home, "x", status=422)):
        told = {name: answer.headers[name] for name in ("Referrer-Policy", "Cache-Control", "X-Robots-Tag")}
        assert told == {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


def test_a_form_without_its_token_is_refused_and_so_is_a_foreign_page(stranger, home, link):
    at, data = link(), {f"m{home.cold}": "472", "day": date(YEAR, 2, 27).isoformat(), "once": "a"}
    assert stranger.http.post(at, data=data).status_code == 400
    token = {"csrf_token": stranger.token()}
    assert stranger.http.post(at, data=data | token, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert stranger.http.post(at, data=data | token, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_browser_that_names_no_origin_where_no_referrer_is_sent_gets_through(stranger, home, link):
    at = link()
    data = fields(check(stranger, at, home, "472").text)
    assert stranger.http.post(at, data=data, headers={"Origin": "null"}).status_code == 303
    assert stranger.http.post("/sign-in", data=data, headers={"Origin": "null"}).status_code == 403


def test_going_back_keeps_what_was_typed_and_a_bad_value_is_told_at_its_field(stranger, home, link):
    at = link()
    checked = check(stranger, at, home, "472", "300")
    assert fields(stranger.post(f"{at}/edit", 200, **fields(checked.text)).text)[f"m{home.hot}"] == "300"
    bad = check(stranger, at, home, "abc", "300", status=422)
    assert f'href="#m{home.cold}"' in bad.text and fields(bad.text)[f"m{home.hot}"] == "300"
    assert 'href="#day"' in check(stranger, at, home, "472", status=422, day="soon").text


def test_it_is_in_the_persons_language_until_the_reader_chooses_another(app, home, link):
    at = link(home.cast.tenant)
    assert '<html lang="fi"' in app.test_client().get(at).text
    assert '<html lang="sv"' in app.test_client().get(f"{at}?lang=sv").text


# ---- Sent again and again --------------------------------------------------------------------------------------------


def test_ten_sendings_make_one_receipt(app, stranger, home, link, db):
    at = link()
    checked = fields(check(stranger, at, home, "472", "248").text)
    cookie, answers = stranger.http.get_cookie("resident").value, []

    def send():
        http = app.test_client()
        http.set_cookie("resident", cookie)
        answers.append(http.post(at, data=checked))

    threads = [Thread(target=send) for _ in range(10)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert counted(db, Receipt, Slip) == [1, 1] and home.values(home.cold)[-1][0] == 472.0


def test_more_than_anybody_needs_is_slowed_down(stranger, home, link, db, monkeypatch):
    from resident.people import limit

    monkeypatch.setitem(limit.BUCKETS, "entry", (2, timedelta(hours=1)))
    at = link()
    for turn in ("472", "473"):
        confirm(stranger, at, check(stranger, at, home, turn))
    refused = confirm(stranger, at, check(stranger, at, home, "474"), 429)
    assert "Too many tries." in refused.text and int(refused.headers["Retry-After"]) > 3000
    assert fields(refused.text)[f"m{home.cold}"] == "474" and counted(db, Receipt) == [2]
    other = link(home.cast.tenant)
    confirm(stranger, other, check(stranger, other, home, "475"))


# ---- On paper: neither names nor what was before ---------------------------------------------------------------------


def test_paper_tells_no_name_and_nothing_of_earlier_readings(stranger, home, link):
    at = link()
    seen = [stranger.get(at), check(stranger, at, home, "490", "100"), check(stranger, at, home, "xx", "100", status=422)]
    checked = check(stranger, at, home, "490", "100")
    seen.append(stranger.get(confirm(stranger, at, checked).headers["Location"]))
    seen.append(stranger.get(at))
    for answer in seen:
        shown = re.sub(r"<(?:script|link|meta)[^>]*>", "", answer.text)
        for secret in ("Virta", "Aino", "00466", "466", "244", "data-last", "Usage", "Usually", "lower", "more than"):
            assert secret not in shown, secret
    assert "A reading has been sent already." in seen[-1].text and "490" not in seen[-1].text


def test_paper_asks_no_question_and_the_desk_decides_instead(stranger, home, link):
    """Were the questions asked, trying values would tell the last one."""
    at, values = link(), ("100", "472", "999")
    checks = [check(stranger, at, home, value) for value in values]
    receipts = [stranger.get(confirm(stranger, at, checked).headers["Location"]) for checked in checks]
    assert len({_figureless(checked.text) for checked in checks}) == 1
    assert len({_figureless(receipt.text) for receipt in receipts}) == 1
    assert [row[1:] for row in home.values(home.cold)[-3:]] == [("rejected", False), ("accepted", True), ("pending", False)]


def _figureless(text: str) -> str:
    return re.sub(r'name="(once|csrf_token)" value="[^"]+"|value="/e/[^"]+"|\d+', "", text)


def test_a_receipt_is_for_whoever_sent_it(stranger, home, link, app):
    at = link()
    to = confirm(stranger, at, check(stranger, at, home, "472")).headers["Location"]
    assert stranger.get(to) and to.count("/receipt/") == 1
    other = link(unit_id=home.cast.unit_a2, tenure_id=home.cast.tenure_a2)
    stranger.get(to.replace(at, other), 404)
    stranger.get(f"{at}/receipt/1", 404)
    stranger.get(to[:-2], 404)


def test_a_link_to_a_person_shows_the_last_values_and_asks(stranger, home, link):
    at = link(home.cast.tenant)
    assert "00466" in stranger.get(at).text and "Virta" not in stranger.get(at).text
    checked = check(stranger, at, home, "490")
    assert "24.000\u00a0m³" in checked.text
    again = confirm(stranger, at, checked, 422)
    assert f'href="#why{home.cold}"' in again.text
    confirm(stranger, at, again, **{f"why{home.cold}": "more"})
    assert home.values(home.cold)[-1] == (490.0, "accepted", True)


# ---- When it no longer holds -----------------------------------------------------------------------------------------


def over(someone, at, home):
    """The calm sentence and the way to sign in, whatever is done with the link."""
    for answer in (
        someone.get(at, 404),
        someone.post(f"{at}/check", 404, day="x"),
        someone.post(at, 404, once="k", day="2026-01-01"),
    ):
        assert "This link cannot be used now." in answer.text and 'href="/sign-in' in answer.text
    assert someone.post(f"{at}/check", 409, htmx=True, day="x").text.count('id="entry"') == 1


def test_tampered_with(stranger, home, link, db):
    at = link()
    for bad in (f"{at}x", at[:-1], at.replace("/e/", "/e/x"), "/e/a", "/e/W10.x"):
        over(stranger, bad, home)
    assert counted(db, Receipt) == [0]


def test_another_purposes_signature_opens_nothing(app, stranger, home):
    from resident import signed

    secret = app.extensions["resident.settings"].secret_key
    facts = [home.unit, home.period, home.cast.tenure_a1, home.cast.tenant]
    over(stranger, "/e/" + signed.sign(secret, "poster", facts), home)
    for wrong in (["1", 2, 3, 4], {"unit": 1}, [1, 2, 3], [-1, 2, 3, 4]):
        over(stranger, "/e/" + signed.sign(secret, "entry link", wrong), home)


def test_before_and_after_its_window(stranger, home, link):
    at = link()
    move_to(YEAR, 3, 6)
    over(stranger, at, home)
    move_to(YEAR, 2, 24)
    over(stranger, at, home)


def test_another_months_link(stranger, home, link, db):
    with db.writing() as session:
        later = period(session, home.cast.building, f"{YEAR}-04", "open", (date(YEAR, 3, 25), date(YEAR, 4, 5)))
        before = period(session, home.cast.building_tamm, f"{YEAR}-03", "open", (date(YEAR, 2, 20), date(YEAR, 3, 5)))
    for other in (later, before):
        over(stranger, link(period_id=other), home)


def test_a_change_of_holder_ends_it(stranger, home, link, db):
    paper, own = link(), link(home.cast.tenant)
    with db.writing() as session:
        session.execute(update(Tenure).where(Tenure.id == home.cast.tenure_a1).values(last=date(YEAR, 2, 26)))
    for at in (paper, own):
        over(stranger, at, home)


def test_a_right_that_was_taken_ends_the_link_to_a_person(stranger, home, link, db):
    own = link(home.cast.tenant)
    stranger.get(own)
    with db.writing() as session:
        session.execute(update(Party).where(Party.id == home.cast.party_tenant).values(rights=["invoices"]))
    over(stranger, own, home)
    stranger.get(link())


def test_whoever_acts_for_the_holder_uses_a_link_of_their_own(stranger, home, link, db):
    own = link(home.cast.neighbour)
    over(stranger, own, home)
    with db.writing() as session:
        session.add(
            Representation(
                organisation_id=home.cast.koivu,
                person_id=home.cast.neighbour,
                of_person_id=home.cast.tenant,
                ground="guardian",
                first=date(YEAR, 1, 1),
                last=date(YEAR, 2, 27),
            )  # fmt: skip
        )
    confirm(stranger, own, check(stranger, own, home, "472"))
    with db.reading() as session:
        assert session.scalar(select(Reading.person_id).where(Reading.via == "link")) == home.cast.neighbour
    move_to(YEAR, 2, 28)
    over(stranger, own, home)


def test_a_window_that_closes_over_an_open_form_loses_nothing(stranger, home, link, db):
    at = link()
    checked = check(stranger, at, home, "472")
    move_to(YEAR, 3, 6)
    answer = confirm(stranger, at, checked, 200)
    assert "We have kept what you typed." in answer.text
    again = confirm(stranger, at, checked, 200)
    assert "We have kept what you typed." in again.text
    with db.reading() as session:
        slip = session.scalars(select(Slip)).one()
        assert (slip.state, slip.why, slip.via, slip.typed[str(home.cold)][0]) == ("held", "over", "link", "472")
    assert counted(db, Receipt, Slip) == [0, 1]
    move_to(YEAR, 3, 9)
    confirm(stranger, at, checked, 200)
    confirm(stranger, at, checked, 404, once="another")
    assert counted(db, Slip) == [1]
