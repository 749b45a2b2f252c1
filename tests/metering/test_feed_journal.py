"""Files of feeds as the worker takes them: from the desk, and from the folder that is watched."""

import os
import time

import pytest
from sqlalchemy import select

from resident import clock, drop_folder, jobs, worker
from resident.metering import closing_days, feed_journal, feeding
from resident.metering.feed import FeedRun
from resident.metering.reading import Reading
from tests.metering.counters import YEAR, move_to, period
from tests.metering.feeds import Remote, hours, zipped

DAY = f"{YEAR}-02-20"


@pytest.fixture
def remote(db, cast, tmp_path, later) -> Remote:
    move_to(YEAR, 2, 27)
    return Remote(db, cast, tmp_path)


@pytest.fixture
def watched(settings, remote):
    place = feed_journal.watched(settings.data_dir, "koivu", "remote")
    place.mkdir(parents=True)
    return place


def drop(path, content: bytes, ago: int = 120):
    path.write_bytes(content)
    # Only the time of the content can be set; that of the entry is now, unless the clock of the test goes ahead.
    os.utime(path, (time.time() - ago,) * 2)
    return path


def work(db, settings):
    while worker.one(db, settings, None):
        pass


def runs(db) -> list[FeedRun]:
    with db.reading() as session:
        return list(session.scalars(select(FeedRun).order_by(FeedRun.id)))


@pytest.fixture
def patient(monkeypatch):
    """What was put into the folder a moment ago counts as whole."""
    monkeypatch.setattr(drop_folder, "STILL", 0)
    monkeypatch.setattr(drop_folder, "LEFT", 0)


def test_a_file_in_the_folder_is_read_and_moved_to_done(db, settings, remote, watched, patient):
    content = remote.write(hours("21-1", DAY, [10, 11]) + [("99-9", f"{DAY} 01:00", 1)]).read_bytes()
    drop(watched / "night.csv", content)
    assert feed_journal.look(db, settings.data_dir) == 1
    work(db, settings)
    (run,) = runs(db)
    assert (run.state, run.file_name) == ("done", "night.csv")
    assert (run.counts["booked"], run.counts["failed"], run.counts["readings"]) == (2, 1, 1)
    assert [path.name for path in watched.rglob("*.csv")] == ["night.csv"] and (watched / "done/night.csv").is_file()
    rows = list(feed_journal.failed_rows(settings.data_dir, run))
    assert [(row.raw, name) for row, name, _ in rows] == [("meter;time;value", ""), (f"99-9;{DAY} 01:00;1", "UnknownMeter")]


def test_the_same_name_again_does_not_take_the_place_of_the_first(db, settings, remote, watched, patient):
    for value in (10, 11):
        drop(watched / "night.csv", remote.write([("21-1", f"{DAY} 0{value - 10}:00", value)]).read_bytes())
        feed_journal.look(db, settings.data_dir)
        work(db, settings)
    assert len(list((watched / "done").iterdir())) == 2
    assert remote.samples(remote.one) == [10, 11]


def test_a_file_that_is_still_being_written_waits(db, settings, remote, watched):
    drop(watched / "night.csv", b"meter;time;value\n", ago=0)
    drop(watched / "night2.csv.part", b"meter;time;value\n")
    drop(watched / ".night3.csv", b"meter;time;value\n")
    (watched / "link.csv").symlink_to("/etc/passwd")
    assert feed_journal.look(db, settings.data_dir) == 0


def test_a_file_that_cannot_be_read_goes_to_failed_with_its_reason(db, settings, remote, watched, patient):
    drop(watched / "night.csv", b"a;b;c\n1;2;3\n")
    feed_journal.look(db, settings.data_dir)
    work(db, settings)
    (run,) = runs(db)
    assert (run.state, run.why["why"]) == ("refused", "columns")
    assert (watched / "failed/night.csv").is_file()


def test_a_file_that_was_moved_and_not_entered_is_found_again(db, settings, remote, watched, patient):
    content = remote.write([("21-1", f"{DAY} 01:00", 10)]).read_bytes()
    (feed_journal.folder(settings.data_dir) / f"found-{remote.feed.id}-abc").write_bytes(content)
    assert feed_journal.look(db, settings.data_dir) == 1
    assert feed_journal.look(db, settings.data_dir) == 0
    work(db, settings)
    assert remote.samples(remote.one) == [10]


