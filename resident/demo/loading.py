"""Making the demo: four organisations, and a supplier of water, in an empty database. The same on every day but for the days."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..banking import bank_account
from ..db import learn
from ..errors import ResidentError
from ..homes.organisation import Mandate, Organisation
from ..number import Counter
from ..people import credential, totp
from ..people.factor import Factor
from ..people.person import Login, Person, reindex
from ..people.post import Post
from ..settings import Settings
from . import PASSWORD, TOTP_SECRET, banking, beryozovaya, koivukallio, nad_struga, parnaoue, remote
from .agreeing import agree_all
from .billing import bill_all
from .building import equip
from .charging import charge_all
from .estate import Site, Someone
from .household import LONG_AGO, found, settle_in, sign_in_name
from .metering import read_all
from .names import Name
from .rows import one
from .slips import hold
from .talking import talk_all

MADE = (koivukallio, parnaoue, nad_struga, beryozovaya)


class NotEmpty(ResidentError):
    """There are organisations that are not the demo's: the demo is loaded into an empty database only."""


def load(session: Session, settings: Settings, tell: Callable[[str], None] = lambda name: None) -> bool:
    """Make the demo; False when it is there already. NotEmpty. settings: where files go, and the key that encrypts secrets; tell
    gets each name."""
    there = set(session.scalars(select(Organisation.demo)))
    if False in there:
        raise NotEmpty()
    if there:
        return False
    secret = credential.hashed(PASSWORD)
    sites = []
    for made in MADE:
        sites.append(_organisation(session, made, secret, settings.data_dir))
        tell(sites[-1].estate.organisation["name"])
    _supplier(session, sites[-1], secret)
    for site in sites:
        talk_all(session, site, settings.files_dir)
        if site.estate.organisation["legal_form"] == "rental":
            agree_all(session, site, settings.files_dir)
    sign_in_name(session, "operator", [], None, secret, operator=True)
    _second_factors(session, settings.identity_key)
    learn(session)
    for site in sites:
        hold(session, site)
        _counters(session, site)
        reindex(session, site.id)
        banking.receive(session, site, bank_account.know(session, session.get_one(Organisation, site.id)))
        audit.record(session, "demo_loaded", organisation_id=site.id)
    session.flush()
    return True


def _organisation(session: Session, made, secret: str, folder: Path) -> Site:
    site = found(session, made.estate(clock.today(made.ORGANISATION["tz"])))
    settle_in(session, site, secret)
    log = read_all(session, site)
    charge_all(session, site, log)
    bill_all(session, site, log)
    equip(session, site, log, log.drums)
    remote.send(session, site, log, folder)
    return site


def _supplier(session: Session, site: Site, secret: str) -> None:
    """The water supplier: an organisation without homes that works for the company by a mandate (rules, "Managers")."""
    supplier = one(session, Organisation, demo=True, **beryozovaya.SUPPLIER)
    name = Name("Марина Викторовна", "Ключевская", "ru", True)
    login = sign_in_name(session, "ru-provider", ["ru", "en"], name, secret)
    person = one(
        session, Person, organisation_id=supplier, login_id=login, name=name.full, search_key=name.key, email=name.mail,
        phone="555-02-05", language="ru",
    )  # fmt: skip
    one(session, Post, person_id=person, organisation_id=supplier, role="provider", first=LONG_AGO)
    one(session, Mandate, principal_id=site.id, agent_id=supplier, purpose="supply", medium="cold_water", first=LONG_AGO)
    reindex(session, supplier)
    site.supplier_id, site.officers["provider"] = supplier, Someone(person, name, login, "ru-provider")


def _second_factors(session: Session, key: str) -> None:
    """An app with the published secret for everybody who holds a post, and for who runs the machine (S14)."""
    holders = select(Person.login_id).join(Post, Post.person_id == Person.id)
    for login in session.scalars(select(Login.id).where(or_(Login.operator, Login.id.in_(holders))).order_by(Login.id)):
        sealed = totp.seal(TOTP_SECRET, key, "totp", login)
        session.add(Factor(login_id=login, kind="totp", name="Demo", secret=sealed, added_at=clock.now()))


def _counters(session: Session, site: Site) -> None:
    """Numbers drawn here are taken; the portal goes on behind them."""
    rows = [
        {"organisation_id": site.id, "kind": kind, "year": year, "next": last + 1}
        for (kind, year), last in site.numbers.items()
        if kind != "payment"
    ]
    session.execute(insert(Counter), rows)
