"""What an example file is proposed to mean: files as systems of remote reading in our countries write them."""

import pytest

from resident.metering import feed_example, feed_file


def proposed(tmp_path, text: str, encoding: str = "utf-8", country: str = "FI", known=()):
    path = tmp_path / "example"
    path.write_bytes(text.encode(encoding))
    return feed_example.propose(path, feed_file.WEB, country, known).mapping


HOURLY = "Mittari;Aika;Lukema (l)\nA1;1.3.2026 00:17;12\nA1;1.3.2026 01:17;13\nA2;1.3.2026 00:20;7\n"


def test_columns_unit_and_cadence_are_found(tmp_path):
    found = proposed(tmp_path, HOURLY)
    assert (found.delimiter, found.skip, found.heading) == (";", 1, ("Mittari", "Aika", "Lukema (l)"))
    assert (found.meter, found.time, found.clock, found.value) == (0, 1, None, 2)
    assert (found.order, found.zone, found.unit, found.every) == ("dmy", "organisation", "l", 3600)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A day and a time apart; the value before the meter.
        ("Wskazanie,Licznik,Data,Godzina\n12.5,77,2026-03-01,00:00\n12.6,77,2026-03-01,00:15\n",
         {"value": 0, "meter": 1, "time": 2, "clock": 3, "order": "ymd", "every": 900, "delimiter": ","}),
        # Lines before the heading, registers by OBIS code, times with their own zone.
        ("Exported by X\n\nserial|obis|timestamp|kWh\n1|1.8.0|2026-01-01T00:00:00Z|12.5\n1|1.8.0|2026-01-01T00:15:00Z|13\n",
         {"skip": 3, "register": 1, "time": 2, "value": 3, "zone": "value", "unit": "kWh", "every": 900, "delimiter": "|"}),
        # No heading, seconds since 1970.
        ("x\t1767225600\t5\nx\t1767229200\t6\n",
         {"skip": 0, "heading": (), "order": "epoch", "meter": 0, "time": 1, "value": 2, "delimiter": "\t"}),
        # Nothing between the parts of the time; a value a day.
        ("meter;at;value [GJ]\n1;20260131;5,5\n1;20260201;6\n", {"order": "compact", "unit": "GJ", "every": 86400}),
        # A column for each register, for each meter, for each day, for each hour of a day.
        ("Licznik;Data;T1 [kWh];T2 [kWh];Stan\n7;2026-01-31;5,5;2,5;OK\n7;2026-02-01;6;3;OK\n",
         {"across": "register", "value": 2, "register": None, "meter": 0, "time": 1, "unit": "kWh", "every": 86400}),
        ("Raportti\nAika;A-1 [m3];A-2 [m3]\n1.3.2026 00:00;5,5;2,5\n1.3.2026 01:00;6;3\n",
         {"across": "meter", "value": 1, "time": 0, "skip": 2, "every": 3600}),
        ("Mittari;Asunto;1.3.2026;2.3.2026\nA1;1;5,5;6\nA2;2;7;7,5\n",
         {"across": "time", "value": 2, "meter": 0, "order": "dmy", "every": 86400}),
        ("Mittari;Päivä;" + ";".join(f"{hour}-{hour + 1}" for hour in range(24)) + "\nA1;1.3.2026" + ";5,5" * 24 + "\n",
         {"across": "clock", "value": 2, "meter": 0, "time": 1, "clock": None, "every": 3600}),
        # Whole numbers each hour, as in the sample of 92 homes.
        ("user key;datetime;meter reading;diff\na;01/03/2016 00:28:55;68321;10\na;01/03/2016 01:28:55;68331;10\n",
         {"meter": 0, "value": 2, "order": "dmy", "unit": "l", "every": 3600}),
        # A spreadsheet's days without their format.
        ("Mittari;Aika;Lukema\nA1;46082.25;45000.5\nA1;46082.2916666667;45001\n",
         {"order": "serial", "time": 1, "value": 2, "every": 3600}),
        # The month first.
        ("meter;at;reading\n1;01/31/2026 5:00 PM;5\n1;02/01/2026 5:00 PM;6\n", {"order": "mdy", "every": 86400}),
    ],
)  # fmt: skip
def test_what_files_look_like_is_recognised(tmp_path, text, expected):
    found = proposed(tmp_path, text, known=["A-1", "A-2"])
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("encoding", "country", "told"),
    [("utf-8", "RU", "utf-8"), ("utf-16", "RU", "utf-16"), ("cp1251", "RU", "cp1251"), ("utf-8-sig", "FI", "utf-8")],
)
def test_letters_are_told_by_the_file_or_by_the_country(tmp_path, encoding, country, told):
    found = proposed(tmp_path, "Счётчик;Дата;Показание\n7;01.02.2026 10:00;5\n", encoding, country)
    assert found.encoding == told and found.heading[0] == "Счётчик"
    assert (found.meter, found.value) == (0, 2)


def test_the_meters_column_is_the_one_with_numbers_that_are_known(tmp_path):
    text = "device;where;at;value\n5;24-386 676;1.3.2026 00:00;3\n5;24-386 677;1.3.2026 00:00;4\n"
    assert proposed(tmp_path, text).meter == 0
    assert proposed(tmp_path, text, known=["24-386676"]).meter == 1


def test_hundreds_of_millions_of_empty_lines_are_not_read_through(tmp_path):
    """They pack into a small file, and a request would be busy with them for minutes."""
    with pytest.raises(feed_file.FileRefused) as refused:
        proposed(tmp_path, HOURLY + "\n" * 2000 + "A2;1.3.2026 01:20;8\n")
    assert refused.value.why == "broken"
    assert proposed(tmp_path, HOURLY.replace("\n", "\n\n") + "\n" * 500).every == 3600


@pytest.mark.parametrize("text", ["nonsense\n", "\n\n", "a;b;c\n", "1;2;3\n"])
def test_a_file_that_is_none_of_these_gets_some_proposal_or_a_refusal(tmp_path, text):
    """The desk sees at the first rows that nothing is understood."""
    try:
        assert proposed(tmp_path, text)
    except feed_file.FileRefused as refused:
        assert refused.why in ("empty", "broken")
