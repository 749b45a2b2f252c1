"""The agreement of a home: whose it is, from when to when, its terms by day, and the papers (L8)."""

from flask import Blueprint, g

from resident import access
from resident.charging import sheets
from resident.moves import household
from resident.people import agreement as agreements
from resident.people.agreement import AgreementFile
from resident.people.tenure import Tenure

from . import _charge_words, _papers, _terms
from ._gate import resident
from ._locale import _
from ._web import one_or_404, page, session

bp = Blueprint("agreement", __name__, url_prefix="/agreement")


@bp.get("")
@resident("agreement")
def index():
    home = g.viewer.home
    return page(
        "agreement/index.html",
        title=_("Agreement"),
        home=home,
        tenure=session.get_one(Tenure, home.tenure_id),
        terms=_papers.terms(home.tenure_id, home.organisation.currency, home.organisation.today),
        parties=_parties(home),
        sums=sheets.of_tenure(session, home.tenure_id, home.organisation.today),
        called=_charge_words.called,
        papers=[(paper, _papers.title(paper)) for paper in agreements.papers(session, home.tenure_id)],
        words=_terms,
    )


@bp.get("/files/<int:id>")
@resident("agreement")
def file(id):
    paper = one_or_404(access.visible_agreement_files(g.viewer).where(AgreementFile.id == id))
    home = next(home for home in access.homes_with(g.viewer, "agreement") if home.tenure_id == paper.tenure_id)
    return _papers.opened(paper, g.viewer.as_resident(home))


def _parties(home: access.Home) -> list[tuple]:
    """(name, row) of those in the tenure now or to come. The name of somebody under non-disclosure is their own to tell."""
    rows = household.members(session, home.tenure_id, home.organisation.today)
    own = {home.actor_id: home.acting.name if home.acting else home.person_name, home.person_id: home.person_name}
    return [(row.name or own.get(row.person_id, _("Name not shown")), row) for row in rows]
