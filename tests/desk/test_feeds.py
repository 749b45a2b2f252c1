"""Remote readings at the desk: what the columns mean, files sent by hand, rows that come back."""

import json
import threading

import pytest
import xlsxwriter
from sqlalchemy import select, update

from blueprints._mail_words import renderer
from resident import worker
from resident.audit import AuditEvent
from resident.metering.feed import Feed, FeedRun
from resident.metering.held_sample import HeldSample
from resident.metering.reading import Reading
from tests.client import fields
from tests.metering.counters import YEAR, move_to
from tests.metering.feeds import Remote, hours, zipped

DAY = f"{YEAR}-02-20"
CSV = f"Serial;Time;Value (l)\n21-1;{DAY} 01:00;10000\n21-1;{DAY} 02:00;10500\n99-9;{DAY} 02:00;7\n"
ONCE = "a-key-of-the-form"


@pytest.fixture
def remote(db, cast, tmp_path, later) -> Remote:
    """Today is 27 February. The feed "remote" is there already."""
    move_to(YEAR, 2, 27)
    return Remote(db, cast, tmp_path)


@pytest.fixture
def run(app, db, settings):
    return lambda: worker.work(db, settings, renderer(app), threading.Event(), once=True)


def make(who, cast, content=CSV, *, name="Kamstrup", status=303, once=ONCE):
    files = {"example": [(content.encode() if isinstance(content, str) else content, "night.csv")]} if content is not None else {}
    return who.post("/desk/feeds", status=status, once=once, files=files, organisation=str(cast.koivu), name=name)


def test_a_feed_is_made_from_an_example_and_reads_nothing_before_it_is_saved(desk, cast, db, remote):
    office = desk("office")
    where = make(office, cast).location
    page = office.get(where).text
    assert "Pihlajakuja 6 A 1" in page and "10.5\u00a0m³" in page and "No meter is called 99-9." in page
    form = fields(page)
    assert (form["meter"], form["time"], form["value"], form["unit"], form["every"]) == ("0", "1", "2", "l", "3600")
    with db.reading() as session:
        feed = session.scalar(select(Feed).where(Feed.name == "Kamstrup"))
    assert (feed.slug, feed.active) == ("kamstrup", False)
    assert "Send a file" not in office.get(f"/desk/feeds/{feed.id}").text


def test_looking_counts_and_stores_nothing(desk, cast, db, remote):
    office = desk("office")
    where = make(office, cast).location
    answer = office.post(where, status=200, **fields(office.get(where).text) | {"act": "look", "zone": "utc"})
    assert "Nothing was stored." in answer.text and "No meter has this number or key." in answer.text
    assert "20.02." in answer.text or "20/02" in answer.text or "20 Feb" in answer.text
    with db.reading() as session:
        assert session.scalar(select(Feed.mapping).where(Feed.name == "Kamstrup"))["zone"] == "organisation"
    assert remote.samples(remote.one) == []


def saved(office, cast, **changed):
    where = make(office, cast).location
    office.post(where, status=303, **fields(office.get(where).text) | {"act": "save", "active": "yes"} | changed)
    return where.removesuffix("/mapping")


def test_a_file_sent_by_hand_is_read_by_the_worker_and_what_failed_comes_back(desk, cast, db, remote, run):
    office = desk("office")
    where = saved(office, cast)
    answer = office.post(f"{where}/runs", status=303, once="another-key", files={"file": [(CSV.encode(), "night.csv")]})
    assert "waits its turn" in office.get(answer.location).text
    run()
    page = office.get(answer.location).text
    assert "1 row returned" in page and "No meter has this number or key." in page
    assert remote.samples(remote.one) == [10, 10.5]
    rows = office.get(f"{answer.location}/rows")
    assert rows.text.lstrip("\ufeff").splitlines() == [
        'Serial;Time;Value (l);"What to mend"', f'99-9;{DAY} 02:00;7;"No meter is called 99-9."',
    ]  # fmt: skip
    assert "The others are booked." in page
    none = office.post(f"{where}/runs", status=303, once="key-two", files={"file": [(rows.data, "again.csv")]})
    run()
    assert "None was booked." in office.get(none.location).text
    # It can be sent again as it is: with the meter known by now it goes in.
    remote.change(remote.two, feed_key="99-9")
    again = office.post(f"{where}/runs", status=303, once="key-three", files={"file": [(rows.data, "mended.csv")]})
    run()
    assert "All rows are booked" in office.get(again.location).text
    assert remote.samples(remote.two) == [0.007]


