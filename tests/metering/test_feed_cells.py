"""Times and values as files of remote reading write them."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from resident.metering.feed_mapping import BadMapping, Mapping, checked, factor, of
from resident.metering.feed_time import BadTime, Clock
from resident.metering.feed_value import BadShown, Values


def at(text: str, previous: str | None = None, tz: str = "Europe/Madrid", **given) -> str:
    reader = Clock(Mapping(**given), tz)
    before = int(datetime.fromisoformat(f"{previous}+00:00").timestamp()) if previous else None
    return f"{datetime.fromtimestamp(reader.of(text, before), UTC):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("text", "given", "utc"),
    [
        ("01/03/2016 00:28:55", {}, "2016-02-29 23:28:55"),
        ("1.3.2016 0:28", {}, "2016-02-29 23:28:00"),
        ("1. 3. 16 0.28", {}, "2016-02-29 23:28:00"),
        ("03/01/2016 12:28 AM", {"order": "mdy"}, "2016-02-29 23:28:00"),
        ("07/01/2016 12:28 p.m.", {"order": "mdy"}, "2016-07-01 10:28:00"),
        ("2016-07-01T12:28:05.250", {}, "2016-07-01 10:28:05"),
        ("2016-07-01T12:28:05Z", {"zone": "value"}, "2016-07-01 12:28:05"),
        ("2016-07-01T12:28:05+05:30", {"zone": "value"}, "2016-07-01 06:58:05"),
        ("2016-07-01T12:28:05+0200", {}, "2016-07-01 10:28:05"),
        ("201607011228", {"order": "compact"}, "2016-07-01 10:28:00"),
        ("20160701122805", {"order": "compact", "zone": "utc"}, "2016-07-01 12:28:05"),
        ("1467376085", {"order": "epoch"}, "2016-07-01 12:28:05"),
        ("1467376085123", {"order": "epoch"}, "2016-07-01 12:28:05"),
        ("42552.5194444444", {"order": "serial"}, "2016-07-01 10:28:00"),
        ("42552", {"order": "serial"}, "2016-06-30 22:00:00"),
        ("42551", {"order": "serial", "every": 86400}, "2016-06-30 21:59:59"),
        ("42552 0,5", {"order": "serial"}, "2016-07-01 10:00:00"),
        ("42551,999999", {"order": "serial"}, "2016-06-30 22:00:00"),
        ("01.07.2016 12:28", {"zone": "+03:00"}, "2016-07-01 09:28:00"),
        ("30.06.2016 24:00", {}, "2016-06-30 22:00:00"),
        ("30.06.2016", {}, "2016-06-30 21:59:59"),
        ("30.06.2016", {"bare": "start"}, "2016-06-29 22:00:00"),
    ],
)
def test_a_time_is_understood(text, given, utc):
    assert at(text, **given) == utc


@pytest.mark.parametrize(
    ("text", "given", "name"),
    [
        ("31.02.2016 12:00", {}, "NotATime"),
        ("12:00", {}, "NotATime"),
        ("13/13/2016 12:00", {}, "NotATime"),
        ("01.07.2016 25:00", {}, "NotATime"),
        ("01.07.2016 24:30", {}, "NotATime"),
        ("٠١.٠٧.٢٠١٦ 12:00", {}, "NotATime"),
        ("", {}, "NotATime"),
        ("1e9", {"order": "epoch"}, "NotATime"),
        ("412", {"order": "serial"}, "NotATime"),
        ("42456.1", {"order": "serial"}, "InGap"),
        ("27.03.2016 02:30", {}, "InGap"),
        ("2016-07-01T12:28:05Z", {}, "OtherZone"),
        ("2016-07-01T12:28:05+02:00", {"zone": "utc"}, "OtherZone"),
        ("2016-07-01 12:28:05", {"zone": "value"}, "NoOffset"),
    ],
)
def test_a_time_that_nobody_can_be_sure_of_comes_back(text, given, name):
    with pytest.raises(BadTime) as refused:
        at(text, **given)
    assert refused.value.name == name


def test_the_hour_that_is_there_twice_is_told_apart_by_the_order_of_the_file():
    assert at("30/10/2016 02:27:19") == "2016-10-30 00:27:19"
    assert at("30/10/2016 02:27:19", "2016-10-30 00:27:19") == "2016-10-30 01:27:19"
    assert at("30/10/2016 02:27:21", "2016-10-30 00:27:19") == "2016-10-30 00:27:21"
    assert at("30/10/2016 02:50:00", "2016-10-30 01:27:19") == "2016-10-30 01:50:00"


@pytest.mark.parametrize(
    ("text", "unit", "measure", "millionths"),
    [
        ("412,386", "m³", "m³", 412_386_000),
        ("412.386", "m³", "m³", 412_386_000),
        ("1,234", "m³", "m³", 1_234_000),
        ("68321", "l", "m³", 68_321_000),
        ("1 068 321", "l", "m³", 1_068_321_000),
        ("000412", "m³", "m³", 412_000_000),
        ("0", "m³", "m³", 0),
        ("1.234567000", "m³", "m³", 1_234_567),
        ("123.45600000000002", "m³", "m³", 123_456_000),
        ("12.3456", "MWh", "kWh", 12_345_600_000),
        ("12345678", "Wh", "kWh", 12_345_678_000),
        ("3.6", "GJ", "kWh", 1_000_000_000),
        ("2", "Gcal", "kWh", 2_326_000_000),
        ("1.5", "Gcal", "Gcal", 1_500_000),
        ("12.5", "kWh", "кВт⋅ч", 12_500_000),
        ("12.5", "MWh", "кВт·ч", 12_500_000_000),
        ("412", "l", "м³", 412_000),
    ],
)
def test_a_value_is_exact(text, unit, measure, millionths):
    assert Values(factor(unit, measure)).of(text) == millionths


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "Missing"), ("4e+05", "Rounded"), ("-3", "Negative"), ("−3", "Negative"), ("1,234.5", "NotAValue"),
        ("NaN", "NotAValue"), ("1e999", "Rounded"), ("٤١٢", "NotAValue"), ("9" * 41, "NotAValue"), ("12 m³", "NotAValue"),
        ("1.2345678", "TooFine"), ("=1+1", "NotAValue"),
    ],
)  # fmt: skip
def test_a_value_that_is_none_comes_back(text, name):
    with pytest.raises(BadShown) as refused:
        Values(Fraction(1)).of(text)
    assert refused.value.name == name


def test_litres_are_no_kilowatt_hours():
    assert factor("l", "kWh") is None
    assert factor("points", "points") == 1


def test_a_mapping_comes_back_as_it_was_kept():
    mapping = Mapping(heading=("a", "b", "c"), register=3, registers={"1.8.1": "day"}, zone="+02:00")
    assert of(mapping.stored()) == mapping


@pytest.mark.parametrize(
    ("part", "given"),
    [
        ("zone", {"zone": "Mars"}), ("unit", {"unit": "stones"}), ("time", {"time": 0}), ("value", {"value": 60}),
        ("encoding", {"encoding": "ebcdic"}), ("every", {"every": 7}),
        ("across", {"across": "rows"}), ("across", {"across": "meter", "skip": 0}),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_is_refused(part, given):
    with pytest.raises(BadMapping) as refused:
        checked(Mapping(**given))
    assert refused.value.part in (part, "meter")
