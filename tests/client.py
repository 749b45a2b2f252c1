"""A client that lints every page it fetches and fills forms as a browser would."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from sqlalchemy import exists, or_, select, update

from resident import clock
from resident.people import device, sign_in, totp
from resident.people.person import Login, Person, name_key
from resident.people.post import Post
from resident.people.sign_in import LoginSession
from resident.people.token import new_token


class Client:
    """Reads English, and is signed in when given a name: as the sign-in page would, which has tests of its own and is gone
    through when a password is given. Staff are past the second step (its own tests take it through the pages: second=False
    stops before it).

    get() and post() return the response; post() sends the CSRF token.
    """

    def __init__(self, app, name: str | None = None, password: str | None = None, language: str | None = "en", second=True):
        self.http = app.test_client()
        if language:
            self.http.set_cookie("lang", language)
        self.app, self._token = app, (None, "")
        if name and password is None:
            self._enter(name)
        elif name:
            answer = self.post("/sign-in", username=name, password=password)
            assert answer.status_code == 303, f"{name} could not sign in: {answer.status_code}"
        if name and second:
            self._second_step(name)

    def _enter(self, name: str) -> None:
        """What _entrance.enter does, without the page and the hash."""
        browser = new_token()
        with self.app.extensions["resident.db"].writing() as session:
            login_id = session.scalar(select(Login.id).where(Login.name_key == name_key(name)))
            met = device.meet(session, login_id, browser, "")
            token = sign_in.begin(session, login_id, address="127.0.0.1", agent="", device_id=met.id)
        with self.http.session_transaction() as cookie:
            cookie |= {"_user_id": token, "_fresh": True}
        self.http.set_cookie("resident-device", browser)

    def _second_step(self, name: str) -> None:
        """The open sessions of whoever needs a second factor count as having shown it."""
        holds_post = exists().where(Post.person_id == Person.id, Person.login_id == Login.id)
        needs = select(Login.id).where(Login.name_key == name_key(name), or_(Login.operator, holds_post))
        with self.app.extensions["resident.db"].writing() as session:
            session.execute(
                update(LoginSession)
                .where(LoginSession.login_id.in_(needs), LoginSession.ended_at.is_(None))
                .values(second_at=clock.now())
            )

    def get(self, url: str, status: int | None = 200, htmx: bool = False, **kwargs):
        answer = self.http.get(url, headers={"HX-Request": "true"} if htmx else {}, **kwargs)
        if status is not None:
            assert answer.status_code == status, f"GET {url}: {answer.status_code}\n{answer.text[:2000]}"
        if answer.mimetype == "text/html" and answer.status_code != 303:
            lint(url, answer.text, fragment=htmx)
        return answer

    def post(self, url: str, status: int | None = None, htmx: bool = False, once: str | None = None, files=None, **fields):
        """Send a form. `once` is the form's one-use key; files: {name: [(bytes, file name), …]}."""
        data = {"csrf_token": self.token(), **({"once": once} if once else {}), **fields}
        if files:
            from io import BytesIO

            data |= {name: [(BytesIO(content), called) for content, called in given] for name, given in files.items()}
        answer = self.http.post(url, data=data, headers={"HX-Request": "true"} if htmx else {})
        if status is not None:
            assert answer.status_code == status, f"POST {url}: {answer.status_code}\n{answer.text[:2000]}"
        if answer.mimetype == "text/html" and answer.status_code not in (302, 303, 307):
            lint(url, answer.text, fragment=htmx)
        return answer

    def token(self) -> str:
        """The CSRF token of the session at hand, from a page; the same one as long as the session goes on."""
        if not self._token[1] or self._token[0] != self._secret():
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.http.get("/appearance").text)[1]
            self._token = (self._secret(), found)
        return self._token[1]

    def _secret(self) -> str | None:
        with self.http.session_transaction() as cookie:
            return cookie.get("csrf_token")

    def form(self, url: str) -> dict[str, str]:
        """The fields of the page's main form, as they stand, ready to be changed and posted."""
        return fields(self.get(url).text)


def fields(html: str) -> dict[str, str]:
    """Names and values of the inputs inside <main>."""
    reader = _Fields()
    reader.feed(html[html.find("<main") :] if "<main" in html else html)
    return reader.values


def new_app(client: Client, url: str = "/second-factor/new") -> dict[str, str]:
    """The form that adds an authenticator app, as its page offers it, with the code that its secret gives now."""
    text = client.get(url).text
    form = dict(re.findall(r'<input type="hidden" name="(once|offer|next)" value="([^"]+)"', text[text.index("/new/app") :]))
    secret = re.search(r"secret=([A-Z2-7]{32})", text)[1]
    return form | {"code": totp.code(secret), "name": "Work telephone"}


class _Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.values, self.area, self.select = {}, None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in ("radio", "checkbox", "file", "search"):
            self.values[name] = given.get("value", "")
        elif tag == "input" and name and "checked" in given:
            self.values[name] = given.get("value", "on")
        elif tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in given or self.select not in self.values):
            self.values[self.select] = given.get("value", "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        if tag == "select":
            self.select = None

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data


def lint(url: str, html: str, fragment: bool = False) -> None:
    """What must hold of every page: a title, no inline script or style, no handlers, unique ids, labelled controls."""
    if not fragment:
        assert re.search(r"<title>[^<]{3,}</title>", html), f"{url}: no title"
        assert '<html lang="' in html, f"{url}: no language"
        assert html.count("<h1") == 1, f"{url}: {html.count('<h1')} h1"
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|hx-on|<script(?![^>]*\ssrc=)", html), f"{url}: inline code"
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), f"{url}: doubled id {sorted(i for i in ids if ids.count(i) > 1)[:3]}"
    assert "{{" not in html and "{%" not in html, f"{url}: template code"
    targets = re.findall(r'<label for="([^"]+)"', html)
    assert not set(targets) - set(ids), f"{url}: label without control {set(targets) - set(ids)}"


def path(url: str) -> str:
    return urlsplit(url).path
