"""Rows of persons, and of their parts in tenures. A person is known by the organisation's own key, or else by name and
e-mail, and only ever inside the organisation: that somebody of that name is known elsewhere cannot be learnt here."""

from datetime import date

from sqlalchemy import select

from .. import clock
from ..people import personal_code
from ..people.identification import PersonalCode
from ..people.person import Person, remembered, search_key
from ..people.tenure import Party, Tenure
from .codes import parts
from .registering import Registering
from .staging import day
from .tenure_rows import Tenures

_COLUMNS = ("name", "kind", "email", "phone", "language", "invoice_language", "invoice_paper", "invoice_email", "non_disclosure")
# Two persons who cannot be told apart.
SEVERAL = object()


class Expected:
    """Personal codes of the organisation's persons, as marks (codes.py)."""

    def __init__(self, run: Registering):
        self.run = run
        self._holders: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[int, str], int] = {}
        self._kept: set[int] = set()
        if "personal_code" in run.stage.given.get("persons", ()):
            columns = select(PersonalCode.id, PersonalCode.person_id, PersonalCode.country, PersonalCode.key_id, PersonalCode.hmac)
            for id, person, country, key_id, digest in run.session.execute(
                columns.where(PersonalCode.organisation_id == run.organisation.id)
            ):
                self._holders[key_id, digest] = person
                self._rows[person, country] = id
            self._kept = set(run.session.scalars(personal_code.kept_from(run.session, run.organisation.id, run.by)))

    def refused(self, row, person: int) -> bool:
        """Has somebody else the code of the row, or is it not the importer's to record? Then the row is told."""
        if not row["personal_code"]:
            return False
        holder = self._holders.get(parts(row["personal_code"])[1:])
        if holder == person:
            return False
        if holder is None and person not in self._kept:
            return False
        self.run.trouble("persons", row, "personal_code", "CodeTaken" if holder else "CodeOfAPost")
        return True

    def put(self, row, person: int) -> bool:
        """Expect the person under the row's code from now on; an earlier one of the same country is replaced. Is it new?"""
        if not row["personal_code"]:
            return False
        country, key_id, digest = parts(row["personal_code"])
        if (key_id, digest) in self._holders:
            return False
        self._holders[key_id, digest] = person
        values = {"key_id": key_id, "hmac": digest, "at": clock.now()}
        known = self._rows.get((person, country))
        if known:
            self.run.change(PersonalCode, known, **values)
        else:
            place = {"organisation_id": self.run.organisation.id, "person_id": person, "country": country}
            self.run.insert(PersonalCode, **place, **values)
        return True


class Persons:
    """Persons of the organisation by key, and by (folded name, e-mail)."""

    def __init__(self, run: Registering):
        self.run = run
        self.by_key: dict[str, int] = {}
        self.by_name: dict[tuple[str, str], object] = {}
        self._known: dict[int, tuple] = {}
        # Name, and language of the invoices, of each: an invoice is made out with them.
        self.addressed: dict[int, tuple[str, str | None]] = {}
        self._expected = Expected(run)
        columns = [getattr(Person, name) for name in (*_COLUMNS, "email_before", "email_changed_at")]
        rows = select(Person.id, Person.external_key, Person.version, *columns).where(Person.organisation_id == run.organisation.id)
        for id, key, version, *values in run.session.execute(rows):
            self._known[id] = (version, *values)
            self._enter(id, key, values[0], values[2])
            self.addressed[id] = (values[0], values[5] or values[4])

    def _enter(self, id: int, key: str | None, name: str, email: str | None) -> None:
        if key:
            self.by_key[key] = id
        words = _words(name, email)
        self.by_name[words] = id if self.by_name.get(words, id) == id else SEVERAL

    def read(self) -> None:
        run, seen, renamed, came = self.run, {}, {}, False
        for row in run.rows("persons"):
            key = row["person"] or _words(row["name"], row["email"])
            if key in seen:
                run.trouble(
                    "persons",
                    row,
                    "person",
                    "Doubled" if row["person"] else "PersonDoubled",
                    key=row["person"] or row["name"],
                    row=seen[key],
                )
                continue
            seen[key] = row["row"]
            id = self._found(row)
            if not self._languages_known(row):
                # Known all the same: its parties are in no trouble of their own.
                if id is None:
                    self._enter(run.id(Person), row["person"], row["name"], row["email"])
                continue
            if id is SEVERAL:
                run.trouble("persons", row, "name", "SeveralPersons", key=row["name"])
            elif id is not None and id in self._known:
                self._keep(id, row, renamed)
            else:
                came = True
                self._make(row)
        run.flush()
        if run.writing and (came or renamed):
            run.into.reindex(run.organisation.id, renamed)

    def _found(self, row) -> object:
        if row["person"]:
            return self.by_key.get(row["person"])
        return self.by_name.get(_words(row["name"], row["email"]))

    def _languages_known(self, row) -> bool:
        good = True
        for column in ("language", "invoice_language"):
            if row[column] and row[column].lower() not in self.run.languages:
                self.run.trouble("persons", row, column, "LanguageNotServed", key=row[column], languages=self.run.languages)
                good = False
        return good

    def _make(self, row) -> None:
        id = self.run.id(Person)
        self._enter(id, row["person"], row["name"], row["email"])
        if row["bad"] or self._expected.refused(row, id):
            return
        self.run.count("persons", "new")
        values = _values(row)
        values |= {"kind": values["kind"] or "natural"}
        values |= {name: bool(values[name]) for name in ("invoice_paper", "invoice_email", "non_disclosure")}
        key = search_key(row["name"])
        # Rows go in together, so each has the same columns.
        values |= remembered(None, None, None) if values["email"] else {"email_before": None, "email_changed_at": None}
        self.addressed[id] = (values["name"], values["invoice_language"] or values["language"])
        self.run.insert(
            Person, id=id, organisation_id=self.run.organisation.id, external_key=row["person"], search_key=key, version=1, **values
        )
        self._expected.put(row, id)

    def _keep(self, id: int, row, renamed: dict) -> None:
        """renamed: gets the words by which the person is searched, when they changed."""
        version, *known, before, moved_at = self._known[id]
        old = dict(zip(_COLUMNS, known, strict=True))
        changed = {name: value for name, value in _values(row).items() if value is not None and value != old[name]}
        if self._expected.refused(row, id):
            return
        coded = self._expected.put(row, id)
        self.run.count("persons", "changed" if changed or coded else "unchanged")
        if "name" in changed:
            changed["search_key"] = search_key(changed["name"])
        if "email" in changed:
            # As whatever staff enter: nobody has checked whose it is, and another address was confirmed, not this one.
            changed |= remembered(old["email"], before, moved_at) | {"email_confirmed_at": None, "email_wanted": None}
        if changed:
            self.run.change(Person, id, **changed, version=version + 1)
        self._enter(id, row["person"], row["name"], row["email"])
        now = old | changed
        self.addressed[id] = (now["name"], now["invoice_language"] or now["language"])
        if "name" in changed or "email" in changed:
            renamed[id] = (now["name"], search_key(now["name"]), now["email"])

    def person(self, row) -> int | None:
        """Whom a row names by key, or by name and e-mail; None when nobody, which the row is then told."""
        run = self.run
        if row["person"]:
            id = self.by_key.get(row["person"])
            if id is None:
                run.trouble("parties", row, "person", "Unknown", key=row["person"], sheet="persons")
            return id
        if not row["name"]:
            run.trouble("parties", row, "person", "PersonMissing")
            return None
        id = self.by_name.get(_words(row["name"], row["email"]))
        if id is None:
            run.trouble("parties", row, "name", "Unknown", key=row["name"], sheet="persons")
        elif id is SEVERAL:
            run.trouble("parties", row, "name", "SeveralPersons", key=row["name"])
        return None if id is SEVERAL else id


