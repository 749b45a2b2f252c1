"""Headers on every answer, hosts, foreign origins, sizes: promises S16–S34 from outside."""

from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread

import pytest
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.routing.converters import NumberConverter

from app import create_app
from blueprints.commands import behind, listening
from tests.client import Client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@ONE
@pytest.mark.parametrize("path", ["/sign-in", "/", "/nothing", "/healthz", "/static/resident.css", "/desk/", "/static/nothing.css"])
def test_every_answer_carries_the_headers(app, cast, path):
    answer = app.test_client().get(path)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Referrer-Policy" in answer.headers and "Permissions-Policy" in answer.headers
    assert "Server" not in answer.headers and "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/sign-in/%00", "/sign-in/koivu%00", "/invitation/%00", "/e/%00", "/static/%00"])
def test_an_address_that_no_database_takes_is_no_address(app, cast, path):
    assert app.test_client().get(path).status_code == 404


@ONE
def test_static_files_are_kept_for_a_year_and_pages_not_at_all(app, client):
    names = app.extensions["resident.static"]
    sheet = app.test_client().get(names["resident.css"], headers={"Accept-Encoding": "br"})
    assert sheet.status_code == 200 and sheet.headers["Content-Encoding"] == "br"
    assert "immutable" in sheet.headers["Cache-Control"]
    assert client("tenant").get("/appearance").headers["Cache-Control"] == "no-store"


@ONE
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_a_foreign_host_is_refused(app, host):
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 400


@ONE
def test_a_forwarded_host_changes_no_link(app, cast):
    answer = app.test_client().get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil" not in answer.headers["Location"]


@ONE
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "/%5cevil.example", "/%2f%2fevil.example", "\t//evil.example",
        "/\t/evil.example", "javascript:alert(1)", "http:evil.example", "///evil.example", "/a//b", "evil.example", "@evil.example",
        "/\n/evil.example", "\\\\evil.example",
    ],
)  # fmt: skip
def test_next_leads_nowhere_outside(client, target):
    from tests.cast import PASSWORD

    answer = client().post("/sign-in", username="tenant", password=PASSWORD, next=target)
    assert answer.status_code == 303 and answer.headers["Location"] == "/"


@ONE
def test_next_leads_to_the_page_that_was_wanted(client):
    from tests.cast import PASSWORD

    answer = client().post("/sign-in", username="tenant", password=PASSWORD, next="/appearance?lang=fi")
    assert answer.headers["Location"] == "/appearance?lang=fi"


@ONE
def test_a_signed_out_fragment_is_sent_to_the_sign_in_page(client):
    answer = client().http.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/invoices"})
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/invoices"


@ONE
def test_an_error_tells_nothing_of_the_inside(settings):
    app = create_app(settings)

    @app.get("/broken")
    def broken():
        raise RuntimeError("sqlite3 secret detail")

    broken.audience = ("public", None)
    answer = Client(app).http.get("/broken")
    assert answer.status_code == 500
    assert not [word for word in ("Traceback", "sqlite3", "RuntimeError", "secret") if word in answer.text]
    assert "Number of this error" in answer.text


def test_a_row_that_was_changed_meanwhile_is_no_trouble_of_ours(settings):
    app = create_app(settings)

    @app.get("/overtaken")
    def overtaken():
        raise StaleDataError("expected to update 1 row(s); 0 were matched")

    overtaken.audience = ("public", None)
    assert Client(app).http.get("/overtaken").status_code == 409


def test_the_log_holds_no_key_and_no_line_of_a_strangers(settings, caplog):
    app = create_app(settings)

    @app.get("/broken/<string:token>")
    def broken(token):
        raise RuntimeError("out of order")

    broken.audience = ("public", None)
    assert Client(app).http.get("/broken/secret%0Aerror%20forged").status_code == 500
    (line,) = [record.getMessage() for record in caplog.records if "out of order" in record.getMessage()]
    assert "GET /broken/<string:token>: RuntimeError" in line and "secret" not in line and "forged" not in line


FILES = {
    "messages.create", "messages.answer", "faults.create", "faults.comment", "desk_messages.answer", "desk_messages.create",
    "desk_faults.create", "desk_faults.comment", "desk_faults.move", "desk_imports.create", "desk_agreements.add_file",
    "readings.create", "readings.edit", "readings.add_photos", "desk_prices.put_degrees",
    "desk_feeds.create", "desk_feeds.send", "desk_feeds.renew",
    "desk_payments.send", "desk_bank_csvs.create", "desk_costs.enter",
}  # fmt: skip


@ONE
def test_only_forms_with_files_take_large_bodies(app, client):
    assert {name for name, view in app.view_functions.items() if hasattr(view, "largest_body")} == FILES
    tenant = client("tenant")
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods:
            continue
        numbers = {name for name, made in rule._converters.items() if isinstance(made, NumberConverter)}
        path = rule.build({name: 1 if name in numbers else "x" for name in rule.arguments})[1]
        answer = tenant.post(path, text="x" * 1_100_000)
        assert (answer.status_code == 413) == (rule.endpoint not in FILES), rule.rule


