"""Attachments are kept so that a kill loses none, and served to whoever may see what they belong to."""

import io
import os
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from resident import clock, files
from resident.errors import NotSaved
from resident.files import Attachment, FileRefused, Prepared
from resident.talk.case import Case, CaseEvent
from tests.files.test_hostile import paper
from tests.messages.test_residents import photo, write


@pytest.fixture
def folder(settings) -> Path:
    return settings.files_dir


@pytest.fixture
def sent(client, db):
    """A photo and a paper that the tenant sent to the office: [ids]."""
    write(client("tenant"), files={"files": [(photo(), "sink.jpg"), (paper(), "terms.pdf")]})
    with db.reading() as session:
        return session.scalars(select(Attachment.id).order_by(Attachment.id)).all()


def prepared(name="x.jpg", data=b"\xff\xd8\xff...", small=b"small") -> Prepared:
    return Prepared(name, "image", "jpg", data, small, 10, 10)


def kept(db, cast, folder, *given, **owner):
    """Attachments of a case's event, made without the web."""
    with db.writing() as session:
        return [
            files.keep(session, folder, one, organisation_id=cast.koivu, login_id=cast.logins["tenant"], **owner) for one in given
        ]


def event(db, cast, kind="comment", by_staff=False):
    now = clock.now()
    with db.writing() as session:
        case = Case(
            organisation_id=cast.koivu, building_id=cast.building, unit_id=cast.unit_a1, tenure_id=cast.tenure_a1,
            person_id=cast.tenant, number=f"F-2026-{time.monotonic_ns() % 10**6}", category="water", subject="s",
            place="", text="t",
            entry="yes", opened_at=now, changed_at=now,
        )  # fmt: skip
        session.add(case)
        session.flush()
        line = CaseEvent(case_id=case.id, person_id=cast.tenant, by_staff=by_staff, kind=kind, text="t", at=now)
        session.add(line)
        session.flush()
        return line.id


def test_headers_of_a_file_leave_nothing_to_guess(client, sent):
    tenant = client("tenant")
    for id, kind, name in ((sent[0], "image/jpeg", "sink.jpg"), (sent[1], "application/pdf", "terms.pdf")):
        answer = tenant.get(f"/files/{id}")
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "private, no-store"
        how = "inline" if kind == "image/jpeg" else "attachment"
        assert answer.headers["Content-Disposition"] == f"{how}; filename=\"{name}\"; filename*=UTF-8''{name}"
        download = tenant.get(f"/files/{id}?download=1").headers["Content-Disposition"]
        assert download.startswith("attachment; filename=")
    assert tenant.get(f"/files/{sent[1]}/small", None).status_code == 404
    assert max(Image.open(io.BytesIO(tenant.get(f"/files/{sent[0]}/small").data)).size) == 320


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('"; filename=x.html', "inline; filename=\"__ filename_x.jpg\"; filename*=UTF-8''%22%3B%20filename%3Dx.jpg"),
        ("ä€\r\nX:", "inline; filename=\"__ X_.jpg\"; filename*=UTF-8''%C3%A4%E2%82%AC%20X%3A.jpg"),
        ("кран\\течёт.png", "inline; filename=\"_____.jpg\"; filename*=UTF-8''%D1%82%D0%B5%D1%87%D1%91%D1%82.jpg"),
    ],
)
def test_a_hostile_name_makes_one_clean_header(app, client, db, cast, folder, name, header):
    made = files.prepare(name, io.BytesIO(photo()))
    (attachment,) = kept(db, cast, folder, made, event_id=event(db, cast))
    answer = client("tenant").get(f"/files/{attachment.id}")
    assert answer.headers.getlist("Content-Disposition") == [header]
    assert "X" not in answer.headers


