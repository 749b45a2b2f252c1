"""Dated settings of an organisation: their names, kinds and defaults, in one list."""

import hashlib
import json
from datetime import date
from functools import lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import plain
from ..errors import BadSetting, ResidentError, Stale
from .advice import ADVICE, COMPLAINTS
from .organisation import Organisation, OrganisationSetting, lock_organisation

FIRST_DAY = date(1900, 1, 1)

_OWNER = ["readings", "invoices", "talk", "household"]
_PRIMARY = [*_OWNER, "agreement"]
_UNUSUAL_GAP = {
    "cold_water": 1_000_000,
    "hot_water": 1_000_000,
    "gas": 3_000_000,
    "electricity": 30_000_000,
    "heating": 30_000_000,
}

# Rule 11: rungs in order (metering/ladder.py), n months of the average, so many estimates in a row before the norm alone is
# left, norms for a person and month in millionths; expired: whether meters are estimated whose readings are refused because
# their verification expired. Russia: ПП 354 п. 59, 60, 81(12); each region sets norms of its own, these are Moscow's.
_LADDER = {
    "rungs": ["last", "average", "norm"], "months": 6, "most": 6, "expired": False,
    "norms": {"cold_water": 3_000_000, "hot_water": 2_000_000},
}  # fmt: skip
_LADDER_RU = {
    "rungs": ["average", "norm"], "months": 6, "most": 3, "expired": True,
    "norms": {"cold_water": 6_935_000, "hot_water": 4_745_000},
}  # fmt: skip

WAYS = ("strong", "office", "letter", "password", "passkey")

