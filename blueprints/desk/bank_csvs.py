"""CSVs of banks at the desk: named once, with what their columns mean, looked at on an example."""

from pathlib import Path

from flask import Blueprint, g, request, url_for

from resident import access
from resident.banking import bank_account, csv_mapping, csv_setup, journal, recognising
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCsv
from resident.banking.csv_mapping import COLUMNS, MARKS, CsvMapping
from resident.banking.statement import FileRefused
from resident.errors import Stale

from .. import _bank_words, _feed_words
from .._gate import staff
from .._locale import _
from .._security import takes_files
from .._typed import plain, whole
from .._uploads import sent
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session, settings
from . import _organisation

bp = Blueprint("desk_bank_csvs", __name__, url_prefix="/desk/bank-csvs")
NEW, FORM = "desk/bank_csvs/new.html", "desk/bank_csvs/csv.html"


@bp.get("")
@staff("money")
def index():
    duty = _duty("money")
    found = access.visible_bank_csvs(g.viewer).where(BankCsv.organisation_id == duty.organisation.id).order_by(BankCsv.name)
    return page(
        "desk/bank_csvs/index.html",
        title=_("CSVs of banks"),
        organisation=duty.organisation,
        csvs=list(session.scalars(found)),
        accounts={account.id: account for account in bank_account.of(session, duty.organisation.id)},
        may=_may(duty.organisation.id),
    )


@bp.get("/new")
@staff("billing")
def new():
    return page(NEW, **_new_facts(_duty("billing")))


@bp.post("")
@staff("billing")
@takes_files
def create():
    duty = _duty("billing")
    with sent("example", journal.new_file(settings().data_dir)) as file:
        try:
            return _made(file.path, duty)
        except FileRefused as error:
            return _not_made(duty, "example", _bank_words.refusal(error.facts))
        except csv_setup.BadName as error:
            return _not_made(duty, "name", _name_wrong(error))


def _made(example: Path | None, duty: access.Duty):
    if example is None:
        return _not_made(duty, "example", _("Choose a file as your bank writes them."))
    mapping = csv_setup.propose(example, duty.organisation.country)
    if again := first_sending(g.viewer.login_id):
        return again
    account = _account(duty.organisation.id, whole(request.form, "bank"))
    made = csv_setup.make(session, account, plain(request.form.get("name", "")), mapping, by=g.viewer.as_staff(duty))
    csv_setup.keep_example(settings().data_dir, made, example)
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to)


@bp.get("/<int:id>")
@staff("billing")
def show(id: int):
    csv = _csv(id)
    return page(FORM, **_facts(csv, csv_mapping.of(csv.mapping)))


@bp.post("/<int:id>")
@staff("billing")
def change(id: int):
    csv = _csv(id)
    duty = _duty("billing", csv.organisation_id)
    old, name = csv_mapping.of(csv.mapping), plain(request.form.get("name", ""))
    try:
        chosen = _taken(csv, old)
    except csv_mapping.BadMapping as error:
        return _not_changed(csv, old, {error.part: _wrong(error.part)}, typed=request.form.to_dict(), name=name)
    if request.form.get("act") == "look":
        return page(FORM, **_facts(csv, chosen, name=name))
    try:
        account = _account(csv.organisation_id, whole(request.form, "bank"))
        seen = whole(request.form, "version") or 0
        csv_setup.change(session, csv, name, account, chosen, seen, by=g.viewer.as_staff(duty))
    except csv_setup.BadName as error:
        return _not_changed(csv, chosen, {"name": _name_wrong(error)}, name=name)
    except Stale:
        told = _("Somebody changed this while you were looking. Save again to replace it.")
        return _not_changed(csv, chosen, {"name": told}, 409, name=name)
    return done(None, to=url_for(".show", id=id), say=_("Saved. It holds from the next file on."))


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _csv(id: int) -> BankCsv:
    csv = one_or_404(access.visible_bank_csvs(g.viewer).where(BankCsv.id == id))
    require(_may(csv.organisation_id))
    return csv


def _duty(ability: str, organisation_id: int | None = None) -> access.Duty:
    return _organisation.of(access.whole_duties(g.viewer, ability), organisation_id)


def _may(organisation_id: int) -> bool:
    return _organisation.within(access.whole_duties(g.viewer, "billing"), organisation_id)


def _account(organisation_id: int, id: int | None) -> BankAccount:
    own = access.visible_bank_accounts(g.viewer).where(BankAccount.organisation_id == organisation_id)
    return one_or_404(own.where(BankAccount.id == id))


def _new_facts(duty: access.Duty, **given) -> dict:
    return {
        "title": _("Name a bank’s CSV"),
        "organisation": duty.organisation,
        "accounts": bank_account.of(session, duty.organisation.id, duty.organisation.today),
        "typed": request.form,
        "limit": recognising.WEB,
    } | given


