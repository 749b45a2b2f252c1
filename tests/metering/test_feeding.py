"""Files of remote reading, from the file to samples and readings (rule 17)."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from resident.audit import AuditEvent
from resident.metering import feeding
from resident.metering.feed_file import FileRefused, Limits
from resident.metering.feed_mapping import Mapping
from resident.metering.reading import Reading
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, meter, move_to, period, reading
from tests.metering.feeds import HEADING, Remote, gzipped, hours, zipped

D1, D2, D3 = (f"{YEAR}-02-{day:02d}" for day in (20, 21, 22))


@pytest.fixture
def remote(db, cast, tmp_path, later) -> Remote:
    """Today is 27 February."""
    move_to(YEAR, 2, 27)
    return Remote(db, cast, tmp_path)


def test_what_is_good_is_booked_and_the_days_last_becomes_the_reading(remote):
    outcome = remote.read(hours("21-1", D1, [10, 10.5, 11]) + hours("21-1", D2, [11, 12]) + hours("21-2", D1, [7]))
    assert (outcome.rows, outcome.booked, outcome.registers, outcome.failed) == (6, 6, 2, 0)
    assert remote.samples(remote.one) == [10, 10.5, 11, 11, 12]
    assert remote.readings(remote.one) == {D1: 11, D2: 12}
    assert remote.readings(remote.two) == {D1: 7}


def test_a_reading_of_a_feed_says_so(remote, db):
    remote.read(hours("21-1", D1, [10]))
    with db.reading() as session:
        made = session.scalar(select(Reading))
    assert (made.source, made.via, made.state, made.counts, made.person_id) == ("remote", "feed", "accepted", True, None)


def test_the_same_file_twice_changes_nothing(remote, db):
    lines = hours("21-1", D1, [10, 10.5, 11]) + [("21-1", f"{D1} 05:00", 3)]
    first, again = remote.read(lines), remote.read(lines)
    assert (first.booked, first.known, first.failed, first.readings) == (3, 0, 1, 1)
    assert (again.booked, again.known, again.failed, again.readings) == (0, 3, 1, 0)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reading)) == 1
        # One event for each run, whatever it booked.
        assert session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.act == "feed_read")) == 2


def test_a_later_sample_of_the_day_supersedes(remote, db):
    remote.read(hours("21-1", D1, [10, 11]))
    remote.read([("21-1", f"{D1} 20:00", 12)])
    assert remote.readings(remote.one) == {D1: 12}
    with db.reading() as session:
        old, new = session.scalars(select(Reading).order_by(Reading.id)).all()
    assert (old.counts, old.value, new.supersedes_id) == (False, 11_000_000, old.id)


def test_days_are_the_organisations(remote):
    """Half past ten in the evening by UTC is the next day in Helsinki."""
    remote.read([("21-1", f"{D1} 21:30", 10), ("21-1", f"{D1} 22:30", 11), ("21-1", f"{D2} 12:00", 12)])
    assert remote.readings(remote.one) == {D1: 10, D2: 12}


def test_a_day_that_is_not_over_has_no_reading_yet(remote):
    remote.read([("21-1", f"{YEAR}-02-26 09:00", 10), ("21-1", f"{YEAR}-02-27 09:00", 11)])
    assert remote.readings(remote.one) == {f"{YEAR}-02-26": 10}
    move_to(YEAR, 2, 28)
    remote.read([("21-1", f"{YEAR}-02-27 09:00", 11)])
    assert remote.readings(remote.one) == {f"{YEAR}-02-26": 10, f"{YEAR}-02-27": 11}


def test_the_last_day_of_use_is_the_periods_reading(remote, db, cast):
    with db.writing() as session:
        of = period(session, cast.building, f"{YEAR}-02", "open")
    january = f"{YEAR}-01-31"
    remote.read([("21-1", f"{january} 09:00", 10), ("21-1", f"{D1} 09:00", 11)])
    with db.reading() as session:
        assert session.execute(select(Reading.day, Reading.period_id).order_by(Reading.day)).all() == [
            (date(YEAR, 1, 31), of),
            (date(YEAR, 2, 20), None),
        ]


def test_what_a_period_was_allocated_with_stays(remote, db, cast):
    with db.writing() as session:
        of = period(session, cast.building, f"{YEAR}-02", "open")
    january = f"{YEAR}-01-31"
    remote.read([("21-1", f"{january} 09:00", 10)])
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == of).values(state="allocated"))
    outcome = remote.read([("21-1", f"{january} 15:00", 12)])
    assert outcome.booked == 1 and outcome.readings == 0
    assert remote.readings(remote.one) == {january: 10}


def test_what_staff_entered_stays_and_an_estimate_does_not(remote, db):
    with db.writing() as session:
        reading(session, remote.one, date(YEAR, 2, 20), "11.500", source="office")
        reading(session, remote.two, date(YEAR, 2, 20), "9.000", source="estimate")
    remote.read(hours("21-1", D1, [10, 11]) + hours("21-2", D1, [7, 8]))
    assert remote.readings(remote.one) == {D1: 11.5}
    assert remote.readings(remote.two) == {D1: 8}


def test_rows_with_several_values_are_read_value_by_value(remote):
    """A column for each meter; what stands there beside meters was left out, and an empty cell is no value."""
    remote.feed = remote.add(
        Mapping(heading=("at", "21-1 [m3]", "21-2", "°C"), time=0, value=1, across="meter", order="ymd", registers={"°C": "-"})
    )
    path = remote.folder / "wide.csv"
    path.write_text(f"At;21-1 [m3];21-2;°C;21-9\n{D1} 06:00;10;7;21;1\n{D2} 06:00;11;;20;\n{D3} 06:00;x;8;;\n")
    outcome = remote.read(path)
    assert (outcome.rows, outcome.booked, outcome.left_out) == (3, 4, 2)
    assert remote.back == [(2, "UnknownMeter"), (4, "NotAValue")]
    assert remote.readings(remote.one) == {D1: 10, D2: 11}
    assert remote.samples(remote.two) == [7, 8]


def test_registers_side_by_side(remote, db, cast):
    with db.writing() as session:
        day, night = meter(session, cast, cast.unit_b3, "electricity", "0026-5", names=("day", "night"), remote=True)
    words = {"T1": "day", "T2": "night"}
    remote.feed = remote.add(
        Mapping(heading=("No", "Day", "T1", "T2"), value=2, across="register", registers=words, order="ymd", unit="kWh")
    )
    path = remote.folder / "registers.csv"
    path.write_text(f"No;Day;T1;T2\n265;{D1};100;50\n265;{D2};110;55\n")
    assert remote.read(path).booked == 4
    assert (remote.readings(day)[D2], remote.readings(night)[D2]) == (110, 55)


def test_a_counter_below_what_somebody_read_before_went_backwards(remote, db):
    """A new counter with a transmitter whose change nobody entered, or a file of use instead of counters (rule 5)."""
    with db.writing() as session:
        reading(session, remote.one, date(YEAR, 1, 31), "810.413", source="resident")
        reading(session, remote.two, date(YEAR, 1, 30), "7.000", source="resident")
        reading(session, remote.two, date(YEAR, 1, 31), "9.000", source="estimate")
    outcome = remote.read(hours("21-1", D1, [12.5, 12.6, 12.9]) + hours("21-2", D1, [8]))
    assert (outcome.booked, outcome.reasons, outcome.changed) == (1, {"Backwards": 3}, [remote.one])
    assert remote.readings(remote.one) == {f"{YEAR}-01-31": 810.413}
    remote.read(hours("21-1", D2, [810.413, 811]))
    assert remote.samples(remote.one) == [810.413, 811]
    assert remote.samples(remote.two) == [8]


def test_rows_that_are_not_good_come_back_with_reasons_and_the_rest_is_booked(remote, cast, db):
    with db.writing() as session:
        meter(session, cast, cast.unit_b3, "cold_water", "21-3")
        meter(session, cast, cast.unit_b3, "electricity", "E-1", remote=True)
    outcome = remote.read(
        [
            ("21-1", f"{D1} 01:00", "10"),
            ("99-9", f"{D1} 01:00", "10"),
            ("", f"{D1} 01:00", "10"),
            ("21-3", f"{D1} 01:00", "10"),
            ("E-1", f"{D1} 01:00", "10"),
            ("21-1", f"{D1} 99:00", "10"),
            ("21-1", f"{D1}T01:00:00+03:00", "10"),
            ("21-1", f"{YEAR + 1}-01-01 00:00", "10"),
            ("21-1", "2014-12-31 00:00", "10"),
            ("21-1", f"{D1} 02:00", "4e+05"),
            ("21-1", f"{D1} 02:00", "100000"),
            ("21-1", f"{D1} 02:00", "ten"),
            "21-1",
            ("21-1", f"{D1} 01:00", "10.5"),
            ("21-1", f"{D1} 01:00", "10"),
            ("21-1", f"{D1} 03:00", "9"),
            ("21-1", f"{D1} 04:00", "11"),
        ]
    )
    assert dict(remote.back) == {
        3: "UnknownMeter", 4: "NoMeter", 5: "ReadByHand", 6: "OtherUnit", 7: "NotATime", 8: "OtherZone", 9: "Future",
        10: "BeforeInstalled", 11: "Rounded", 12: "TooManyDigits", 13: "NotAValue", 14: "TooFewCells", 15: "OtherValue",
        17: "Backwards",
    }  # fmt: skip
    assert (outcome.booked, outcome.known, outcome.failed) == (2, 1, 14)
    assert remote.samples(remote.one) == [10, 11]


def test_gaps_are_told_and_nothing_comes_back_for_them(remote):
    outcome = remote.read([("21-1", f"{D1} {hour:02d}:00", 10) for hour in (0, 1, 4, 8)])
    assert (outcome.gaps, outcome.failed) == (1, 0)
    # The pause between two files is one too.
    assert remote.read([("21-1", f"{D2} 08:00", 10)]).gaps == 1


def test_a_spike_at_the_end_of_a_file_is_taken_back_with_its_reading(remote):
    remote.read(hours("21-1", D1, [10, 11]) + [("21-1", f"{D1} 20:00", 9000)])
    assert remote.readings(remote.one) == {D1: 9000}
    for day, value in ((D2, 12), (D3, 13)):
        assert remote.read([("21-1", f"{day} 06:00", value)]).reasons == {"Backwards": 1}
    assert remote.held(remote.one) == [12, 13]
    outcome = remote.read([("21-1", f"{YEAR}-02-23 06:00", 14)])
    assert (outcome.withdrawn, outcome.booked, outcome.failed) == (1, 3, 0)
    assert remote.samples(remote.one) == [10, 11, 12, 13, 14]
    assert remote.readings(remote.one) == {D1: 11, D2: 12, D3: 13, f"{YEAR}-02-23": 14}
    assert remote.held(remote.one) == []


def test_a_changed_counter_is_told_and_its_rows_come_back(remote):
    remote.read(hours("21-1", D1, [500, 501, 502, 503]))
    outcome = remote.read(hours("21-1", D2, [0, 0.5, 1.5]))
    assert outcome.changed == [remote.one]
    assert outcome.reasons == {"Backwards": 3}
    assert remote.readings(remote.one) == {D1: 503}


def test_after_the_change_is_entered_the_rows_go_to_the_new_meter(remote, db, cast):
    """By the key of the files, which stays with the place; on the day itself by what the counters showed."""
    remote.change(remote.one, feed_key="flat-1")
    remote.read(hours("flat-1", D1, [500, 501]))
    with db.writing() as session:
        (new,) = meter(session, cast, cast.unit_a1, "cold_water", "77-1", remote=True, installed=date(YEAR, 2, 21))
    remote.change(remote.one, removed=date(YEAR, 2, 21))
    with db.writing() as session:
        reading(session, remote.one, date(YEAR, 2, 21), "502.000", source="office")
    with db.reading() as session:
        from resident.metering.meter import Register

        old = session.get_one(Register, remote.one).meter_id
    remote.change(new, replaces_id=old)
    outcome = remote.read(hours("flat-1", D2, [502, 502, 0, 0.5]) + hours("flat-1", D3, [1, 2]))
    assert outcome.failed == 0
    assert remote.samples(remote.one) == [500, 501, 502, 502]
    assert remote.samples(new) == [0, 0.5, 1, 2]


def test_passing_zero_is_noted_at_the_reading(remote, db):
    remote.read(hours("21-1", D1, [99_990]) + hours("21-1", D2, [99_995, 2]))
    with db.reading() as session:
        rows = session.execute(select(Reading.value, Reading.rolled_over).order_by(Reading.day)).all()
    assert rows == [(99_990_000_000, False), (2_000_000, True)]


def test_registers_are_told_apart_by_a_column(remote, db, cast):
    with db.writing() as session:
        day, night = meter(session, cast, cast.unit_b3, "electricity", "E-7", ("day", "night"), digits=6, remote=True)
    heading = ("meter", "obis", "time", "value")
    mapping = Mapping(
        heading=heading, register=1, registers={"1.8.1": "day", "1.8.2": "night", "3.8.0": "-"}, time=2, value=3, order="ymd",
        zone="utc", unit="Wh",
    )  # fmt: skip
    remote.feed = remote.add(mapping)
    path = remote.folder / "e.csv"
    rows = [("E-7", code, f"{D1} 00:00", value) for code, value in (("1.8.1", 5000), ("1.8.2", 7000), ("3.8.0", 1), ("9", 1))]
    path.write_text("\n".join(";".join(map(str, row)) for row in [heading, *rows]))
    outcome = remote.read(path)
    assert remote.samples(day) == [5] and remote.samples(night) == [7]
    assert (outcome.left_out, outcome.reasons) == (1, {"UnknownRegister": 1})


@pytest.mark.parametrize("pack", [zipped, gzipped])
def test_a_packed_file_is_taken_as_it_is(remote, pack):
    assert remote.read(pack(remote.write(hours("21-1", D1, [10])))).booked == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_mark_at_the_beginning_goes_before_what_was_agreed(remote, encoding):
    assert remote.read(remote.write(hours("21-1", D1, [10]), encoding=encoding)).booked == 1


def test_letters_of_another_alphabet_are_read_in_their_encoding(remote):
    remote.change(remote.one, feed_key="кв. 7")
    remote.feed = remote.add(Mapping(heading=HEADING, order="ymd", zone="utc", encoding="cp1251"))
    assert remote.read(remote.write(hours("кв. 7", D1, [10]), encoding="cp1251")).booked == 1


def test_a_workbook_is_read_with_its_times(remote):
    from datetime import datetime

    import xlsxwriter

    path = remote.folder / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        tab, moment = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        tab.write_row(0, 0, HEADING)
        for line, (hour, value) in enumerate(((9, 10.125), (10, 10.25)), 1):
            tab.write_string(line, 0, "21-1")
            tab.write_datetime(line, 1, datetime(YEAR, 2, 20, hour, 30), moment)
            tab.write_number(line, 2, value)
    remote.feed = remote.add(Mapping(kind="xlsx", heading=HEADING, zone="organisation"))
    assert remote.read(path).failed == 0
    assert remote.samples(remote.one) == [10.125, 10.25]


def test_columns_that_moved_are_found_by_their_names(remote):
    path = remote.folder / "moved.csv"
    path.write_text(f"value;signal;time;meter\n10;-70;{D1} 01:00;21-1\n")
    assert remote.read(path).booked == 1


def test_a_forgotten_quote_costs_its_own_row(remote):
    remote.read(['"21-1;broken', *hours("21-1", D1, [10, 11])])
    assert remote.samples(remote.one) == [10, 11]


def refusal(remote, path, **given) -> dict:
    with pytest.raises(FileRefused) as refused:
        remote.read(path, **given)
    return refused.value.facts


def test_a_file_in_which_nothing_can_be_read_is_refused_with_line_and_reason(remote):
    assert refusal(remote, remote.write([("21-1", "noon", 1), ("21-1", "later", 2)])) == {
        "why": "nothing", "line": 2, "name": "NotATime",
    }  # fmt: skip
    path = remote.folder / "other.csv"
    path.write_text("a;b;c\n1;2;3\n")
    assert refusal(remote, path) == {"why": "columns", "columns": ["meter", "time", "value"]}
    path.write_text("")
    assert refusal(remote, path)["why"] == "empty"
    path.write_bytes(b"PK\x03\x04 no zip")
    assert refusal(remote, path)["why"] == "broken"
    path.write_bytes(b"\x1f\x8b\x08 no gzip")
    assert refusal(remote, path)["why"] == "broken"


def test_a_bomb_is_not_opened(remote):
    path = remote.folder / "bomb.csv"
    path.write_text("meter;time;value\n" + "21-1;;\n" * 3_000_000)
    for packed in (zipped(path), gzipped(path)):
        assert refusal(remote, packed, limits=Limits(1_000_000, 10_000_000))["why"] == "bomb"
    assert refusal(remote, zipped(path, "a.csv", "b.csv"))["why"] in ("many", "bomb")


def test_a_trial_books_nothing(remote):
    outcome = remote.read(hours("21-1", D1, [10, 11]), trial=True)
    assert outcome.booked == 2
    assert remote.samples(remote.one) == [] and remote.readings(remote.one) == {}


def _in_pieces(self, batch):
    """As for a file with more rows than a transaction takes."""
    self.size = 4
    _written(self, batch)


_written = feeding.FileReading._write


def test_a_run_that_died_is_simply_read_again(remote, monkeypatch):
    """Half of it booked, without the readings: the rest follows, nothing is doubled."""
    monkeypatch.setattr(feeding.FileReading, "_write", _in_pieces)
    lines = hours("21-1", D1, [10, 11, 12]) + hours("21-2", D1, [7, 8, 9])

    class Killed(Exception):
        pass

    def die(session, outcome):
        if outcome.booked:
            session.commit()
            raise Killed

    with pytest.raises(Killed):
        feeding.read(remote.db, remote.feed, remote.write(lines), scratch=remote.folder, along=die)
    assert remote.samples(remote.one) and not remote.readings(remote.one)
    remote.read(lines)
    assert remote.samples(remote.one) == [10, 11, 12] and remote.samples(remote.two) == [7, 8, 9]
    assert remote.readings(remote.one) == {D1: 12} and remote.readings(remote.two) == {D1: 9}
