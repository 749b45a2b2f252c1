"""Files from systems of remote reading at the desk: what their columns mean, files sent by hand, and what became of each."""

from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, abort, g, request, url_for
from sqlalchemy import select

from resident import access, drop_folder
from resident.errors import Stale
from resident.homes.organisation import Organisation
from resident.metering import feed_ending, feed_example, feed_file, feed_journal, feed_mapping, feed_setup, feeds_told
from resident.metering.feed import Feed, FeedRun
from resident.metering.feed_file import FileRefused

from .. import _feed_words, _terms
from .._gate import staff
from .._locale import _
from .._security import takes_files
from .._typed import whole
from .._uploads import sent
from .._web import close, database, done, first_sending, one_or_404, page, reading, refused, remember, require, session, settings
from . import _feed_form, _organisation

bp = Blueprint("desk_feeds", __name__, url_prefix="/desk/feeds")
ROWS = 20


def data_dir() -> Path:
    return settings().data_dir


@bp.get("")
@staff("readings")
def index():
    return page(
        "desk/feeds/index.html",
        title=_("Remote readings"),
        organisations=_by_id("readings"),
        **_listed(),
        medium_name=_terms.medium_name,
        instant=_feed_words.instant,
        changed=feeds_told.changed(session, g.viewer),
        may_set=bool(access.whole_duties(g.viewer, "settings")),
    )


def _listed() -> dict:
    """Feeds in use or not yet, and archived ones: (feed, its newest run)."""
    rows = session.execute(feeds_told.with_last_run(access.visible_feeds(g.viewer))).all()
    archived = [row for row in rows if row.FeedRun is not None and not row.Feed.active]
    return {"feeds": [row for row in rows if row not in archived], "archived": archived}


# ---- Setting up ------------------------------------------------------------------------------------------------------


@bp.get("/new")
@staff("settings")
def new():
    return page("desk/feeds/new.html", **_new_facts())


@bp.post("")
@staff("settings")
@takes_files
def create():
    duty = _settings_duty(whole(request.form, "organisation") or abort(404))
    name = request.form.get("name", "").replace("\x00", "")
    with sent("example", feed_journal.new_file(data_dir())) as file:
        try:
            return _made(file.path, duty, name)
        except FileRefused as error:
            return _not_made("example", _feed_words.refusal(error.facts), duty, name)
        except feed_setup.BadName as error:
            return _not_made("name", _name_wrong(error), duty, name)


def _made(example: Path | None, duty: access.Duty, name: str):
    with database().reading() as own:
        known = feed_setup.keys(own, duty.organisation.id)
    if example is None:
        return _not_made("example", _("Choose a file as your system writes them."), duty, name)
    proposed = feed_example.propose(example, feed_file.WEB, duty.organisation.country, known)
    if again := first_sending(g.viewer.login_id):
        return again
    feed = feed_setup.make(session, duty.organisation.id, name, proposed.mapping, by=g.viewer.as_staff(duty))
    feed_setup.keep_example(data_dir(), feed, example)
    to = url_for(".mapping", id=feed.id)
    remember(to)
    return done(None, to=to)


@bp.get("/<int:id>/mapping")
@staff("settings")
def mapping(id: int):
    feed = _feed(id, "settings")
    return page("desk/feeds/mapping.html", **_mapping_facts(feed, feed_mapping.of(feed.mapping)))


@bp.post("/<int:id>/mapping")
@staff("settings")
def change(id: int):
    feed = _looked_at(id, "settings")
    old, path = feed_mapping.of(feed.mapping), feed_setup.example(data_dir(), feed)
    name, seen = request.form.get("name", "").replace("\x00", ""), whole(request.form, "version") or 0
    try:
        chosen = _feed_form.taken(old, _words(path, old), _head(path, old))
    except feed_mapping.BadMapping as error:
        field = "offset" if error.part == "zone" and request.form.get("zone") == "fixed" else error.part
        return _not_changed(feed, old, {field: _feed_form.wrong(error.part)}, typed=request.form.to_dict(), name=name)
    if request.form.get("act") == "look":
        return page("desk/feeds/mapping.html", **_mapping_facts(feed, chosen, name=name, version=seen, tried=True))
    feed, by = _feed(id, "settings"), g.viewer.as_staff(_settings_duty(feed.organisation_id))
    try:
        feed_setup.change(session, feed, name, chosen, "active" in request.form, seen, by=by)
    except feed_setup.BadName as error:
        return _not_changed(feed, chosen, {"name": _name_wrong(error)}, name=name)
    except Stale:
        told = _("Somebody changed this while you were looking. Save again to replace it.")
        return _not_changed(feed, chosen, {"name": told}, 409, name=name, version=feed.version)
    return done(None, to=url_for(".show", id=id), say=_("Saved. It holds from the next file on."))