def _words(name: str, email: str | None) -> tuple[str, str]:
    return search_key(name), (email or "").casefold()


def _values(row) -> dict:
    flags = {name: None if row[name] is None else bool(row[name]) for name in ("invoice_paper", "invoice_email", "non_disclosure")}
    languages = {name: row[name] and row[name].lower() for name in ("language", "invoice_language")}
    return {"name": row["name"], "kind": row["person_kind"], "email": row["email"], "phone": row["phone"], **languages, **flags}


class Parties:
    """Who is in which tenure, known by (tenure, person, role, first day)."""

    def __init__(self, run: Registering, tenures: Tenures, persons: Persons):
        self.run, self.tenures, self.persons = run, tenures, persons
        rows = (
            select(Party.id, Party.tenure_id, Party.person_id, Party.role, Party.first, Party.last)
            .join(Tenure, Tenure.id == Party.tenure_id)
            .where(Tenure.organisation_id == run.organisation.id)
        )
        self._known: dict[tuple, tuple[int, date | None]] = {}
        # Days of primary persons by tenure: an invoice is made out to one of them (rule 28).
        self.primary: dict[int, list[tuple[date, date | None, int]]] = {}
        for id, tenure_id, person_id, role, first, last in run.session.execute(rows):
            self._known[tenure_id, person_id, role, first] = (id, last)
            self._note(tenure_id, person_id, role, first, last)

    def _note(self, tenure_id: int, person_id: int, role: str, first: date, last: date | None) -> None:
        if role == "primary":
            self.primary.setdefault(tenure_id, []).append((first, last, person_id))

    def read(self) -> None:
        seen = {}
        for row in self.run.rows("parties"):
            if row["bad"]:
                continue
            tenure_id = self.tenures.tenure("parties", row)
            person_id = self.persons.person(row)
            if tenure_id is not None and person_id is not None:
                self._party(row, tenure_id, person_id, seen)
        self.run.flush()

    def _party(self, row, tenure_id: int, person_id: int, seen: dict) -> None:
        run = self.run
        _, _, first, last = self.tenures.days[tenure_id]
        key = (tenure_id, person_id, row["role"], day(row["first"]) or first)
        if key in seen:
            run.trouble("parties", row, "person", "Doubled", key=row["person"] or row["name"], row=seen[key])
            return
        seen[key] = row["row"]
        ends = day(row["last"])
        if key[3] < first or (last and key[3] > last) or (ends and last and ends > last):
            run.trouble(
                "parties", row, "first" if row["first"] else "last", "OutsideTenure", first=str(first), last=last and str(last)
            )
        elif ends and ends < key[3]:
            run.trouble("parties", row, "last", "EndsBeforeBegin")
        elif key in self._known:
            id, old = self._known[key]
            run.keep("parties", Party, id, {"last": old}, {"last": ends})
        else:
            run.count("parties", "new")
            run.insert(Party, tenure_id=tenure_id, person_id=person_id, role=row["role"], rights=None, first=key[3], last=ends)
            self._note(tenure_id, person_id, row["role"], key[3], ends)

    def addressee(self, tenure_id: int, on: date) -> int | None:
        """The primary person of a tenure on a day; else whoever was the last before it, or the first after."""
        found = sorted(self.primary.get(tenure_id, ()), key=lambda party: party[0])
        for first, last, person_id in found:
            if first <= on and (last is None or last >= on):
                return person_id
        before = [person_id for first, _, person_id in found if first <= on]
        return before[-1] if before else found[0][2] if found else None