def test_the_reasons_are_in_the_readers_language_and_formulas_stay_text(desk, cast, remote, run):
    office = desk("office")
    where = saved(office, cast)
    content = f"Serial;Time;Value (l)\n=1+1;{DAY} 01:00;10\n21-1;{DAY} 03:00;4e+05\n"
    answer = office.post(f"{where}/runs", status=303, once="key-two", files={"file": [(content.encode(), "night.csv")]})
    run()
    rows = office.get(f"{answer.location}/rows").text
    assert '"\'=1+1";' in rows and "Its digits are lost" in rows


def test_a_file_that_cannot_be_read_says_why(desk, cast, remote, run):
    office = desk("office")
    where = saved(office, cast)
    answer = office.post(f"{where}/runs", status=303, once="key-two", files={"file": [(b"a;b\n1;2\n", "other.csv")]})
    run()
    assert "These columns are not there: Serial, Time, Value (l)." in office.get(answer.location).text


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (None, "Kamstrup", "Choose a file as your system writes them."),
        (b"", "Kamstrup", "The file is empty."),
        (b"PK\x03\x04 no zip", "Kamstrup", "The file is damaged"),
        (b"hello", "Kamstrup", "The file is damaged, or of a kind that cannot be read."),
        (b"Meter;Value\n21-1;5\n21-2;6\n", "Kamstrup", "The file is damaged, or of a kind that cannot be read."),
        (CSV, "  ", "Give it a name."),
        (CSV, "remote", "There is one of this name already."),
    ],
)
def test_an_example_that_is_none_is_refused_with_a_sentence(desk, cast, remote, settings, content, name, sentence):
    page = make(desk("office"), cast, content, name=name, status=422).text
    assert sentence in page and f'value="{name}"' in page
    folder = settings.data_dir / "feed_runs"
    assert not folder.exists() or not list(folder.iterdir())


def test_what_no_text_holds_does_no_harm(desk, cast, db, remote):
    """A workbook of an old kind is full of NUL, which no row of PostgreSQL takes, and which a name of a file may hold too."""
    office = desk("office")
    where = saved(office, cast)
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40 + b"a\0;b;c\nd\0;e;f\n" * 9
    make(office, cast, old, name="Old workbook", once="key-two")
    with db.reading() as session:
        assert "\\u0000" not in json.dumps(session.scalars(select(Feed.mapping).where(Feed.name == "Old workbook")).one())
        assert session.scalars(select(Feed.id).where(Feed.mapping["medium"].as_string() == "steam")).all() == []
    answer = office.post(f"{where}/runs", status=303, once="key-three", files={"file": [(CSV.encode(), "ni\0ght.csv")]})
    assert "night.csv" in office.get(answer.location).text