@bp.post("/<int:id>/example")
@staff("settings")
@takes_files
def renew(id: int):
    """Another example, and with it another proposal of what the columns mean; nothing holds until that is saved."""
    feed = _looked_at(id, "settings")
    with sent("example", feed_journal.new_file(data_dir())) as file:
        try:
            if file.path is None:
                sentence = _("Choose a file as your system writes them.")
                return _not_changed(feed, feed_mapping.of(feed.mapping), {"example": sentence})
            proposed = _proposed(feed, file.path)
        except FileRefused as error:
            return _not_changed(feed, feed_mapping.of(feed.mapping), {"example": _feed_words.refusal(error.facts)})
        feed_setup.keep_example(data_dir(), feed, file.path)
        return page("desk/feeds/mapping.html", **_mapping_facts(feed, proposed))


def _proposed(feed: Feed, example: Path) -> feed_mapping.Mapping:
    with database().reading() as own:
        country = own.get_one(Organisation, feed.organisation_id).country
        known = feed_setup.keys(own, feed.organisation_id)
    return replace(feed_example.propose(example, feed_file.WEB, country, known).mapping, medium=feed.mapping.get("medium", ""))


# ---- The end of one --------------------------------------------------------------------------------------------------


@bp.get("/<int:id>/end")
@staff("settings")
def ending(id: int):
    return page("desk/feeds/end.html", **_ending_facts(_feed(id, "settings")))


@bp.post("/<int:id>/end")
@staff("settings")
def end(id: int):
    feed, keep = _feed(id, "settings"), request.form.get("keep") == "1"
    by = g.viewer.as_staff(_settings_duty(feed.organisation_id))
    try:
        left = feed_ending.end(session, feed, keep, whole(request.form, "version") or 0, by=by)
    except feed_ending.UnderWay:
        return _not_ended(id, _("A file is being read. Wait until that has ended."))
    except Stale:
        return _not_ended(id, _("Something was changed or a file has come meanwhile. Look again before you end it."))
    answer = done(None, to=url_for(".index"), say=_("The feed is archived.") if keep else _("The feed is removed."))
    feed_ending.clear(data_dir(), left)
    return answer


def _not_ended(id: int, sentence: str):
    close()
    return refused("desk/feeds/end.html", status=409, **_ending_facts(_feed(id, "settings")) | {"errors": {"end": sentence}})


def _ending_facts(feed: Feed) -> dict:
    keep = feed_ending.brought(session, feed)
    title = _("Archive these remote readings") if keep else _("Remove these remote readings")
    return {"title": title, "feed": feed, "keep": keep}


# ---- Files -----------------------------------------------------------------------------------------------------------


@bp.get("/<int:id>")
@staff("readings")
def show(id: int):
    return page("desk/feeds/feed.html", **_feed_facts(_feed(id)))


@bp.post("/<int:id>/runs")
@staff("readings")
@takes_files
def send(id: int):
    with sent("file", feed_journal.new_file(data_dir())) as file:
        feed = _looked_at(id)
        if file.path is None:
            return _not_sent(feed, _("Choose a file."))
        if file.path.stat().st_size > feed_file.WEB.file:
            return _not_sent(feed, _feed_words.refusal({"why": "large", "limit": feed_file.WEB.file}))
        digest = drop_folder.digest(file.path)
        if again := first_sending(g.viewer.login_id):
            return again
        if feed_journal.under_way(session, feed.organisation_id) >= feed_journal.MOST:
            return _not_sent(feed, _("Several files are waiting already. Send this one when one of them has been read."), 429)
        duty = _organisation.of(access.whole_duties(g.viewer, "readings"), feed.organisation_id)
        run = feed_journal.begin(session, feed, file.path, file.name, digest, by=g.viewer.as_staff(duty))
        to = url_for(".run", id=run.id)
        remember(to)
        answer = done(None, to=to)
        file.enters()
        return answer


@bp.get("/runs/<int:id>")
@staff("readings")
def run(id: int):
    found, feed, organisation = _run(id)
    return page(
        "desk/feeds/run.html",
        part="desk/feeds/_run.html",
        title=_("File of remote readings"),
        feed=feed,
        run=found,
        organisation=organisation,
        words=_feed_words,
        failed=feed_journal.failed_rows(data_dir(), found) is not None,
    )


