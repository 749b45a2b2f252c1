"""Agreements at the desk: the terms of a tenure by day, and its papers."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.people import agreement as agreements
from resident.people.agreement import AgreementFile, AgreementTerm
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure

from .. import _papers, _terms
from .._days import Days
from .._gate import staff
from .._locale import _, ngettext
from .._security import takes_files
from .._typed import minor, plain, whole
from .._uploads import uploads
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session, settings

bp = Blueprint("desk_agreements", __name__, url_prefix="/desk/agreements")
PAGE = "desk/agreements/agreement.html"
FIELDS = ("first", "rent", "deposit", "notice_months", "text", "title", "kind")


@bp.get("/<int:id>")
@staff("register")
def show(id):
    return page(PAGE, **_facts(_tenure(id)), typed=dict.fromkeys(FIELDS, ""))


@bp.post("/<int:id>/terms")
@staff("register")
def add_term(id):
    tenure = _tenure(id)
    given, errors = _typed_terms()
    if errors:
        return _not_saved(id, errors)
    if again := first_sending(g.viewer.login_id):
        return again
    try:
        agreements.add_term(session, tenure, by=_by(tenure), **given)
    except agreements.BadTerm as error:
        return _not_saved(id, {error.field: _told(error)})
    return _saved(id, _("The terms are saved."))


@bp.post("/<int:id>/terms/<int:term>/removal")
@staff("register")
def remove_term(id, term):
    tenure = _tenure(id)
    row = one_or_404(select(AgreementTerm).where(AgreementTerm.id == term, AgreementTerm.tenure_id == id))
    agreements.remove_term(session, tenure, row, by=_by(tenure))
    return done(None, to=url_for(".show", id=id), say=_("The terms are removed."))


@bp.post("/<int:id>/files")
@staff("register")
@takes_files
def add_file(id):
    prepared, errors = uploads("file")
    kind = "attachment" if request.form.get("kind") == "attachment" else "agreement"
    if not prepared and not errors:
        errors = {"file": _("Choose the file first.")}
    if len(prepared) > 1:
        errors = {"file": _("Choose one file at a time.")}
    tenure = _tenure(id)
    if errors:
        return _not_saved(id, errors)
    if again := first_sending(g.viewer.login_id):
        return again
    folder = settings().files_dir
    try:
        agreements.keep(session, folder, tenure, prepared[0], kind, plain(request.form.get("title", "")), by=_by(tenure))
    except agreements.BadTitle as error:
        return _not_saved(id, {"title": _bad_title(error)})
    return _saved(id, _("The paper is kept. The residents with the right to the agreement see it."))


@bp.get("/files/<int:id>")
@staff("register")
def file(id):
    paper = _paper(id)
    return _papers.opened(paper, _by(_tenure(paper.tenure_id)))


@bp.post("/files/<int:id>/removal")
@staff("register")
def remove_file(id):
    paper = _paper(id)
    tenure = _tenure(paper.tenure_id)
    agreements.remove(session, tenure, paper, by=_by(tenure))
    return done(None, to=url_for(".show", id=tenure.id), say=_("The paper is removed."))


# ---- What the routes stand on --------------------------------------------------------------------------------------


def _tenure(id: int) -> Tenure:
    """403 where somebody in it is under non-disclosure and the viewer's posts do not see such a person: papers carry names."""
    tenure = one_or_404(access.visible_tenures(g.viewer).where(Tenure.id == id))
    hidden = select(Party.id).join(Person, Person.id == Party.person_id).where(Party.tenure_id == id, Person.non_disclosure)
    undisclosed = session.scalar(hidden.limit(1)) is not None
    require(access.may_see_contacts(g.viewer, tenure.organisation_id, undisclosed=undisclosed))
    return tenure


def _paper(id: int) -> AgreementFile:
    return one_or_404(access.visible_agreement_files(g.viewer, at_desk=True).where(AgreementFile.id == id))


def _by(tenure: Tenure) -> access.Actor:
    return g.viewer.as_staff(g.viewer.duty("register", tenure.organisation_id) or abort(404))


def _facts(tenure: Tenure) -> dict:
    organisation = session.get_one(Organisation, tenure.organisation_id)
    unit, address = session.execute(
        select(Unit, Building.address)
        .join(Building, Building.id == Unit.building_id)
        .join(Holding, Holding.unit_id == Unit.id)
        .where(Holding.tenure_id == tenure.id)
        .order_by(Unit.kind != "home", Unit.sort_key)
        .limit(1)
    ).one()
    return {
        "title": _("Agreement"),
        "tenure": tenure,
        "organisation": organisation,
        "unit": unit,
        "label": access.home_label(organisation.country, address, unit.number),
        "terms": _papers.terms(tenure.id, organisation.currency, _terms.today_of(organisation.id)),
        "papers": [(paper, _papers.title(paper)) for paper in agreements.papers(session, tenure.id)],
        "words": _terms,
    }


def _saved(id: int, say: str):
    to = url_for(".show", id=id)
    remember(to)
    return done(None, to=to, say=say)


def _not_saved(id: int, errors: dict):
    close()
    typed = {name: request.form.get(name, "") for name in FIELDS}
    return refused(PAGE, **_facts(_tenure(id)), typed=typed, errors=errors)


def _typed_terms() -> tuple[dict, dict]:
    """(terms, {field: sentence})."""
    form, days = request.form, Days()
    given = {"text": plain(form.get("text", "")), "notice_months": whole(form, "notice_months")}
    given["first"] = days.wanted("first", _("The first day is missing. Choose the day from which these terms hold."))
    errors = days.errors
    for name in ("rent", "deposit"):
        try:
            given[name] = minor(form, name)
        except ValueError:
            errors[name] = _("Write the amount in figures, for example 612.50.")
    if form.get("notice_months", "").strip() and given["notice_months"] is None:
        errors["notice_months"] = _("Write the number of months in figures.")
    return given, errors


def _told(error: agreements.BadTerm) -> str:
    return {
        "there": _("Terms of that day stand here already. Remove them first, or choose another day."),
        "outside": _("The agreement does not hold on that day. Choose a day between its first and last one."),
        "range": _("This number is too large. Check it."),
        "long": ngettext(
            "This can have at most %(n)d character. Shorten it.",
            "This can have at most %(n)d characters. Shorten it.",
            agreements.LONGEST_TEXT,
        ),
        "empty": _("Nothing is filled in. Write at least one of the terms."),
    }[error.why]


def _bad_title(error: agreements.BadTitle) -> str:
    if error.why == "empty":
        return _("Write what the paper is.")
    return ngettext(
        "This can have at most %(n)d character. Shorten it.",
        "This can have at most %(n)d characters. Shorten it.",
        agreements.LONGEST_TITLE,
    )
