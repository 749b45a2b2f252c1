"""The entry, check and receipt pages of a home's readings, for whoever submits them: signed in, or by a link (B2).

Where the steps lead and what the pages may tell stands in Steps; the pages themselves are the same (templates/readings).
"""

import re
from datetime import date
from typing import NamedTuple

from flask import abort, request

from resident import files
from resident.metering import submission
from resident.metering.submission import Typed

from . import _counters, _uploads, _use, _verdicts
from ._days import Days
from ._drum import drums
from ._locale import _

FIELD, PHOTO = re.compile(r"m[0-9]{1,12}"), re.compile(r"p[0-9]{1,12}")
ENTRY, CHECK = ("readings/index.html", "readings/_entry.html"), ("readings/check.html", "readings/_check.html")


class Steps(NamedTuple):
    """Addresses of the steps, and whose home it is. who: the name that the pages give, "" for none. blind: the pages show
    neither names nor anything of earlier readings (rule 43). at_home: they lead on to the rest of the portal. use: where the
    use beside a counter is worked out while its digits are typed, "" for nowhere."""

    entry: str
    check: str
    edit: str
    send: str
    home: str
    tz: str
    who: str = ""
    blind: bool = False
    at_home: bool = True
    use: str = ""


def typed(given=None) -> dict[int, Typed]:
    """By register id: m… is the black field or the whole value, l… the red one, why… the answer to a question. given: the
    fields by name; those of the request's form."""
    given = request.form if given is None else given
    ids = (int(name[1:]) for name in given if FIELD.fullmatch(name))
    return {id: Typed(given[f"m{id}"][:60], given.get(f"l{id}", "")[:60], given.get(f"why{id}")) for id in ids}


def day() -> date | None:
    """The day that was chosen; None when the field holds none."""
    return Days().optional("day")


def missing(form: submission.Form, said, on: date | None) -> dict[str, str]:
    """What the form lacks as a whole: {id of the field: sentence}."""
    if on is None:
        return {"day": _("Choose the day on which you read the meters.")}
    if said or not form.open:
        return {}
    return {f"m{form.open[0].register_id}": _("Type at least one reading.")}


def entry(form: submission.Form, steps: Steps, given, said=(), lacks: dict | None = None) -> dict:
    """What the entry page shows. given: what was typed; said: verdicts, of which the refused stand at their fields."""
    errors = dict(lacks or {})
    errors |= {f"m{one.counter.register_id}": _verdicts.refused(one) for one in said if one.kind == "refused"}
    return {
        "title": _("Submit readings"),
        "form": form,
        "steps": steps,
        "drums": drums(form, steps.blind),
        "typed": given,
        "errors": errors,
        "good": sum(one.kind != "refused" for one in said) if errors else 0,
        "day": given.get("day") or form.day.isoformat(),
    }


def beside(form: submission.Form) -> dict:
    """What the fragment readings/_use.html shows of the counter that ?counter= names; 404 when it cannot be entered."""
    row = next((row for row in form.open if row.register_id == request.args.get("counter", type=int)), None) or abort(404)
    return _use.beside(form, row, typed().get(row.register_id, Typed()), day())


def to_be_corrected(said, day_: date | None) -> bool:
    """Must what was typed be corrected before it can be checked? Whoever says "partly" goes on with what is good."""
    bad = [one for one in said if one.kind == "refused"]
    return day_ is None or not said or len(bad) == len(said) or (bool(bad) and "partly" not in request.form)


def checked(form: submission.Form, steps: Steps, said, on: date, unanswered: bool = False) -> dict:
    """What the check page shows."""
    ready = [one for one in said if one.kind != "refused"]
    return {
        "title": _("Check and confirm"),
        "form": form,
        "steps": steps,
        "ready": ready,
        "asked": [one for one in ready if one.choices],
        "bad": [one for one in said if one.kind == "refused"],
        "sure": sum(not one.choices for one in ready),
        "day": on,
        "meters": meters([one.counter for one in ready]) if steps.at_home else [],
        "errors": {_why(one): _verdicts.unanswered(one) for one in ready if one.kind == "question" and unanswered},
    }


def meters(rows) -> list[tuple[str, str]]:
    """(name of its control, name) of each meter of these registers, for a photo of its counter."""
    firsts = {}
    for row in rows:
        firsts.setdefault(row.meter_id, row)
    return [(f"p{row.register_id}", _counters.counter(row)) for row in firsts.values()]


def photos() -> tuple[dict[int, files.Prepared], dict[str, str]]:
    """(photos by register, refusals by control) that came with the form. Before the session is touched."""
    return _uploads.photos({name: int(name[1:]) for name in request.files if PHOTO.fullmatch(name)})


def _why(said) -> str:
    return f"why{said.counter.register_id}"


def kept(left) -> dict[str, str]:
    """What was typed and not stored, for the address of the receipt and from there back to the form."""
    found = {}
    for one in left:
        found[f"m{one.counter.register_id}"] = one.typed.black
        if one.typed.red:
            found[f"l{one.counter.register_id}"] = one.typed.red
    return found
