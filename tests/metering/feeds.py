"""Feeds for tests: an organisation's remote meters, and files written in a few words."""

import gzip
import zipfile
from pathlib import Path

from sqlalchemy import select, update

from resident import clock
from resident.homes.organisation import Organisation
from resident.metering import feeding
from resident.metering.feed import Feed
from resident.metering.feed_mapping import Mapping
from resident.metering.held_sample import HeldSample
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.sample import Sample
from tests.metering.counters import meter

HEADING = ("meter", "time", "value")


class Remote:
    """Koivukallio's two homes with a cold-water meter each that is read remotely: 21-1 and 21-2. remote.read(lines) reads them."""

    def __init__(self, db, cast, folder: Path):
        self.db, self.cast, self.folder = db, cast, folder
        with db.writing() as session:
            (self.one,) = meter(session, cast, cast.unit_a1, "cold_water", "21-1", remote=True)
            (self.two,) = meter(session, cast, cast.unit_a2, "cold_water", "21-2", remote=True)
            self.tz = session.get_one(Organisation, cast.koivu).tz
        self.feed = self.add(Mapping(heading=HEADING, order="ymd", zone="utc"))
        self.back: list[tuple] = []
        self.outcome = None

    def add(self, mapping: Mapping, slug: str = "remote") -> Feed:
        with self.db.writing() as session:
            old = session.scalar(select(Feed).where(Feed.slug == slug))
            if old:
                old.mapping = mapping.stored()
                return old
            made = Feed(organisation_id=self.cast.koivu, name=slug, slug=slug, mapping=mapping.stored(), made_at=clock.now())
            session.add(made)
        return made

    def write(self, lines, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        """A heading and one line for each of the given; lines are texts, or (meter, time, value)."""
        path = self.folder / name
        texts = [line if isinstance(line, str) else ";".join(map(str, line)) for line in lines]
        path.write_bytes("\n".join([";".join(HEADING), *texts, ""]).encode(encoding))
        return path

    def read(self, lines, **given) -> feeding.Outcome:
        path = lines if isinstance(lines, Path) else self.write(lines)
        self.back = []

        def back(rows):
            self.back = [(row.line, name) for row, name, _ in rows if name]

        self.outcome = feeding.read(self.db, self.feed, path, scratch=self.folder, back=back, **given)
        return self.outcome

    def samples(self, register: int) -> list[float]:
        with self.db.reading() as session:
            values = session.scalars(select(Sample.value).where(Sample.register_id == register).order_by(Sample.at))
            return [value / 1_000_000 for value in values]

    def held(self, register: int) -> list[float]:
        with self.db.reading() as session:
            values = session.scalars(select(HeldSample.value).where(HeldSample.register_id == register).order_by(HeldSample.at))
            return [value / 1_000_000 for value in values]

    def readings(self, register: int) -> dict[str, float]:
        """{day: value} of those that count."""
        with self.db.reading() as session:
            rows = session.execute(
                select(Reading.day, Reading.value).where(Reading.register_id == register, Reading.counts).order_by(Reading.day)
            )
            return {day.isoformat(): value / 1_000_000 for day, value in rows}

    def change(self, register: int, **values) -> None:
        """Of its meter, or of the register itself."""
        own = {name: values.pop(name) for name in ("feed_key", "digits", "initial", "name") if name in values}
        with self.db.writing() as session:
            if own:
                session.execute(update(Register).where(Register.id == register).values(own))
            if values:
                of = select(Register.meter_id).where(Register.id == register).scalar_subquery()
                session.execute(update(Meter).where(Meter.id == of).values(values))


def zipped(path: Path, *names: str) -> Path:
    made = path.with_suffix(".zip")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or (path.name,):
            archive.write(path, name)
    return made


def gzipped(path: Path) -> Path:
    made = path.with_suffix(".csv.gz")
    made.write_bytes(gzip.compress(path.read_bytes()))
    return made


def hours(serial: str, day: str, values) -> list[tuple]:
    """One sample an hour of a day, from midnight on."""
    return [(serial, f"{day} {hour:02d}:00:00", value) for hour, value in enumerate(values)]
