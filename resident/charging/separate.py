"""An invoice of one charge on its own (rule 27): a key, a damage, a service that somebody ordered."""

from datetime import date

from sqlalchemy.orm import Session

from ..db import SCALE
from ..errors import ResidentError
from ..money.account import Account
from ..money.invoice import Invoice
from ..people.tenure import Tenure
from . import accounts, scene
from .addressing import addressees
from .charge import ChargeType, called
from .dividing import price
from .issuing import issue, main_unit
from .line import Drafted, Line
from .scene import charge_terms
from .vat import Priced, taxed


class NoPrice(ResidentError):
    """The charge type has no price on the day, and none was given: code."""


class NothingHeld(ResidentError):
    """The tenure holds no unit, so nothing says where its invoice goes."""


def invoice(
    session: Session, tenure: Tenure, charge: ChargeType, *, by, quantity: int = SCALE, unit_price: int | None = None,
    text: str = "", issued: date | None = None, due: date | None = None,
) -> Invoice:  # fmt: skip
    """quantity of the charge at its price of the day, or at one given (both in millionths); text beside its name.

    NoPrice, NothingHeld, invoicing.DueBeforeIssue.
    """
    unit = main_unit(session, tenure.id)
    if unit is None:
        raise NothingHeld()
    creditor = scene.creditor_of(session, tenure.organisation_id)
    issued = issued or creditor.today
    terms = charge_terms(session, charge, unit.building_id, tenure)
    term = terms.on(tenure.id, issued.toordinal())
    if unit_price is None:
        unit_price = term.price if term else None
    if unit_price is None:
        raise NoPrice(code=charge.code)
    line = Line(
        charge.id, unit.id, "fixed", issued, issued, None, price(unit_price, quantity), quantity=quantity,
        measure=charge.measure, unit_price=unit_price,
    )  # fmt: skip
    vat = terms.vat.on(issued.toordinal())
    if vat is not None:
        line.vat_rate, line.vat_net = vat
        (done,) = taxed([Priced(line.amount, *vat)])
        line.amount, line.vat_amount = done.amount, done.vat
    found = accounts.accounts(session, creditor, unit.building_id, [(tenure.id, charge.account_kind)], issued)
    account = session.get_one(Account, found[tenure.id, charge.account_kind])
    drafted = Drafted(tenure.id, charge.account_kind, unit.id, [line])
    language = addressees(session, creditor, {(tenure.id, unit.id)}, issued)[tenure.id, unit.id].language
    name = called(charge.name, charge.code, language, creditor.languages.split())
    told = f"{name}: {text.strip()}" if text.strip() else name
    return issue(session, account, "separate", drafted, [told], by=by, issued=issued, due=due)