@bp.get("/runs/<int:id>/rows")
@staff("readings")
def rows(id: int):
    """The rows that came back, with the reasons in the reader's language, to be mended and sent again as they are."""
    found, feed, organisation = _run(id)
    there = feed_journal.failed_rows(data_dir(), found) or abort(404)
    delimiter = feed_mapping.of(feed.mapping).delimiter
    answer = Response("".join(_feed_words.given_back(there, delimiter, organisation.tz)), mimetype="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"rows-{found.id}.csv")
    answer.cache_control.no_store = True
    return answer


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _feed(id: int, ability: str = "readings") -> Feed:
    feed = one_or_404(access.visible_feeds(g.viewer).where(Feed.id == id))
    require(_may(ability, feed.organisation_id))
    return feed


def _looked_at(id: int, ability: str = "readings") -> Feed:
    """The same before anything is written: files are looked at without keeping others from writing."""
    with reading() as own:
        feed = own.execute(access.visible_feeds(g.viewer).where(Feed.id == id)).scalar_one_or_none() or abort(404)
    require(_may(ability, feed.organisation_id))
    return feed


def _run(id: int) -> tuple[FeedRun, Feed, Organisation]:
    found = one_or_404(access.visible_feed_runs(g.viewer).where(FeedRun.id == id))
    feed = session.get_one(Feed, found.feed_id)
    return found, feed, session.get_one(Organisation, feed.organisation_id)


def _may(ability: str, organisation_id: int) -> bool:
    return _organisation.within(access.whole_duties(g.viewer, ability), organisation_id)


def _settings_duty(organisation_id: int) -> access.Duty:
    return _organisation.of(access.whole_duties(g.viewer, "settings"), organisation_id)


def _by_id(ability: str) -> dict[int, access.Controller]:
    return {one.id: one for one in _organisation.each(access.whole_duties(g.viewer, ability))}


def _name_wrong(error: feed_setup.BadName) -> str:
    return _("Give it a name.") if error.why == "missing" else _("There is one of this name already.")


def _new_facts(**typed) -> dict:
    first = _organisation.of(access.whole_duties(g.viewer, "settings")).organisation
    typed = {"organisation": first.id, "name": ""} | typed
    return {"title": _("Set up remote readings"), "organisations": _by_id("settings"), "typed": typed,
            "limit": feed_file.WEB.file}  # fmt: skip


def _not_made(field: str, sentence: str, duty: access.Duty, name: str):
    close()
    facts = _new_facts(organisation=duty.organisation.id, name=name) | {"errors": {field: sentence}}
    return refused("desk/feeds/new.html", **facts)


def _feed_facts(feed: Feed) -> dict:
    listed = select(FeedRun).where(FeedRun.feed_id == feed.id)
    after = whole(request.args, "after")
    if after:
        listed = listed.where(FeedRun.id < after)
    runs = session.scalars(listed.order_by(FeedRun.id.desc()).limit(ROWS + 1)).all()
    organisation = session.get_one(Organisation, feed.organisation_id)
    return {
        "title": feed.name,
        "feed": feed,
        "organisation": organisation,
        "folder": f"feeds/{organisation.slug}/{feed.slug}/",
        "runs": runs[:ROWS],
        "archived": not feed.active and bool(runs or after),
        "older": runs[ROWS - 1].id if len(runs) > ROWS else None,
        "may_set": _may("settings", organisation.id),
        "limit": feed_file.WEB.file,
    }


def _not_sent(feed: Feed, sentence: str, status: int = 422):
    close()
    return refused("desk/feeds/feed.html", status=status, **_feed_facts(feed) | {"errors": {"file": sentence}})


def _head(path: Path, mapping: feed_mapping.Mapping) -> list:
    try:
        return feed_setup.head(path, mapping) if path.is_file() else []
    except FileRefused:
        return []


def _words(path: Path, mapping: feed_mapping.Mapping) -> list[str]:
    try:
        return feed_setup.words_of(path, mapping) if path.is_file() else sorted(mapping.registers)
    except FileRefused:
        return sorted(mapping.registers)


def _mapping_facts(feed: Feed, mapping, *, name=None, version=None, tried=False, typed=None) -> dict:
    path, rows, preview, outcome, trouble = feed_setup.example(data_dir(), feed), [], [], None, None
    with reading() as own:
        organisation = own.get_one(Organisation, feed.organisation_id)
        if path.is_file():
            try:
                rows = feed_setup.head(path, mapping)
                preview = feed_setup.preview(own, feed, path, mapping)
                outcome = feed_setup.try_out(database(), feed, path, mapping) if tried else None
            except FileRefused as error:
                trouble = _feed_words.refusal(error.facts)
        homes = feeds_told.homes(own, organisation, [one.register for one in preview if one.register])
        names = feeds_told.register_names(own, feed.organisation_id)
    words = _words(path, mapping)
    return {
        "title": _("What the columns mean"), "feed": feed, "organisation": organisation, "mapping": mapping,
        "choices": _feed_form.choices(mapping, rows, organisation), "typed": typed or _feed_form.shown(mapping),
        "name": feed.name if name is None else name, "version": version or feed.version, "words": _feed_words, "preview": preview,
        "falls": feed_setup.falls(preview),
        "medium_name": _terms.medium_name, "instant": _feed_words.instant,
        "outcome": outcome, "trouble": trouble, "homes": homes, "counted": feed_setup.COUNTED,
        "register_words": [(place, word, mapping.registers.get(word, "=")) for place, word in enumerate(words)],
        "register_choices": _feed_form.registers(mapping, names), "limit": feed_file.WEB.file,
    }  # fmt: skip


def _not_changed(feed: Feed, mapping, errors: dict, status: int = 422, **given):
    close()
    return refused("desk/feeds/mapping.html", status=status, **_mapping_facts(feed, mapping, **given) | {"errors": errors})