# name: (choices or type, default, defaults by country)
KNOWN = {
    # Rule 1: which entry counts when staff and the resident both entered a value.
    "entry_that_counts": (("staff_closes", "last_accepted"), "last_accepted", {"RU": "staff_closes"}),
    # Rule 4: a reading after the window.
    "late_readings": (("refused", "kept"), "refused", {}),
    # Rule 12: a meter whose verification has expired.
    "expired_meter": (("accepted", "refused"), "accepted", {"RU": "refused"}),
    # Months before a meter's verification ends at which home and desk are told (rule 12), as text: what lists are made of.
    "expiry_reminders": (list, ["6", "1"], {}),
    # Rule 43: the house's list of who has submitted, for residents.
    "house_list_open": (bool, False, {"RU": True}),
    # Far from usual (rule 13): factors over the 12-month median of daily use, and the least gap by medium in
    # millionths of its unit, per billing period.
    "unusual_factor": (int, 3, {}),
    "unusual_gap": (dict, _UNUSUAL_GAP, {}),
    # Rule 11: what is put where a reading is missing.
    "estimate_ladder": (dict, _LADDER, {"RU": _LADDER_RU}),
    # Rule 14: how the common loss is shared between the homes, and whether residents see the balance of their house.
    "loss_shared_by": (("equal", "area"), "area", {}),
    "balance_open": (bool, False, {}),
    # An entry in the first days of a month may be dated to the last day of the month before (rule 3).
    "back_date_days": (int, 5, {}),
    # Reminders of readings (K5): when a window opens, and so many days before its last; 0 for none then.
    "remind_opening": (bool, True, {}),
    "remind_before": (int, 2, {}),
    # Done becomes closed when the resident says nothing for so many days (rule 44).
    "close_after_days": (int, 8, {}),
    # Water that flows in every hour of the night, so many litres at least, so many nights in a row, may be a leak.
    # Of 88 homes with hourly counters 19 mails came of it in a year, to 12 homes.
    "leak_flow": (int, 1, {}),
    "leak_nights": (int, 3, {}),
    # Rights of each role, before what the single party overrides (K3, H2).
    "rights": (
        dict,
        {"primary": _PRIMARY, "co_owner": _OWNER, "occupant": ["readings", "talk"]},
        {"EE": {"primary": _PRIMARY, "co_owner": _OWNER, "occupant": ["readings", "invoices", "talk"]}},
    ),
    # The ways in that an organisation offers (L1, L2, S1); "strong" also wants a provider (see identification.py).
    "ways_in": (list, list(WAYS), {}),
    # Host names under which an organisation has its own sign-in page; RESIDENT_HOSTS must let them in.
    "hosts": (list, [], {}),
    # A new password by mail (S10), for whom a way with a password is open.
    "reset_by_mail": (bool, True, {}),
    # How long a start letter is good for, in days (S06).
    "letter_days": (int, 14, {}),
    # What a letter to the home opens until the identity was checked (rule 41).
    "lower_rights": (list, ["readings", "talk"], {}),
    # How long invoices are kept after their year when everything else about a person was erased (rule 38), in years:
    # kirjanpitolaki 2:10 §, raamatupidamise seadus § 12, ustawa o rachunkowości art. 74, 402-ФЗ ст. 29.
    "retention_years": (int, 6, {"FI": 6, "EE": 7, "PL": 5, "RU": 5}),
    # What the balance does not include (S4), by language: {"pl": "…"}.
    "balance_note": (dict, {}, {}),
    # In the consumption information (EED annex IX 3): who advises on saving energy, and where one complains; by language.
    "energy_advice": (dict, {}, ADVICE),
    "energy_complaints": (dict, {}, COMPLAINTS),
    # Due days of invoices: so many days after the day of issue, unless whoever confirms says otherwise.
    "due_after_days": (int, 14, {}),
    # Rule 3: what a period bills is the use of the month before; as a building's last period did, where it has one.
    "billed_behind": (bool, True, {}),
    # What every invoice says beside its figures, by language.
    "invoice_note": (dict, {}, {}),
    # Order in which a payment settles what is open, where the payer names nothing (rule 33; money/order.py). Estonia: VÕS § 88
    # and Riigikohus 3-2-1-117-12 allow principal first; Russia: a penalty (пени) comes after what it is for, ГК ст. 319.
    "payment_order": (
        ("oldest_due", "costs_interest_principal", "principal_first"),
        "oldest_due",
        {"EE": "principal_first", "RU": "principal_first"},
    ),
    # Late interest (rule 34; money/interest.py): whether any is charged; days of the year in the reckoning of countries with a
    # yearly rate; how many days after it was posted interest falls due.
    "interest_charged": (bool, True, {}),
    "interest_year": (("365", "360"), "365", {}),
    "interest_due_days": (int, 14, {}),
    # Rule 36: a due day on which banks are closed moves to the next working day (money/holiday.py).
    "holiday_rule": (bool, True, {"RU": False}),
    # Friendly reminders of what is to be paid, by mail: so many days before the due day and after it; 0 for none.
    "pay_remind_before": (int, 0, {}),
    "pay_remind_after": (int, 7, {}),
    # How much collection may cost in all: [[claims up to, at most]] in minor units, None for all above; none: no cap.
    # Estonia: VÕS § 113² lg 3. Finland: laki saatavien perinnästä 10 d §, as the desk enters it.
    "fee_caps": (list, [], {"EE": [[50_000, 3_000], [100_000, 4_000], [None, 5_000]]}),
    # The formal demand: days from its writing to its due day.
    "demand_days": (int, 14, {}),
    # References (rule 31): the form that invoices print where there are two, whether each invoice has one of its own, and
    # the Polish bank's template of account numbers (money/references.py).
    "reference_form": (("national", "rf"), "national", {}),
    "reference_per_invoice": (bool, False, {}),
    "account_template": (str, "", {}),
    # The letters in a Russian payment code (GOST R 56042-2014).
    "code_letters": (("utf-8", "windows-1251"), "utf-8", {}),
}


def invoice_notes(values: dict) -> tuple[dict, ...]:
    """Of settings in force: what invoices say beside their figures, texts by language."""
    return values["invoice_note"], values["balance_note"]


# Asked on every page of readings: the plain table, without the ORM's part.
_setting = OrganisationSetting.__table__.c
_IN_FORCE = (
    select(_setting.name, _setting.value)
    .where(_setting.organisation_id == bindparam("organisation"), _setting.first <= bindparam("day"))
    .order_by(_setting.first)
)