@ONE
def test_a_body_that_is_too_large_gets_a_page_that_speaks_of_it(client):
    tenant = client("tenant")
    answer = tenant.post("/language", status=413, language="fi" * 600_000)
    assert "file" not in answer.text[answer.text.find("<main") : answer.text.find("</main>")]
    assert tenant.post("/messages", status=413, htmx=True, text="x" * 27_000_000).headers["HX-Retarget"] == "#say"


@contextmanager
def served(app, **where):
    """A connection to the portal as `flask serve` serves it."""
    server = listening(app, host="127.0.0.1", port=0, **where)
    Thread(target=server.run, daemon=True).start()
    line = HTTPConnection("127.0.0.1", server.effective_port, timeout=10)
    try:
        yield line
    finally:
        line.close()
        server.close()


@ONE
def test_what_the_server_refuses_by_itself_carries_the_headers_too(app, cast):
    with served(app) as line:
        line.request("GET", "/sign-in", headers={"X-Long": "x" * 40_000})
        answer = line.getresponse()
        assert answer.status == 431 and answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Server" not in answer.headers


@ONE
@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/sign-in/", "/sign-in"), ("/invoices//?year=2025&x=%C3%A9", "/invoices?year=2025&x=%C3%A9"), ("/faults/7/", "/faults/7"),
        ("/nothing/", None), ("/sign-out/", None),
    ],
)  # fmt: skip
def test_a_slash_too_many_leads_to_the_page_that_was_meant(app, cast, path, leads_to):
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers.get("Location")) == ((308, leads_to) if leads_to else (404, None))


@ONE
@pytest.mark.parametrize("named", [{"HX-Request": "true", "HX-Current-URL": "http://[::bad/"}, {"Origin": "http://[bad"}])
def test_an_address_that_is_none_is_nobodys(app, cast, named):
    browser = app.test_client()
    answer = browser.post("/sign-in", headers=named) if "Origin" in named else browser.get("/readings", headers=named)
    assert answer.status_code == (403 if "Origin" in named else 200)


@ONE
@pytest.mark.parametrize(("proxy", "seen"), [("127.0.0.1", "203.0.113.0"), ("", "127.0.0.0")])
def test_the_address_that_limits_count_is_the_one_that_the_proxy_saw(app, client, db, proxy, seen):
    """The proxy's word is taken, a client's own is not."""
    from sqlalchemy import select

    from resident.people.sign_in import LoginSession
    from tests.cast import PASSWORD

    client()
    with served(app, **behind(proxy)) as line:
        one = client()
        token = one.token()
        cookie = one.http.get_cookie("resident").value
        headers = {
            "Cookie": f"resident={cookie}", "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": "198.51.100.9, 203.0.113.7",
        }  # fmt: skip
        line.request("POST", "/sign-in", f"csrf_token={token}&username=tenant&password={PASSWORD}", headers)
        assert line.getresponse().status == 303
    with db.reading() as session:
        assert session.scalar(select(LoginSession.address)) == seen


@ONE
@pytest.mark.parametrize("path", ["/sign-in", "/", "/nothing", "/messages", "/messages/new", "/desk/homes", "/healthz"])
@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "br"}, {"Accept-Encoding": "br", "HX-Request": "true"}])
def test_every_answer_says_in_one_header_what_it_varies_by(client, path, headers):
    varies = client("tenant").http.get(path, headers=headers).headers.getlist("Vary")
    assert varies == ["HX-Request, Cookie, Accept-Language, Accept-Encoding"]


@ONE
@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-site"}, 403),
        # What a browser sends from a page with Referrer-Policy: no-referrer, as those behind a link in a mail have.
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_form_without_a_named_origin_is_taken_from_our_own_pages_only(client, cast, given, status):
    somebody = client()
    answer = somebody.http.post("/language", data={"csrf_token": somebody.token(), "language": "fi"}, headers=given)
    assert answer.status_code == status


NO_SUCH = "x" * 43


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/reset/{NO_SUCH}", 410),
        (f"/activate/{NO_SUCH}", 410),
        (f"/address/{NO_SUCH}", 404),
        ("/language", 303),
        ("/sign-in", 403),
        ("/reset", 403),
        ("/sign-out", 403),
    ],
)
def test_an_old_phone_names_neither_origin_nor_site_on_pages_with_a_key(client, cast, path, status):
    """iOS before 16.4 knows no Sec-Fetch-Site. The token of the form counts where the page says no-referrer, and nowhere else."""
    somebody, unnamed = client(), {"Origin": "null"}
    token = somebody.token()
    assert somebody.http.post(path, data={"csrf_token": token}, headers=unnamed).status_code == status
    for given in ({}, {"csrf_token": client().token()}):
        assert somebody.http.post(path, data=given, headers=unnamed).status_code == (403 if status == 403 else 400)
    foreign = somebody.http.post(path, data={"csrf_token": token}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


@pytest.mark.parametrize("path", [f"/reset/{NO_SUCH}", f"/activate/{NO_SUCH}", f"/address/{NO_SUCH}"])
def test_a_page_with_a_key_in_its_address_tells_it_to_nobody_whatever_it_answers(client, cast, path):
    guest = client()
    for answer in (guest.get(path, None), guest.post(path), guest.post(path, password="x" * 300, new="x" * 300)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
