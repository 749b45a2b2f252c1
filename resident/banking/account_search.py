"""Finding the billing account to which a payment belongs: by its number, a reference, a home or a name."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..homes import search
from ..identity import Viewer
from ..money.account import Account, Reference
from ..people.tenure import Holding, Party
from . import matching

MOST = 12


def find(session: Session, viewer: Viewer, organisation_id: int, text: str) -> list[int]:
    """Accounts of one creditor, at most MOST: by number first, then by home and name as far as the viewer's posts reach."""
    text = " ".join(text.split())[:100]
    if not text:
        return []
    own = Account.creditor_id == organisation_id
    named = select(Reference.account_id).where(Reference.creditor_id == organisation_id, Reference.value == matching.key(text))
    found = list(session.scalars(select(Account.id).where(own, or_(Account.number == text, Account.id.in_(named))).limit(MOST)))
    if found:
        return found
    hits = search.find(session, viewer, text)
    units = [hit.unit_id for hit in hits.homes if hit.unit_id]
    persons = [hit.id for hit in hits.persons if not hit.undisclosed]
    held = select(Holding.tenure_id).where(Holding.unit_id.in_(units))
    part = select(Party.tenure_id).where(Party.person_id.in_(persons))
    rows = select(Account.id).where(own, or_(Account.tenure_id.in_(held), Account.tenure_id.in_(part)))
    return list(session.scalars(rows.order_by(Account.id.desc()).limit(MOST)))


def own(session: Session, organisation_id: int, ids: list[int]) -> list[int]:
    """Those of these accounts that are the creditor's, in their order."""
    known = set(session.scalars(select(Account.id).where(Account.creditor_id == organisation_id, Account.id.in_(ids))))
    return [id for id in ids if id in known]
