"""Photos of the counter, kept with the reading that they show."""

from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from .. import audit, files
from ..access import Actor
from ..files import Attachment, Prepared
from .meter import Register
from .reading import Reading, Receipt


def keep(session: Session, folder: Path, receipt: Receipt, photos: dict[int, Prepared], *, by: Actor, later: bool = False) -> int:
    """Keep photos, by register of the meter, with the readings of a receipt: one a meter, the first that it was sent. How many
    were kept. later: on another day than the readings, which has an event of its own. files.FileRefused(why="quota")."""
    readings = _without_photo(session, receipt)
    kept = 0
    for register_id, photo in photos.items():
        reading_id = readings.pop(_meter_of(session, register_id), None)
        if reading_id:
            owner = {"organisation_id": receipt.organisation_id, "login_id": by.login_id, "reading_id": reading_id}
            files.keep(session, folder, photo, **owner)
            kept += 1
    if kept and later:
        audit.record(session, "photos_added", by=by, organisation_id=receipt.organisation_id, thing=receipt, facts={"photos": kept})
        session.flush()
    return kept


def _without_photo(session: Session, receipt: Receipt) -> dict[int, int]:
    """By meter: its first reading on the receipt; meters that have a photo there are left out."""
    shown = exists().where(Attachment.reading_id == Reading.id)
    rows = session.execute(
        select(Register.meter_id, Reading.id, shown)
        .join(Register, Register.id == Reading.register_id)
        .where(Reading.receipt_id == receipt.id)
        .order_by(Reading.id.desc())
    ).all()
    done = {meter_id for meter_id, _, has in rows if has}
    return {meter_id: reading_id for meter_id, reading_id, _ in rows if meter_id not in done}


def _meter_of(session: Session, register_id: int) -> int | None:
    return session.scalar(select(Register.meter_id).where(Register.id == register_id))
