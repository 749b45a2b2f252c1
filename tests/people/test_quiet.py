"""Nothing secret and nothing personal in logs or in the audit: journeys with words that can be looked for (S57)."""

import json
import logging
import re
import threading

import pytest
from sqlalchemy import select

from blueprints._mail_words import renderer
from resident import worker
from resident.access import Actor
from resident.audit import AuditEvent
from resident.delivery import mail
from resident.people.person import Person
from resident.privacy import erasing
from resident.settings import Settings
from tests.cast import PASSWORD
from tests.privacy.canaries import plant

WORDS = ("canary", "555 98765", "Entinen", "FI7944052020036082", PASSWORD, "131052-308T", "@example", "Virta")


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def told(log) -> str:
    form = logging.Formatter("%(name)s %(message)s")
    return "\n".join(form.format(record) for record in log.records if not record.name.startswith("asyncio"))


def journeys(client, cast) -> list[str]:
    """Signs in, fails to, writes, changes, asks; the tokens of its cookies."""
    stranger = client()
    stranger.post("/sign-in", username="canarywrongqx@example.org", password="canarysecretqx")
    stranger.post("/reset", username="canarywrongqx@example.org")
    tenant, office = client("tenant"), client("office")
    tenant.post("/details", **{**tenant.form("/details"), "email": "canarynewqx@example.net", "phone": "040 555 98765"})
    tenant.post("/messages", once="m", to="customer_service", subject="canarysubjectqx", text="FI7944052020036082 131052-308T")
    tenant.get("/record")
    tenant.get("/record/events?sort=canaryqx")
    tenant.post("/record/copies", once="c")
    office.get(f"/desk/people/{cast.former}")
    office.get("/desk/search?q=Virta", None)
    office.post(f"/desk/people/{cast.former}", email="canaryqx", version="1")
    return [cookie.value for one in (tenant, office) for cookie in one.http._cookies.values() if len(cookie.value) > 20]


def test_no_log_has_secrets_codes_accounts_or_addresses(app, db, cast, client, settings, log, monkeypatch):
    plant(cast, settings.files_dir)
    with db.writing() as session:
        session.get(Person, cast.former).notify_email = True
    tokens = journeys(client, cast)

    def fails(mail, url, host):
        raise OSError(f"550 {mail.to} refused")

    monkeypatch.setattr(mail, "send", fails)
    given = {name: getattr(settings, name) for name in Settings.__dataclass_fields__} | {"smtp_url": "smtp://localhost:1"}
    worker.work(db, Settings(**given), renderer(app), threading.Event(), once=True)
    text = told(log)
    assert "job" in text, "the worker tells of what failed"
    assert tokens and not [word for word in (*WORDS, *tokens) if word in text]


def test_a_page_that_breaks_tells_the_log_nothing_that_was_typed(app, db, cast, client, log, monkeypatch):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    tenant = client("tenant")
    with db.writing() as session:
        session.get(Person, cast.tenant).phone = "040 555 98765"

    def breaks(*_args, **_given):
        raise RuntimeError("broken")

    monkeypatch.setattr("blueprints._own_contact.people.change_contact", breaks)
    assert tenant.post("/details", email="canaryqx@example.net", phone="040 555 98765").status_code == 500
    text = told(log)
    assert "broken" in text and not [word for word in WORDS if word in text]


def test_the_audit_holds_numbers_and_no_words_of_people(app, db, cast, client, settings):
    plant(cast, settings.files_dir)
    journeys(client, cast)
    office = client("office")
    office.post("/sign-out")
    with db.writing() as session:
        erasing.erase(session, session.get(Person, cast.former), by=_office(cast))
    with db.reading() as session:
        facts = [json.dumps(facts, ensure_ascii=False) for facts in session.scalars(select(AuditEvent.facts))]
    assert len(facts) > 8
    assert not [(word, fact) for word in WORDS for fact in facts if word in fact]
    assert not [fact for fact in facts if re.search(r"@|\d{6}[-+A-FYXWVU]\d{3}", fact)]


def _office(cast) -> Actor:
    return Actor(cast.logins["office"], cast.office, cast.koivu, "office", "")