def sent(db, settings, remote, path):
    stored = feed_journal.new_file(settings.data_dir)
    stored.write_bytes(path.read_bytes())
    with db.writing() as session:
        return feed_journal.begin(session, remote.feed, stored, path.name, drop_folder.digest(stored))


def test_a_worker_that_dies_half_way_leaves_counts_that_add_up(db, settings, remote, monkeypatch):
    """The next try knows what the first one booked."""
    lines = [row for day in range(10, 20) for row in hours("21-1", f"{YEAR}-02-{day}", [day] * 24)]
    run = sent(db, settings, remote, zipped(remote.write(lines)))
    written, taken = feeding.FileReading._write, feed_journal.Task.along

    def in_pieces(self, batch):
        self.size = 100
        written(self, batch)

    monkeypatch.setattr(feeding.FileReading, "_write", in_pieces)

    class Killed(BaseException):
        pass

    def die(self, session, outcome):
        taken(self, session, outcome)
        if outcome.booked == 200:
            session.commit()
            raise Killed

    monkeypatch.setattr(feed_journal.Task, "along", die)
    with pytest.raises(Killed):
        work(db, settings)
    assert runs(db)[0].state == "running" and len(remote.samples(remote.one)) == 200
    monkeypatch.setattr(feed_journal.Task, "along", taken)
    with db.writing() as session:
        session.get(jobs.Job, session.scalar(select(jobs.Job.id).where(jobs.Job.kind == "feed"))).claimed_until = None
    work(db, settings)
    (run,) = runs(db)
    assert (run.state, run.counts["booked"], run.counts["known"], run.counts["readings"]) == ("done", 240, 0, 11)
    assert len(remote.samples(remote.one)) == 240
    assert not list(feed_journal.folder(settings.data_dir).iterdir())


def test_a_file_that_kills_its_worker_again_and_again_is_given_up(db, settings, remote):
    run = sent(db, settings, remote, remote.write([("21-1", f"{DAY} 01:00", 10)]))
    with db.writing() as session:
        session.scalar(select(jobs.Job).where(jobs.Job.kind == "feed")).tries = feed_journal.TRIES
    work(db, settings)
    assert runs(db)[0].state == "stopped"
    assert not (feed_journal.folder(settings.data_dir) / run.stored).exists()


def test_rows_that_came_back_are_kept_for_a_while_only(db, settings, remote, later):
    sent(db, settings, remote, remote.write([("21-1", f"{DAY} 01:00", 10), ("99-9", f"{DAY} 01:00", 1)]))
    work(db, settings)
    for path in feed_journal.folder(settings.data_dir).iterdir():
        os.utime(path, (clock.now().timestamp(),) * 2)
    feed_journal.sweep(db, settings.data_dir)
    assert feed_journal.failed_rows(settings.data_dir, runs(db)[0]) is not None
    move_to(YEAR, 6, 1)
    feed_journal.sweep(db, settings.data_dir)
    assert feed_journal.failed_rows(settings.data_dir, runs(db)[0]) is None


def test_a_day_that_ends_without_another_file_has_its_reading(db, remote):
    remote.read([("21-1", f"{YEAR}-02-27 08:00", 10)])
    assert closing_days.close(db) == 0
    move_to(YEAR, 2, 28)
    assert closing_days.close(db) == 1
    assert remote.readings(remote.one) == {f"{YEAR}-02-27": 10}
    assert closing_days.close(db) == 0


def test_a_period_planned_later_gets_the_reading_of_its_last_day(db, cast, remote):
    remote.read([("21-1", f"{YEAR}-01-31 08:00", 10)])
    with db.writing() as session:
        of = period(session, cast.building, f"{YEAR}-02", "open")
    assert closing_days.close(db) == 1
    with db.reading() as session:
        assert session.execute(select(Reading.period_id, Reading.counts).order_by(Reading.id)).all() == [(None, False), (of, True)]
    assert closing_days.close(db) == 0