def _not_made(duty: access.Duty, field: str, sentence: str):
    close()
    return refused(NEW, **_new_facts(duty, errors={field: sentence}))


def _facts(csv: BankCsv, mapping: CsvMapping, **given) -> dict:
    path = csv_setup.example(settings().data_dir, csv)
    account, rows, shown, trouble = session.get_one(BankAccount, csv.bank_account_id), [], [], None
    if path.is_file():
        try:
            rows, shown = csv_setup.head(path, mapping), csv_setup.look(path, mapping, account)
        except FileRefused as error:
            trouble = _bank_words.refusal(error.facts)
    organisation = _duty("billing", csv.organisation_id).organisation
    return {
        "title": _("What the columns mean"),
        "csv": csv,
        "organisation": organisation,
        "mapping": mapping,
        "name": csv.name,
        "account": account,
        "accounts": bank_account.of(session, csv.organisation_id),
        "choices": _choices(mapping, rows),
        "typed": _shown(mapping),
        "shown": shown,
        "trouble": trouble,
        "folder": f"bank/{organisation.slug}/{csv.slug}/",
        "words": _bank_words,
    } | given


def _not_changed(csv: BankCsv, mapping: CsvMapping, errors: dict, status: int = 422, **given):
    id = csv.id
    close()
    return refused(FORM, status=status, **_facts(_csv(id), mapping, errors=errors, **given))


def _choices(mapping: CsvMapping, rows: list) -> dict[str, dict]:
    """By field: {value: word}. A column is its number, its name and its first value."""
    first = next((cells for line, cells in rows if line > mapping.skip), [])
    width = max([len(mapping.heading), len(first), 1 + max(mapping.columns.values(), default=0)])
    columns = {}
    for place in range(width):
        words = [cells[place].strip()[:30] for cells in (mapping.heading, first) if place < len(cells) and cells[place].strip()]
        # Translators: a column of a file by its number, then its name and its first value.
        columns[str(place)] = _("%(number)d: %(words)s", number=place + 1, words=" – ".join(words)) if words else str(place + 1)
    optional = {"": _("None")} | columns
    return {
        **{name: columns if name in csv_mapping.REQUIRED else optional for name in COLUMNS},
        "foot_count": optional,
        "foot_sum": optional,
        "order": _bank_words.orders(),
        "decimals": _bank_words.decimals(),
        "encoding": _bank_words.encodings(),
        "delimiter": _feed_words.delimiters(),
    }


def _shown(mapping: CsvMapping) -> dict[str, str]:
    """The fields as the mapping says."""
    places = {name: getattr(mapping, name) for name in (*COLUMNS, "foot_count", "foot_sum", "skip")}
    typed = {name: "" if place is None else str(place) for name, place in places.items()}
    return typed | {name: getattr(mapping, name) for name in ("order", "decimals", "encoding", "delimiter", "foot", *MARKS)}


def _taken(csv: BankCsv, old: CsvMapping) -> CsvMapping:
    """What somebody chose. BadMapping(part)."""
    form, skip = request.form, whole(request.form, "skip")
    texts = {name: form.get(name, getattr(old, name)) for name in ("order", "decimals", "encoding", "delimiter")}
    given = {name: whole(form, name) for name in (*COLUMNS, "foot_count", "foot_sum")}
    words = {name: plain(form.get(name, "")) for name in ("foot", *MARKS)}
    chosen = CsvMapping(**given, **texts, **words, skip=-1 if skip is None else skip)
    csv_mapping.checked(chosen)
    path = csv_setup.example(settings().data_dir, csv)
    heading = old.heading
    if path.is_file():
        try:
            heading = next((cells for line, cells in csv_setup.head(path, chosen) if line == skip), [])
        except FileRefused:
            raise csv_mapping.BadMapping(part="encoding") from None
    return csv_mapping.of(chosen.stored() | {"heading": [" ".join(cell.split()) for cell in heading]})


def _name_wrong(error: csv_setup.BadName) -> str:
    return _("Give it a name.") if error.why == "missing" else _("There is one of this name already.")


def _wrong(part: str) -> str:
    if part in COLUMNS:
        return _("Choose a column, and each column once.")
    return {
        "skip": _("Write how many lines stand before the first value: 0 to 50."),
        "encoding": _("The example cannot be read with these letters."),
        "side_is": _("Choose the column too, and write what stands in it for a payment in, for example C."),
        "row_is": _("Choose the column too, and write what stands in it for a payment."),
        "foot_count": _("Say how the line of totals begins, or choose no column."),
        "foot_sum": _("Say how the line of totals begins, or choose no column."),
    }.get(part, _("Choose one of these."))