def test_a_workbook_is_an_example_and_a_file_to_be_read(desk, cast, remote, run, tmp_path):
    rows = [("Serial", "Time", "Value (l)"), ("21-1", f"{DAY} 01:00", "10000"), ("21-1", f"{DAY} 02:00", "10500")]
    with xlsxwriter.Workbook(str(tmp_path / "night.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    content = (tmp_path / "night.xlsx").read_bytes()
    office = desk("office")
    where = make(office, cast, content).location
    office.post(where, status=303, **fields(office.get(where).text) | {"act": "save", "active": "yes"})
    sending = {"status": 303, "once": "key-two", "files": {"file": [(content, "night.xlsx")]}}
    answer = office.post(f"{where.removesuffix('/mapping')}/runs", **sending)
    run()
    assert "All rows are booked" in office.get(answer.location).text
    assert remote.samples(remote.one) == [10, 10.5]


def test_a_zip_is_an_example_too(desk, cast, remote):
    path = zipped(remote.write(hours("21-1", DAY, [10])))
    assert "Pihlajakuja 6 A 1" in desk("office").get(make(desk("office"), cast, path.read_bytes()).location).text


def test_what_cannot_be_is_said_at_its_field_and_what_was_chosen_stays(desk, cast, remote):
    office = desk("office")
    where = make(office, cast).location
    form = fields(office.get(where).text) | {"act": "save", "zone": "fixed", "offset": "two hours", "skip": "2"}
    page = office.post(where, status=422, **form).text
    assert "Write the distance from UTC as +02:00." in page and 'value="two hours"' in page
    assert "cannot be chosen twice" in office.post(where, status=422, **form | {"offset": "+02:00", "value": "0"}).text


def test_use_instead_of_what_the_counter_shows_is_told_of(desk, cast, remote):
    lines = [f"21-1;{YEAR}-02-20 {hour:02d}:00;{use}\n" for hour, use in enumerate((12, 3, 0, 7, 1, 4))]
    office = desk("office")
    assert "not what was used" in office.get(make(office, cast, "meter;at;value\n" + "".join(lines)).location).text
    counted = "".join(f"21-1;{YEAR}-02-20 {hour:02d}:00;{412 + hour}\n" for hour in range(6))
    again = make(office, cast, "meter;at;value\n" + counted, name="Other", once="second-key").location
    assert "not what was used" not in office.get(again).text


def test_what_the_names_of_columns_tell_is_chosen_at_the_desk(desk, cast, db, remote):
    office = desk("office")
    where = make(office, cast, f"at;21-1;21-2;C\n{YEAR}-02-20 06:00;10;7;21\n{YEAR}-02-20 07:00;11;8;20\n").location
    form = fields(office.get(where).text) | {"act": "save"}
    assert (form["across"], form["meter"], form["value"]) == ("meter", "", "1")
    assert "names of the columns stand" in office.post(where, status=422, **form | {"skip": "0"}).text
    office.post(where, status=422, **form | {"across": "rows"})
    office.post(where, status=303, **form | {"word-2": "-"})
    with db.reading() as session:
        kept = session.scalar(select(Feed.mapping).where(Feed.name == "Kamstrup"))
    assert (kept["across"], kept["registers"]["C"]) == ("meter", "-")


def test_a_stale_edit_is_told(desk, cast, remote):
    office, manager = desk("office"), desk("manager")
    where = make(office, cast).location
    mine, theirs = fields(office.get(where).text), fields(manager.get(where).text)
    manager.post(where, status=303, **theirs | {"act": "save", "name": "Their name"})
    page = office.post(where, status=409, **mine | {"act": "save", "name": "My name"}).text
    assert "Somebody changed this while you were looking." in page and 'value="My name"' in page
    office.post(where, status=303, **fields(page) | {"act": "save"})


def test_the_same_form_twice_makes_one(desk, cast, db, remote):
    office = desk("office")
    assert make(office, cast).location == make(office, cast).location
    with db.reading() as session:
        assert len(session.scalars(select(Feed.id).where(Feed.name == "Kamstrup")).all()) == 1


def test_a_supplier_sees_its_own_medium_only(desk, cast, db, remote):
    provider = desk("provider")
    provider.get(f"/desk/feeds/{remote.feed.id}", status=404)
    with db.writing() as session:
        session.execute(update(Feed).values(mapping=remote.feed.mapping | {"medium": "cold_water"}))
    assert "remote" in provider.get(f"/desk/feeds/{remote.feed.id}").text
    provider.get(f"/desk/feeds/{remote.feed.id}/mapping", status=404)
    desk("board").get(f"/desk/feeds/{remote.feed.id}", status=404)
    assert desk("council").get("/desk/feeds").status_code == 200


def test_counters_that_seem_changed_wait_for_the_desk(desk, cast, db, remote):
    remote.read(hours("21-1", DAY, [500, 501, 502, 503]))
    remote.read(hours("21-1", f"{YEAR}-02-21", [0, 0.5, 1.5]))
    office = desk("office")
    assert "Counters that seem to have been changed" in office.get("/desk/").text
    page = office.get("/desk/feeds").text
    assert "A 1" in page and "503\u00a0m³" in page
    with db.reading() as session:
        assert len(session.scalars(select(HeldSample)).all()) == 3


def test_the_shell_reads_a_file(app, db, cast, remote, tmp_path):
    path = remote.write([*hours("21-1", DAY, [10, 11]), ("99-9", f"{DAY} 01:00", 1)])
    call = ["feed", str(path), "--feed", "remote", "--organisation", "koivu"]
    told = app.test_cli_runner().invoke(args=[*call, "--dry-run"])
    assert told.exit_code == 0 and "dry run" in told.output and remote.samples(remote.one) == []
    told = app.test_cli_runner().invoke(args=[*call, "--errors", str(tmp_path / "back.csv")])
    assert told.exit_code == 0, told.output
    assert remote.samples(remote.one) == [10, 11]
    assert "99-9" in (tmp_path / "back.csv").read_text()
    with db.reading() as session:
        assert session.scalars(select(FeedRun)).all() == [] and session.scalar(select(Reading.value)) == 11_000_000
    refused = app.test_cli_runner().invoke(args=["feed", str(path), "--feed", "nothing", "--organisation", "koivu"])
    assert refused.exit_code == 1 and "Set it up at the desk" in refused.output


# ---- The end of one --------------------------------------------------------------------------------------------------


def test_a_feed_that_brought_nothing_is_removed_with_what_it_left(desk, cast, db, remote, run, settings):
    office = desk("office")
    where = make(office, cast).location
    office.post(where, 303, **fields(office.get(where).text) | {"act": "save", "active": "yes"})
    id = where.split("/")[3]
    office.post(
        f"/desk/feeds/{id}/runs", 303, once="k1", files={"file": [(f"Serial;Time;Value (l)\n99-9;{DAY};7\n".encode(), "a.csv")]}
    )
    page = f"/desk/feeds/{id}/end"
    assert "is being read" in office.post(page, 409, **office.form(page)).text, "it waits still"
    run()
    assert "It has brought no value yet" in office.get(page).text
    form = office.form(page)
    kept = settings.data_dir / "feed_runs"
    assert list(kept.glob("*.jsonl.gz"))
    assert "Look again" in office.post(page, 409, **form | {"version": "1"}).text
    answer = office.post(page, 303, **form)
    assert answer.location == "/desk/feeds" and "Kamstrup" not in office.get("/desk/feeds").text
    office.get(f"/desk/feeds/{id}", 404)
    assert not list(kept.glob(f"example-{id}")) and not list(kept.glob("*.jsonl.gz"))
    with db.reading() as session:
        assert session.scalar(select(Feed.id).where(Feed.id == int(id))) is None
        facts = session.scalars(select(AuditEvent.facts).where(AuditEvent.act == "feed_changed").order_by(AuditEvent.id)).all()
    assert facts[-1] == {"removed": True}


def test_a_feed_that_brought_values_is_archived_and_can_be_taken_into_use_again(desk, cast, db, remote, run):
    office = desk("office")
    where = make(office, cast).location
    office.post(where, 303, **fields(office.get(where).text) | {"act": "save", "active": "yes"})
    id = where.split("/")[3]
    page, before = f"/desk/feeds/{id}/end", office.form(f"/desk/feeds/{id}/end")
    assert before["keep"] == "0"
    office.post(f"/desk/feeds/{id}/runs", 303, once="k1", files={"file": [(CSV.encode(), "a.csv")]})
    run()
    assert "Look again" in office.post(page, 409, **before).text, "it brought something meanwhile"
    form = office.form(page)
    assert form["keep"] == "1"
    office.post(page, 303, **form)
    listed = office.get("/desk/feeds").text
    assert "Kamstrup" in listed.split("Archived")[1] and "Kamstrup" not in listed.split("Archived")[0]
    shown = office.get(f"/desk/feeds/{id}").text
    assert "Files are not read any more" in shown and "Send a file" not in shown and "a.csv" in shown
    with db.reading() as session:
        assert session.scalar(select(Reading.id).where(Reading.source == "remote"))
    office.post(where, 303, **fields(office.get(where).text) | {"act": "save", "active": "yes"})
    assert "Put a larger one into the watched folder" in office.get(f"/desk/feeds/{id}").text
    assert "Archived" not in office.get("/desk/feeds").text


def test_who_does_not_set_up_feeds_ends_none(desk, cast, db, remote):
    id = remote.feed.id
    for login in ("council", "provider"):
        assert desk(login).http.get(f"/desk/feeds/{id}/end").status_code in (403, 404), login
    desk("board").get(f"/desk/feeds/{id}/end", 404)
