"""Signing in: sessions on the server, limits in the database, nothing said about who exists."""

import re
import time

import pytest
from sqlalchemy import delete, select

from resident.errors import TooMany, WrongCredentials
from resident.people import admission, limit, sign_in
from resident.people.person import Person, index_words
from tests.cast import PASSWORD


def check(db, name, password=PASSWORD, browser=None):
    return admission.check(db, name, password, address="127.0.0.1", browser=browser)


def test_right_password_begins_a_session(db, cast):
    known = check(db, "  TENANT ")
    with db.writing() as session:
        admission.settle(session, known)
        token = sign_in.begin(session, known.login_id, address="127.0.0.1", agent="")
        assert sign_in.live(session, token).login_id == cast.logins["tenant"]


@pytest.mark.parametrize("name", ["tenant", "nobody"])
def test_wrong_password_is_refused_and_counted(db, cast, name):
    for _ in range(limit.BUCKETS["account"][0]):
        with pytest.raises(WrongCredentials):
            check(db, name, "not this one")
    with pytest.raises(TooMany) as refusal:
        check(db, name)
    assert 0 < refusal.value.retry_after <= 15 * 60 + 1


def test_other_accounts_are_not_touched_by_a_limit(db, cast):
    for _ in range(limit.BUCKETS["account"][0]):
        with pytest.raises(WrongCredentials):
            check(db, "tenant", "not this one")
    assert check(db, "neighbour")


def test_tries_by_user_name_and_by_address_count_against_the_same_account(db, cast):
    with db.writing() as session:
        for person in session.scalars(select(Person)).all():
            index_words(session, person)
    most = limit.BUCKETS["account"][0]
    for n in range(most):
        with pytest.raises(WrongCredentials):
            check(db, "tenant" if n % 2 else "Tenant@example.org", "not this one")
    for name in ("tenant", "tenant@example.org"):
        with pytest.raises(TooMany):
            check(db, name)
    assert check(db, "neighbour@example.org").key == "neighbour"


def test_sign_out_ends_the_session_on_the_server(client):
    tenant = client("tenant")
    kept = tenant.http.get_cookie("resident").value
    tenant.get("/")
    tenant.post("/sign-out", status=303)
    tenant.http.set_cookie("resident", kept)
    assert tenant.get("/", status=303).headers["Location"].startswith("/sign-in")


def test_wrong_password_says_no_more_than_that(client):
    known = client().post("/sign-in", 422, username="tenant", password="x")
    unknown = client().post("/sign-in", 422, username="nobody", password="x")
    assert "tenant" in known.text and 'value="x"' not in known.text
    assert known.text.replace("tenant", "")[:1500].split("csrf")[0] == unknown.text.replace("nobody", "")[:1500].split("csrf")[0]


def test_a_known_and_an_unknown_name_answer_alike(client):
    """S09: status, headers and body are the same once the token and the name are left out."""
    known, unknown = (
        client().post("/sign-in", username="tenant", password="x"),
        client().post("/sign-in", username="nobody", password="x"),
    )
    assert known.status_code == unknown.status_code
    assert sorted(name for name, _ in known.headers) == sorted(name for name, _ in unknown.headers)
    assert masked(known.text, "tenant") == masked(unknown.text, "nobody")


def masked(text: str, name: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text).replace(name, "")


def test_a_known_and_an_unknown_name_take_the_same_time(db, client):
    """S09, in the time that the process works, at its least: what else the machine does is not measured."""
    stranger = client()
    token, taken = stranger.token(), {"tenant": [], "nobody": [], "tenant@example.org": [], "nobody@example.org": []}
    for turn in range(15):
        for name, times in taken.items():
            with db.writing() as session:
                session.execute(delete(limit.Limit))
            began = time.process_time()
            answer = stranger.http.post("/sign-in", data={"csrf_token": token, "username": name, "password": f"x{turn}"})
            times.append(time.process_time() - began)
            assert answer.status_code == 422
    least = [min(times) for times in taken.values()]
    # A hash is nearly all of it; on a machine that is busy all four take longer, and differ by more.
    assert max(least) - min(least) < 0.2 * min(least), least