def default(name: str, country: str):
    _, value, by_country = KNOWN[name]
    return by_country.get(country, value)


@lru_cache(maxsize=32)
def _defaults(country: str) -> dict:
    return {name: default(name, country) for name in KNOWN}


def in_force(session: Session, organisation_id: int, country: str, day: date) -> dict:
    """All settings of an organisation on a day, defaults included."""
    values = dict(_defaults(country))
    values.update(plain(session, _IN_FORCE, {"organisation": organisation_id, "day": day}).all())
    return values


def put(session: Session, organisation_id: int, name: str, value, first: date = FIRST_DAY) -> None:
    """Let a setting hold from a day. BadSetting(name, why) when the value is not of its kind."""
    kind = KNOWN[name][0]
    fits = value in kind if isinstance(kind, tuple) else isinstance(value, kind)
    if not fits:
        raise BadSetting(name=name, why="kind")
    row = session.scalar(
        select(OrganisationSetting).where(
            OrganisationSetting.organisation_id == organisation_id,
            OrganisationSetting.name == name,
            OrganisationSetting.first == first,
        )
    )
    if row is None:
        session.add(OrganisationSetting(organisation_id=organisation_id, name=name, first=first, value=value))
    else:
        row.value = value
    session.flush()


def at_host(session: Session, host: str) -> Organisation | None:
    """The organisation whose own host name this is, as of today."""
    rows = session.execute(
        select(Organisation, OrganisationSetting.first, OrganisationSetting.value)
        .join(OrganisationSetting, OrganisationSetting.organisation_id == Organisation.id)
        .where(OrganisationSetting.name == "hosts")
        .order_by(OrganisationSetting.first)
    )
    found = {row.id: (row, value) for row, first, value in rows if first <= clock.today(row.tz)}
    return next((row for row, value in found.values() if host in value), None)


class HostTaken(ResidentError):
    """A host name leads to another organisation already: host."""


def give_hosts(session: Session, organisation: Organisation, names) -> None:
    """Let an organisation's own sign-in page answer at these host names. HostTaken."""
    names = [name.lower() for name in names]
    for name in names:
        other = at_host(session, name)
        if other is not None and other.id != organisation.id:
            raise HostTaken(host=name)
    put(session, organisation.id, "hosts", names)
    facts = {"name": "hosts", "first": FIRST_DAY.isoformat()}
    audit.record(session, "setting_changed", organisation_id=organisation.id, thing=organisation, facts=facts)


# ---- Changing by the desk --------------------------------------------------------------------------------------------


class DayPassed(ResidentError):
    """A setting cannot be changed for days that have passed: bills and readings of those days stand on it."""


def timeline(session: Session, organisation_id: int, country: str, day: date) -> dict[str, list[tuple[date | None, object]]]:
    """name: [(first day, value)], what is in force on a day first, then what is to come. None: from the beginning."""
    rows = session.execute(
        select(OrganisationSetting.name, OrganisationSetting.first, OrganisationSetting.value)
        .where(OrganisationSetting.organisation_id == organisation_id)
        .order_by(OrganisationSetting.first)
    ).all()
    found = {}
    for name in KNOWN:
        past = [(row.first if row.first > FIRST_DAY else None, row.value) for row in rows if row.name == name and row.first <= day]
        now = past[-1] if past else (None, default(name, country))
        found[name] = [now, *((row.first, row.value) for row in rows if row.name == name and row.first > day)]
    return found


def change(session: Session, organisation: Organisation, name: str, value, first: date, seen, *, by, today: date) -> None:
    """Let a setting hold from a day that has not passed. seen: the values that the form was drawn from (timeline()[name]);
    Stale when others hold by now (S47). DayPassed, BadSetting."""
    if first < today:
        raise DayPassed()
    lock_organisation(session, organisation.id)
    if digest(timeline(session, organisation.id, organisation.country, today)[name]) != seen:
        raise Stale()
    put(session, organisation.id, name, value, first)
    facts = {"name": name, "first": first.isoformat()}
    audit.record(session, "setting_changed", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)


def digest(values) -> str:
    """A short mark of what a form was drawn from."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]
