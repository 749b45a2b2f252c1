"""What people send is decoded, not believed: hostile, broken and oversized files are refused, the rest is written anew."""

import io
import struct
import time
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from resident import files
from resident.files import FileRefused, FileTooLarge


def picture(kind="JPEG", size=(800, 600), mode="RGB", **given) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, given.pop("colour", None) or ("teal" if mode == "RGB" else 0)).save(out, kind, **given)
    return out.getvalue()


def paper(change=None, **given) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **given)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """A picture of one colour, written row by row, so that making it needs no memory either (M10)."""
    packer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 1)
    rows = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<x/>")
    return out.getvalue()


def pdf_bomb() -> bytes:
    """An object stream of a few kilobytes that unpacks to two gigabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(2000)) + packer.flush()
    body = b"%PDF-1.5\n"
    first = len(body)
    body += b"1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    body += packed + b"\nendstream\nendobj\n"
    second = len(body)
    rows = b"".join(struct.pack(">BIB", *row) for row in ((0, 0, 0), (1, first, 0), (1, second, 0), (2, 1, 0)))
    body += b"2 0 obj\n<< /Type /XRef /Size 4 /W [1 4 1] /Root 3 0 R /Length %d >>\nstream\n" % len(rows)
    return body + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % second


def nested_pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF"


def locked() -> bytes:
    return paper(encryption=pikepdf.Encryption(owner="owner", user="user", R=6))


def locked_for_owner() -> bytes:
    return paper(encryption=pikepdf.Encryption(owner="owner", user="", R=6))


def many_pages() -> bytes:
    return paper(lambda document: [document.add_blank_page() for _ in range(400)])


def many_objects() -> bytes:
    def fill(document):
        document.Root.Pile = pikepdf.Array([document.make_indirect(pikepdf.Dictionary(N=n)) for n in range(70_000)])

    return paper(fill, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def text_bomb() -> bytes:
    facts = PngImagePlugin.PngInfo()
    facts.add_text("x", " " * 80_000_000, zip=True)
    return picture("PNG", (8, 8), pnginfo=facts)


HOSTILE = {
    "nothing.jpg": (lambda: b"", "empty"),
    "picture.svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "kind"),
    "svg with prolog.jpg": (lambda: b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "kind"),
    "page.html": (lambda: b"<!doctype html><script>alert(1)</script>", "kind"),
    "page.jpg": (lambda: b"<html><body onload=alert(1)>", "kind"),
    "html before pdf.pdf": (lambda: b"<script>alert(1)</script>\n" + paper(), "kind"),
    "archive.zip": (zipped, "kind"),
    "letter.docx": (zipped, "kind"),
    "program.exe": (lambda: b"MZ\x90\x00" + b"\0" * 500, "kind"),
    "elf.png": (lambda: b"\x7fELF" + b"\0" * 500, "kind"),
    "script.pdf": (lambda: b"#!/bin/sh\nrm -rf /\n", "kind"),
    "moving.gif": (lambda: picture("GIF"), "kind"),
    "bitmap.bmp": (lambda: picture("BMP"), "kind"),
    "scan.tiff": (lambda: picture("TIFF"), "kind"),
    "icon.ico": (lambda: picture("ICO", (64, 64)), "kind"),
    "postscript.eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run", "kind"),
    "sound named webp.webp": (lambda: b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 30, "kind"),
    "only a head.jpg": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF", "broken"),
    "cut off.jpg": (lambda: picture(quality=95, colour="red")[:900], "broken"),
    "cut off.png": (lambda: picture("PNG")[:200], "broken"),
    "cut off.webp": (lambda: picture("WEBP")[:40], "broken"),
    "no picture.png": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "broken"),
    "20000 x 20000.png": (lambda: png_of(20_000, 20_000), "pixels"),
    "6000 x 6000.png": (lambda: png_of(6_000, 6_000), "pixels"),
    "65000 x 65000 by its head.jpg": (
        lambda: picture().replace(struct.pack(">HH", 600, 800), struct.pack(">HH", 65_000, 65_000)), "pixels"),
    "text that unpacks.png": (text_bomb, "broken"),
    "no paper.pdf": (lambda: b"%PDF-1.7\n" + b"\0" * 200, "broken"),
    "cut off.pdf": (lambda: paper()[:120], "broken"),
    "locked.pdf": (locked, "locked"),
    "locked for the owner.pdf": (locked_for_owner, "locked"),
    "many pages.pdf": (many_pages, "pages"),
    "many objects.pdf": (many_objects, "pages"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_soon_and_by_its_reason(name):
    make, why = HOSTILE[name]
    data, began = make(), time.monotonic()
    with pytest.raises(FileRefused) as refusal:
        files.prepare(name, io.BytesIO(data))
    assert refusal.value.why == why
    assert refusal.value.why in files.REASONS and refusal.value.name == name
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("make", [pdf_bomb, nested_pdf])
def test_a_file_that_eats_memory_ends_its_own_process_and_not_ours(make):
    import resource

    data, before = make(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileRefused) as refusal:
        files.prepare("bomb.pdf", io.BytesIO(data))
    assert refusal.value.why in ("heavy", "broken")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def test_a_file_over_the_limit_is_refused_without_being_read():
    class Watched(io.BytesIO):
        asked = 0

        def read(self, n=-1):
            Watched.asked += 1
            return super().read(n)

    with pytest.raises(FileTooLarge) as refusal:
        files.prepare("big.jpg", Watched(b"\xff\xd8\xff" + b"\0" * 13_400_000))
    assert (refusal.value.size, refusal.value.limit, Watched.asked) == (13_400_003, 12_000_000, 0)


def test_of_a_stream_that_does_not_tell_its_size_no_more_than_the_limit_is_read():
    class Endless:
        given = 0

        def read(self, n):
            self.given += n
            return b"\xff\xd8\xff" + b"\0" * (n - 3)

    stream = Endless()
    with pytest.raises(FileTooLarge):
        files.prepare("endless.jpg", stream)
    assert stream.given == files.LIMIT + 1


def test_a_photo_comes_back_upright_small_and_without_a_trace_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    exif[0x010F] = "Camera of Aino"
    exif.get_ifd(0x8825).update({1: "N", 2: (60.0, 10.0, 0.0), 3: "E", 4: (24.0, 56.0, 0.0)})
    data = picture(size=(4000, 3000), exif=exif, comment=b"secret comment")
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)
    made = files.prepare("IMG 1.JPEG", io.BytesIO(data))
    assert (made.name, made.kind, made.extension) == ("IMG 1.jpg", "image", "jpg")
    assert (made.width, made.height) == (1200, 1600)
    for part, longest in ((made.data, 1600), (made.small, 320)):
        opened = Image.open(io.BytesIO(part))
        assert max(opened.size) == longest and not opened.getexif() and opened.format == "JPEG"
        assert not {"comment", "exif", "icc_profile", "xmp", "photoshop"} & set(opened.info)
        assert b"Aino" not in part and b"secret" not in part and b"GPS" not in part


@pytest.mark.parametrize(
    ("kind", "mode", "extension"),
    [("PNG", "RGB", "jpg"), ("PNG", "RGBA", "png"), ("PNG", "P", "jpg"), ("PNG", "I;16", "jpg"), ("PNG", "1", "jpg"),
     ("PNG", "LA", "png"), ("WEBP", "RGB", "jpg"), ("WEBP", "RGBA", "png"), ("JPEG", "L", "jpg"), ("JPEG", "CMYK", "jpg")],
)  # fmt: skip
def test_every_kind_of_picture_is_taken_and_only_what_shows_through_stays_png(kind, mode, extension):
    made = files.prepare("x", io.BytesIO(picture(kind, mode=mode)))
    assert made.extension == extension and (made.width, made.height) == (800, 600)
    assert Image.open(io.BytesIO(made.data)).format == {"jpg": "JPEG", "png": "PNG"}[extension]


def test_a_progressive_photo_of_a_telephone_is_taken():
    made = files.prepare("x.jpg", io.BytesIO(picture(size=(4624, 3468), progressive=True)))
    assert made.width == 1600


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_rides_along_in_a_picture_is_left_behind(kind):
    rider = b"<script>alert(document.domain)</script>" + zipped()
    made = files.prepare("polyglot.html", io.BytesIO(picture(kind) + rider))
    assert b"<script" not in made.data + made.small and b"PK\x03\x04" not in made.data
    assert made.name == "polyglot.jpg"


def test_a_pdf_comes_back_without_anything_that_runs_sends_or_carries():
    def arm(document):
        name, dictionary = pikepdf.Name, pikepdf.Dictionary
        script = document.make_indirect(dictionary(S=name.JavaScript, JS="app.alert(1)"))
        document.Root.OpenAction = script
        document.Root.AA = dictionary(WC=script)
        document.Root.Names = dictionary(JavaScript=dictionary(Names=pikepdf.Array(["x", script])))
        document.Root.AcroForm = dictionary(Fields=pikepdf.Array([]), XFA=document.make_stream(b"<xfa/>"))
        document.attachments["evil.html"] = b"<script>alert(1)</script>"
        page = document.pages[0].obj
        page.AA = dictionary(O=script)
        deeper = dictionary(S=name.URI, URI="https://example.org", Next=pikepdf.Array([dictionary(S=name.Launch, F="cmd.exe")]))
        link = dictionary(Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 9, 9], A=deeper)
        note = dictionary(Type=name.Annot, Subtype=name.FileAttachment, Rect=[0, 0, 9, 9])
        form = dictionary(
            Type=name.Annot, Subtype=name.Link, Rect=[0, 0, 9, 9], A=dictionary(S=name.SubmitForm, F="https://evil.example")
        )
        page.Annots = pikepdf.Array([link, note, form, document.make_indirect(dictionary(note))])

    made = files.prepare("invoice.pdf", io.BytesIO(paper(arm)))
    with pikepdf.open(io.BytesIO(made.data)) as document:
        plain = io.BytesIO()
        document.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        assert len(document.pages) == 1 and not document.attachments
    for word in (
        b"JavaScript",
        b"app.alert",
        b"Launch",
        b"cmd.exe",
        b"SubmitForm",
        b"evil",
        b"FileAttachment",
        b"XFA",
        b"OpenAction",
    ):
        assert word not in plain.getvalue(), word
    assert b"https://example.org" in plain.getvalue()
    assert (made.kind, made.extension, made.small, made.width) == ("pdf", "pdf", b"", None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\Aino\\photo.JPG", "photo.jpg"),
        ('"; filename=x.html', '"; filename=x.jpg'),
        ("ä€\r\nX:", "ä€ X:.jpg"),
        ("photo\u202egpj.exe", "photogpj.jpg"),
        ("a\x00b\x07c\u200b.png", "abc.jpg"),
        (".htaccess", "file.jpg"),
        ("...", "file.jpg"),
        ("", "file.jpg"),
        ("ж" * 300 + ".jpg", "ж" * 100 + ".jpg"),
        ("\ud800broken.png", "broken.jpg"),
    ],
)
def test_a_name_is_cleaned_and_ends_in_what_the_file_is(given, kept):
    assert files.clean(given, "jpg") == kept
