"""The agreements of a rental company: terms that change each January with the rent, and for whoever signs in the papers."""

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from .. import files
from ..people import agreement
from ..people.agreement import AgreementTerm
from ..people.tenure import Tenure
from . import paper
from .estate import Dwelling, Hold, Site
from .koivukallio import raised
from .rows import put

NOTICE_MONTHS, DEPOSIT_RENTS = 1, 2
NO_SMOKING = "Asunnossa ja parvekkeella ei tupakoida."
LETTER = (
    "{company} vuokraa huoneiston {home} vuokralaiselle {name}. Vuokrasuhde alkaa {first} ja on voimassa toistaiseksi. "
    "Vuokra maksetaan kuukauden toiseen päivään mennessä. Vuokralaisen irtisanomisaika on yksi kuukausi. "
    "Vesi laskutetaan kulutuksen mukaan. " + NO_SMOKING
)
RULES = (
    "Hiljaisuus on kello 22–7. Matot tomutetaan pihalla arkisin. Pyörät ja vaunut pidetään varastossa, ei porraskäytävässä. "
    "Viasta ilmoitetaan heti. Avainta ei anneta eteenpäin."
)


def agree_all(session: Session, site: Site, folder: Path) -> None:
    """Terms for every home that is held today; papers for the first resident who signs in."""
    held = [(dwelling, dwelling.hold(site.today)) for dwelling in site.dwellings]
    put(session, AgreementTerm, [row for dwelling, hold in held if hold for row in _terms(site, dwelling, hold)])
    first = site.estate.residents[0].login
    _papers(session, site, folder, site.home(first), site.person(first).name.full)


def _terms(site: Site, dwelling: Dwelling, hold: Hold) -> list[dict]:
    days = [hold.first, *(date(year, 1, 1) for year in range(hold.first.year + 1, site.today.year + 1))]
    start = raised(dwelling.rent, hold.first.year)
    return [
        {
            "tenure_id": hold.id, "first": day, "rent": raised(dwelling.rent, day.year), "deposit": DEPOSIT_RENTS * start,
            "notice_months": NOTICE_MONTHS, "text": NO_SMOKING,
        }
        for day in days
    ]  # fmt: skip


def _papers(session: Session, site: Site, folder: Path, dwelling: Dwelling, name: str) -> None:
    hold, company = dwelling.hold(site.today), site.estate.organisation["name"]
    tenure = session.get_one(Tenure, hold.id)
    first = f"{hold.first.day}.{hold.first.month}.{hold.first.year}"
    told = LETTER.format(company=company, home=dwelling.label, name=name, first=first)
    for kind, title, text in (("agreement", "Vuokrasopimus", told), ("attachment", "Järjestyssäännöt", RULES)):
        prepared = files.prepare(f"{title}.pdf", paper.drawn(title, text, company), kinds=("pdf",))
        agreement.keep(session, folder, tenure, prepared, kind, title, by=None)
