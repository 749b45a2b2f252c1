"""Opens one hostile file in a process of its own, with little memory and time, and writes it anew. Run by files.prepare.

In: the file's bytes on stdin, "image" or "pdf" as the argument. Out: one line of JSON, {"refused": why} or the sizes of
what follows it, then the new file and its thumbnail. Knows nothing of the portal.
"""

import io
import json
import resource
import sys

MEMORY = 640 * 1024 * 1024
SECONDS = 15
LONGEST, SMALL = 1600, 320
# A baseline JPEG is shrunk while it is read; everything else is opened whole, at four bytes a pixel and more.
PIXELS_BASELINE, PIXELS = 120_000_000, 25_000_000
PAGES, OBJECTS = 300, 60_000
FORMATS = ("JPEG", "PNG", "WEBP")
# Actions and annotations that do something else than show a page or open an address.
ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
           "/RichMediaExecute", "/GoTo3DView"}  # fmt: skip
ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
KEYS = ("/AA", "/JS", "/JavaScript", "/EmbeddedFiles", "/EmbeddedFile", "/AF", "/XFA", "/RichMediaContent")


class Refused(Exception):
    """args[0] is the reason, one of files.REASONS."""


def image(data: bytes) -> tuple[dict, bytes, bytes]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS_BASELINE
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        whole = picture.format != "JPEG" or picture.info.get("progressive")
        if picture.width * picture.height > (PIXELS if whole else PIXELS_BASELINE):
            raise Refused("pixels")
        picture.draft("RGB", (LONGEST, LONGEST))
        picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("pixels") from None
    picture = _plain(ImageOps.exif_transpose(picture))
    picture.thumbnail((LONGEST, LONGEST))
    extension, big = _written(picture)
    facts = {"kind": "image", "extension": extension, "width": picture.width, "height": picture.height}
    picture.thumbnail((SMALL, SMALL))
    return facts, big, _written(picture)[1]


def _plain(picture):
    """RGB, or RGBA when something shows through; no palette, no metadata."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        if picture.getextrema()[3][0] < 255:
            return picture
    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    return picture.convert("RGB")


def _written(picture) -> tuple[str, bytes]:
    from PIL import Image

    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    if bare.mode == "RGBA":
        bare.save(out, "PNG", optimize=True)
        return "png", out.getvalue()
    bare.save(out, "JPEG", quality=82, optimize=True, progressive=False)
    return "jpg", out.getvalue()


def pdf(data: bytes) -> tuple[dict, bytes, bytes]:
    import pikepdf

    try:
        document = pikepdf.open(io.BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    with document:
        if document.is_encrypted:
            raise Refused("locked")
        if len(document.objects) > OBJECTS or len(document.pages) > PAGES:
            raise Refused("pages")
        if not len(document.pages):
            raise Refused("broken")
        _tame(document)
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return {"kind": "pdf", "extension": "pdf", "width": None, "height": None}, out.getvalue(), b""


def _tame(document) -> None:
    """Take out what runs, launches, sends or carries other files. What nothing points to is not written again."""
    if "/OpenAction" in document.Root:
        del document.Root["/OpenAction"]
    waiting = [document.Root, *document.objects]
    while waiting:
        thing = waiting.pop()
        waiting.extend(_tamed_children(thing))


def _tamed_children(thing) -> list:
    """Removes what is wild directly below a dictionary or an array; its direct containers still want a look."""
    import pikepdf

    if isinstance(thing, pikepdf.Array):
        for place in reversed(range(len(thing))):
            if _wild(thing[place]):
                del thing[place]
        return [child for child in thing if _container(child)]
    if not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return []
    for key in list(thing.keys()):
        if key in KEYS or _wild(thing[key]):
            del thing[key]
    return [thing[key] for key in list(thing.keys()) if _container(thing[key])]


def _container(value) -> bool:
    import pikepdf

    return isinstance(value, (pikepdf.Array, pikepdf.Dictionary)) and not value.is_indirect


def _wild(value) -> bool:
    import pikepdf

    if not isinstance(value, pikepdf.Dictionary):
        return False
    return str(value.get("/S", "")) in ACTIONS or str(value.get("/Subtype", "")) in ANNOTATIONS


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        facts, big, small = {"image": image, "pdf": pdf}[sys.argv[1]](sys.stdin.buffer.read())
    except Refused as reason:
        facts, big, small = {"refused": reason.args[0]}, b"", b""
    except MemoryError:
        facts, big, small = {"refused": "heavy"}, b"", b""
    except Exception:  # noqa: BLE001 - whatever a decoder trips over, the file is broken
        facts, big, small = {"refused": "broken"}, b"", b""
    head = json.dumps({**facts, "size": len(big), "small": len(small)})
    sys.stdout.buffer.write(head.encode() + b"\n" + big + small)


if __name__ == "__main__":
    main()
