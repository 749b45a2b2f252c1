"""Threads as residents and the desk both show and take them: words, what was typed, the conversation, and its page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import g, make_response, request, url_for
from sqlalchemy import select

from resident import files
from resident.access import Actor, Controller
from resident.homes.organisation import Organisation
from resident.people.person import Person
from resident.talk import messaging
from resident.talk.messaging import SUBJECT, TEXT, Unwritten, checked
from resident.talk.thread import Message, Thread

from . import _terms
from ._locale import _, ngettext, pgettext
from ._typed import plain, whole
from ._uploads import attach, uploads
from ._web import commit, done, first_sending, from_htmx, page, refused, remember, session

_LONGEST = 300


def addressee(kind: str, legal_form: str, provider: str | None = None) -> str:
    """How an addressee is called; a supplier by its name."""
    return (
        provider
        or {
            "customer_service": _("Customer service"),
            "property_manager": _("Board and property manager") if legal_form == "association" else _("Property manager"),
            "rent_control": _("Rent control"),
            "council": _("House council"),
            "provider": _("Supplier"),
        }[kind]
    )


def addressee_of(thread: Thread, organisation: Controller) -> str:
    provider = session.get(Organisation, thread.provider_id).name if thread.provider_id else None
    return addressee(thread.addressee, organisation.legal_form, provider)


def hint(kind: str) -> str:
    """What an addressee is there for."""
    return {
        "customer_service": _("Living in the home, keys, parking, sauna turns and everything else"),
        "property_manager": _("The building, repairs, decisions and documents"),
        "rent_control": _("Rent, invoices, payments and payment plans"),
        "council": _("Matters of the building that residents decide together"),
        "provider": _("The supplier of water, heat or energy, and its meters"),
    }[kind]


# ---- What is typed -------------------------------------------------------------------------------------------------


def typed(name: str) -> str:
    return plain(request.form.get(name, ""))


def unwritten(*names: str) -> dict[str, str]:
    """field: sentence, for what is missing or too long in the given fields of the form."""
    try:
        checked(**{name: typed(name) for name in names})
    except Unwritten as error:
        empty = {"subject": _("Write in a few words what the message is about."), "text": _("Write your message.")}
        most = {"subject": SUBJECT, "text": TEXT}
        return {name: empty[name] if why == "empty" else too_long(most[name]) for name, why in error.fields.items()}
    return {}


def too_long(most: int) -> str:
    return ngettext(
        "This is longer than %(n)d character. Shorten it, or send the rest in another message.",
        "This is longer than %(n)d characters. Shorten it, or send the rest in another message.",
        most,
    )


# ---- The conversation ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A message as one side sees it. mine: of the viewer's own side; new: the first that the viewer has not seen."""

    id: int
    mine: bool
    who: str
    role: str
    text: str
    at: datetime
    files: list
    new: bool
    newest: bool


def conversation(thread: Thread, at_desk: bool, hidden: bool = False) -> list[Line]:
    """Oldest first, with what was sent along. Two SELECTs. hidden: the resident's name shows to nobody here."""
    rows = session.execute(
        select(Message, Person.name)
        .join(Person, Person.id == Message.person_id)
        .where(Message.thread_id == thread.id)
        .order_by(Message.id.desc())
        .limit(_LONGEST)
    ).all()[::-1]
    attached = files.of_messages(session, [message.id for message, _name in rows])
    seen = thread.seen_by_staff if at_desk else thread.seen_by_resident
    first = next((message.id for message, _name in rows if message.id > seen and message.by_staff != at_desk), None)
    return [
        Line(
            id=message.id,
            mine=message.by_staff == at_desk,
            who=_who(message, name, hidden),
            role=_part(message, at_desk),
            text=message.text,
            at=message.at,
            files=attached.get(message.id, []),
            new=message.id == first,
            newest=message.id == thread.last_id,
        )
        for message, name in rows
    ]


def _part(message: Message, at_desk: bool) -> str:
    if message.by_staff:
        return _terms.post(message.role)
    return pgettext("writer of a message", "Resident") if at_desk else ""


def _who(message: Message, name: str, hidden: bool) -> str:
    own = {duty.person_id for duty in g.viewer.duties} if message.by_staff else {home.actor_id for home in g.viewer.homes}
    if message.person_id in own:
        return _("You")
    return _("Name not shown") if hidden and not message.by_staff else name


# ---- The page of a thread ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """A thread's page as one side has it: shown, answered, marked as seen.

    folder: of its templates; thread: finds one that the viewer may see, or answers 404; by: as whom the viewer writes in
    it; facts: what only this side's page shows.
    """

    folder: str
    thread: Callable[[int], Thread]
    by: Callable[[Thread], Actor]
    facts: Callable[[Thread], dict]

    def show(self, id: int):
        return page(self._page, part=self._part, **self._shown(self.thread(id)))

    def answer(self, id: int):
        prepared, refusals = uploads()
        errors = unwritten("text") | refusals
        if not errors and (again := first_sending(g.viewer.login_id)):
            return again
        thread = self.thread(id)
        if errors:
            return refused(self._page, part=self._part, **self._shown(thread, errors))
        message = messaging.answer(session, thread, typed("text"), by=self.by(thread))
        attach(prepared, thread.organisation_id, message_id=message.id)
        to = url_for(".show", id=id)
        remember(to)
        commit()
        anew = self._shown(self.thread(id), fresh=message.id) if from_htmx() else {}
        return done(self._part, to=to, say=_("Your message is sent."), **anew)

    def see(self, id: int):
        thread = self.thread(id)
        messaging.mark_seen(session, thread, whole(request.form, "up_to") or 0, by=self.by(thread))
        if not from_htmx():
            return done(None, to=url_for(".show", id=id))
        commit()
        return make_response("", 200)

    @property
    def _page(self) -> str:
        return f"{self.folder}/thread.html"

    @property
    def _part(self) -> str:
        return f"{self.folder}/_thread.html"

    def _shown(self, thread: Thread, errors: dict | None = None, fresh: int | None = None) -> dict:
        """Everything that the page shows. fresh: the message that was sent just now."""
        return self.facts(thread) | {
            "title": thread.subject,
            "thread": thread,
            "text": typed("text") if errors else "",
            "fresh": fresh,
            "errors": errors or {},
        }
