"""What is charged, at the desk: charge types, their dated prices and VAT."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident.charging import charges, coverage
from resident.charging.charge import MEMBERSHIPS, Tariff, VatRate
from resident.errors import ResidentError, Stale
from resident.homes.setting import digest

from .. import _billing_words as words
from .. import _charge_words, _days, _setting_words, _terms, _typed
from .._gate import staff
from .._locale import _
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _charge_form, _charged

bp = Blueprint("desk_charges", __name__, url_prefix="/desk/charges")
FORM, PAGE = "desk/charges/form.html", "desk/charges/charge.html"


@bp.get("")
@staff("money")
def index():
    facts = _charged.organisation()
    rows = [(one, _charge_words.how(one)) for one in _charged.charges(facts["organisation"].id)]
    over = [(one, how) for one, how in rows if one.last and one.last < facts["today"]]
    live = [row for row in rows if row not in over]
    taken = coverage.coverage(session, facts["organisation"].id, facts["today"])
    shown = {"live": live, "over": over, "taken": taken, "medium": _terms.medium_name, "register": _charge_words.register}
    return page("desk/charges/index.html", title=_("What is charged"), **facts, **shown)


@bp.get("/new")
@staff("billing")
def new():
    facts = _charged.organisation()
    require(facts["may"])
    return page(FORM, **_form(facts, _("New charge"), typed=_charge_form.fresh(facts["today"])))


@bp.post("")
@staff("billing")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _charged.organisation()
    require(facts["may"])
    given = _typed_of(facts)
    if given.errors:
        return _refused(facts, _("New charge"), given.errors)
    try:
        made = charges.add(session, facts["organisation"].id, by=facts["by"], **given.values)
    except ResidentError as error:
        return _refused(facts, _("New charge"), _at(error))
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("Charge saved."))


@bp.get("/<int:id>")
@staff("money")
def show(id):
    return page(PAGE, **_shown(_charged.charge(id)))


@bp.get("/<int:id>/details")
@staff("billing")
def edit(id):
    facts = _charged.changing(id)
    typed = _charge_form.shown(facts["charge"], facts["languages_here"])
    return page(FORM, **_form(facts, _("Change a charge"), typed=typed))


@bp.post("/<int:id>/details")
@staff("billing")
def change(id):
    facts, title = _charged.changing(id), _("Change a charge")
    given = _typed_of(facts)
    if given.errors:
        return _refused(facts, title, given.errors)
    try:
        if request.form.get("seen") != _mark(facts["charge"]):
            raise Stale()
        charges.change(session, facts["charge"], by=facts["by"], **given.values)
    except Stale:
        told = _("Somebody changed this charge while you were writing. Look at it again, then save anew.")
        return _refused(facts, title, {"code": told}, 409)
    except ResidentError as error:
        return _refused(facts, title, _at(error))
    return done(None, to=url_for(".show", id=id), say=_("Charge saved."))


# ---- Prices and VAT --------------------------------------------------------------------------------------------------


@bp.post("/<int:id>/prices")
@staff("billing")
def put_price(id):
    facts = _charged.charge(id)
    errors: dict[str, str] = {}
    building_id = _typed.whole(request.form, "building")
    if building_id is not None and building_id not in facts["buildings"]:
        abort(404)
    by = _actor(facts, building_id)
    first = _days.among(errors, "price-first", missing=_("Choose the day from which the price holds."))
    value = _typed.number(errors, "price", whole=7, missing=_("The price is missing. Write it in figures, for example 4.25."))
    membership = request.form.get("membership", "all")
    if membership not in MEMBERSHIPS:
        abort(400)
    if not errors:
        how = {"building_id": building_id, "membership": membership}
        errors = words.tried("price-first", lambda: charges.put_price(session, facts["charge"], value, first, by=by, **how))
    return _answer(id, errors, _("Price saved."))


@bp.post("/prices/<int:tariff_id>/removal")
@staff("billing")
def remove_price(tariff_id):
    tariff = one_or_404(select(Tariff).where(Tariff.id == tariff_id))
    facts = _charged.charge(tariff.charge_type_id)
    if tariff.building_id is not None and tariff.building_id not in facts["buildings"]:
        abort(404)
    by = _actor(facts, tariff.building_id)
    errors = words.tried("price-first", lambda: charges.remove_price(session, facts["charge"], tariff, by=by))
    return _answer(tariff.charge_type_id, errors, _("Price removed."))


@bp.post("/<int:id>/vat")
@staff("billing")
def put_vat(id):
    facts = _charged.changing(id)
    errors: dict[str, str] = {}
    first = _days.among(errors, "vat-first", missing=_("Choose the day from which the rate holds."))
    rate = None if request.form.get("none") else _rate(errors)
    if not errors:
        net = request.form.get("net") == "1"
        errors = words.tried("vat-first", lambda: charges.put_vat(session, facts["charge"], rate, net, first, by=facts["by"]))
    return _answer(id, errors, _("VAT saved."))


def _actor(facts: dict, building_id: int | None):
    """Who changes a price: a building's own may be changed by a post of that building, the organisation's by no such post."""
    if building_id is None:
        require(facts["may"])
        return facts["by"]
    duty = g.viewer.duty("billing", facts["organisation"].id, building_id)
    require(duty is not None)
    return g.viewer.as_staff(duty)


def _rate(errors: dict) -> int | None:
    """Per cent as hundredths of it."""
    missing = _("The rate is missing. Write it in per cent, or choose that there is none.")
    found = _typed.number(errors, "rate", whole=7, missing=missing)
    if found is not None and (found > 100_000_000 or found % 10_000):
        errors["rate"] = _("A rate is at most one hundred per cent, with at most two decimals.")
    return None if found is None else found // 10_000


def _answer(id: int, errors: dict, say: str):
    if not errors:
        return done(None, to=url_for(".show", id=id), say=say)
    close()
    return refused(PAGE, **_shown(_charged.charge(id)) | {"errors": errors, "typed": request.form.to_dict()})


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _shown(facts: dict) -> dict:
    charge = facts["charge"]
    prices = select(Tariff).where(Tariff.charge_type_id == charge.id).order_by(Tariff.first.desc(), Tariff.id.desc())
    rates = select(VatRate).where(VatRate.charge_type_id == charge.id).order_by(VatRate.first.desc())
    here = [row for row in session.scalars(prices) if row.building_id in (None, *facts["buildings"])]
    return facts | {
        "title": _charge_words.called(charge),
        "prices": here,
        "rates": list(session.scalars(rates)),
        "memberships": _charge_words.memberships(),
        "kinds": [word for kind, word in _terms.kinds().items() if kind in charge.unit_kinds.split()],
        "used": charges.used(session, charge),
        "words": _charge_words,
        "media": [_terms.medium_name(code) for code in (charge.media or "").split()],
        "registers": [_charge_words.register(name) for name in charge.registers or ()] if charge.metered else [],
    }


def _mark(charge) -> str:
    return digest([getattr(charge, name) for name in charges.FIELDS])


def _others(facts: dict) -> list:
    """Charge types that an advance may be settled against."""
    own = facts["charge"].id if "charge" in facts else None
    return [one for one in _charged.charges(facts["organisation"].id) if one.billed == "settlement" and one.id != own]


def _typed_of(facts: dict) -> _charge_form.Typed:
    media = _setting_words.measured(facts["organisation"].id)
    return _charge_form.Typed(facts["languages_here"], media, _registers(facts), {one.id for one in _others(facts)})


def _registers(facts: dict) -> list[str]:
    """Names of registers that a charge may choose: those that there are, and those that it has chosen."""
    chosen = facts["charge"].registers or [] if "charge" in facts else []
    return sorted({*coverage.names(session, facts["organisation"].id), *chosen})


def _form(facts: dict, title: str, **more) -> dict:
    charge = facts.get("charge")
    return facts | {
        "title": title,
        "charge": charge,
        "seen": _mark(charge) if charge else "",
        "used": charges.used(session, charge) if charge else False,
        "media": _setting_words.measured(facts["organisation"].id),
        "registers": _registers(facts),
        "kinds": _terms.kinds(),
        "settled": _others(facts),
        "words": _charge_words,
        **more,
    }


def _at(error: ResidentError) -> dict[str, str]:
    """{field: sentence} of a refusal."""
    field = error.facts.get("field") or (error.facts.get("fields") or ["code"])[0]
    return {"name-0" if field == "name" else field: words.told(error)}


def _refused(facts: dict, title: str, errors: dict, status: int = 422):
    close()
    charge = facts.get("charge")
    fresh = _charged.charge(charge.id) if charge else _charged.organisation()
    first = f"name-{fresh['languages_here'][0]}"
    errors = {first if field == "name-0" else field: sentence for field, sentence in errors.items()}
    return refused(FORM, status=status, **_form(fresh, title, typed=_charge_form.kept(), errors=errors))