def test_parts_of_a_file_and_its_head_are_served(client, sent):
    tenant = client("tenant")
    whole = tenant.get(f"/files/{sent[0]}").data
    part = tenant.http.get(f"/files/{sent[0]}", headers={"Range": "bytes=2-9"})
    assert part.status_code == 206 and part.data == whole[2:10]
    assert part.headers["Content-Security-Policy"].startswith("sandbox")
    head = tenant.http.head(f"/files/{sent[0]}")
    assert (head.status_code, head.data, int(head.headers["Content-Length"])) == (200, b"", len(whole))
    beyond = tenant.http.get(f"/files/{sent[0]}", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_a_file_that_is_gone_is_not_found(client, sent, db, folder):
    with db.reading() as session:
        files.path(folder, session.get(Attachment, sent[0])).unlink()
    assert client("tenant").get(f"/files/{sent[0]}", None).status_code == 404
    assert client("tenant").get("/files/999999", None).status_code == 404


def test_a_stranger_signs_in_first_and_others_find_nothing(client, sent):
    assert client().get(f"/files/{sent[0]}", None).status_code == 303
    for other in ("occupant", "neighbour", "former", "coming", "owner", "board", "manager", "caretaker", "operator", "provider"):
        assert client(other).get(f"/files/{sent[0]}", None).status_code == 404, other
    assert client("office").get(f"/files/{sent[0]}").status_code == 200


def test_files_of_a_case_show_to_the_household_and_internal_ones_to_staff_only(client, db, cast, folder):
    told, inside = event(db, cast), event(db, cast, "internal", by_staff=True)
    (open_file,) = kept(db, cast, folder, prepared(), event_id=told)
    (closed_file,) = kept(db, cast, folder, prepared(), event_id=inside)
    for who, open_status, closed_status in (
        ("tenant", 200, 404),
        ("occupant", 200, 404),
        ("office", 200, 200),
        ("neighbour", 404, 404),
        ("accountant", 404, 404),
        ("caretaker", 404, 404),
        ("board", 404, 404),
    ):
        one = client(who)
        assert one.get(f"/files/{open_file.id}", None).status_code == open_status, who
        assert one.get(f"/files/{closed_file.id}", None).status_code == closed_status, who


def test_every_row_has_its_file_with_the_right_hash_and_nothing_half_written(sent, db, folder):
    import hashlib

    with db.reading() as session:
        for attachment in session.scalars(select(Attachment)):
            data = files.path(folder, attachment).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (attachment.sha256, attachment.size)
            assert re.fullmatch(r"[0-9a-f]{32}\.(jpg|pdf)", attachment.stored)
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]


def test_what_no_row_knows_is_swept_after_an_hour_and_nothing_else(sent, db, cast, folder):
    with pytest.raises(RuntimeError), db.writing() as session:
        files.keep(session, folder, prepared(), organisation_id=cast.koivu, login_id=cast.logins["tenant"], message_id=1)
        raise RuntimeError("the power goes")
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / ".abcd.jpg.part").write_bytes(b"half")
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    with db.reading() as session:
        assert files.sweep(session, folder) == 0
        for path in before:
            os.utime(path, (time.time() - 3700,) * 2)
        assert files.sweep(session, folder) == 3
        left = {path.name for path in folder.rglob("*") if path.is_file()}
        stored = set(session.scalars(select(Attachment.stored)))
    assert {name.replace(".small", "") for name in left} == stored and len(left) == 3
    assert len(before) == 6


def test_nobody_fills_the_disk(db, cast, folder):
    owner = event(db, cast)
    (one,) = kept(db, cast, folder, prepared(), event_id=owner)
    with db.writing() as session:
        session.get(Attachment, one.id).size = files.QUOTA - 5
    with pytest.raises(FileRefused) as refusal:
        kept(db, cast, folder, prepared(), event_id=owner)
    assert refusal.value.why == "quota"


def test_somebody_who_has_sent_too_much_is_told_so_and_keeps_the_text(client, db, sent):
    with db.writing() as session:
        session.get(Attachment, sent[0]).size = files.QUOTA
    answer = client("tenant").post(
        "/messages/1/answers?lang=en", 422, text="words stay", once="q", files={"files": [(photo(), "one.jpg")]}
    )
    assert "There is no more room for your files." in answer.text and "words stay" in answer.text


def test_more_than_four_files_or_one_too_large_are_refused_in_a_sentence(client, db, sent):
    tenant = client("tenant")
    five = [(photo(), f"{n}.jpg") for n in range(5)]
    assert "at most 4 files" in tenant.post("/messages/1/answers?lang=en", 422, text="t", once="q", files={"files": five}).text
    big = [(b"\xff\xd8\xff" + b"\0" * 13_400_000, "big.jpg")]
    text = tenant.post("/messages/1/answers?lang=en", 422, text="t", once="q2", files={"files": big}).text
    assert (
        "big.jpg: The file is 13.4\u00a0MB. It must be 12.0\u00a0MB or smaller. Choose a smaller photo or split the document."
        in text
    )


def test_a_disk_that_takes_nothing_says_not_saved_and_leaves_no_row(db, cast, folder, tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_bytes(b"")
    with pytest.raises(NotSaved):
        kept(db, cast, blocked / "below", prepared(), event_id=event(db, cast))
    with db.reading() as session:
        assert not session.scalars(select(Attachment)).all()
