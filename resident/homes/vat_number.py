"""VAT numbers of sellers and buyers (rule 30), checked as their countries published it: of the European Union with the country's
letters before them, of Russia the taxpayer's number (ИНН)."""

import re

from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError, Stale
from .organisation import Organisation


class BadVatNumber(ResidentError):
    """No VAT number: its length or its check digit does not hold, or its letters are no country's: text."""


def checked(text: str, country: str) -> str | None:
    """As it is stored; None for nothing. One without letters is of the country. BadVatNumber."""
    from stdnum.eu import vat
    from stdnum.ru import inn

    number = re.sub(r"[\s.\-/]", "", text).upper()
    if not number:
        return None
    if country == "RU" and number.isdecimal():
        if not inn.is_valid(number):
            raise BadVatNumber(text=text)
        return number
    number = number if number[:2].isalpha() else country + number
    if not vat.is_valid(number):
        raise BadVatNumber(text=text)
    return vat.compact(number)


def change(session: Session, organisation: Organisation, text: str, seen: str | None, *, by) -> None:
    """The seller's number on invoices from now on. BadVatNumber; Stale when it is no longer the one seen (S47)."""
    if put(session, organisation, checked(text, organisation.country), seen):
        facts = {"fields": ["vat_number"]}
        audit.record(session, "setting_changed", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)


def put(session: Session, holder, number: str | None, seen: str | None) -> bool:
    """Of a seller or a buyer; was it another before? Stale when it is no longer the one seen."""
    session.refresh(holder, with_for_update=True)
    if holder.vat_number != seen:
        raise Stale()
    holder.vat_number = number
    session.flush()
    return number != seen
