"""The organisation's settings in words, and what their forms hold."""

import re

from flask import request

from resident.homes import setting
from resident.metering import medium
from resident.money import references

from . import _ladder_words, _money_words, _terms, _typed
from ._locale import _, fmt, languages, ngettext, pgettext
from ._web import reading

ROLES = ("primary", "co_owner", "occupant")
LONGEST_NOTE = 300
# Texts by language.
NOTES = ("invoice_note", "balance_note", "energy_advice", "energy_complaints")
# Whole numbers: the least and the most.
NUMBERS = {
    "unusual_factor": (2, 100),
    "back_date_days": (0, 31),
    "close_after_days": (1, 90),
    "letter_days": (1, 90),
    "retention_years": (1, 15),
    "remind_before": (0, 20),
    "due_after_days": (1, 90),
    "leak_flow": (1, 100),
    "leak_nights": (2, 3),
    **_money_words.NUMBERS,
}


def names() -> dict[str, tuple[str, str]]:
    """name: (what it is called, what it does), in the order of the page."""
    return {**_of_metering(), **_money_words.settings(), **_of_people(), **_of_references()}


def _of_references() -> dict[str, tuple[str, str]]:
    return {
        "reference_form": (
            _("Form of payment references"),
            _("How references are printed in Finland and Estonia. Payments find their account by either form."),
        ),
        "reference_per_invoice": (
            _("References of invoices"),
            _("Whether each account has one reference for good, or each invoice one of its own beside it."),
        ),
        "account_template": (
            _("Account numbers of homes"),
            _(
                "From the contract with the bank, in Poland: 24 places, the bank’s digits and then an X for each place of the "
                "home’s own number. Leave it empty where there is no such contract."
            ),
        ),
        "code_letters": (
            _("Encoding of payment codes"),
            _("How the names in Russian payment codes are written. Ask the bank if its application shows them wrongly."),
        ),
    }


def _of_metering() -> dict[str, tuple[str, str]]:
    return {
        "entry_that_counts": (
            _("Which reading counts"),
            _("When the resident and the staff have both entered a value for the same period."),
        ),
        "late_readings": (_("Late readings"), _("What happens to a reading that is sent after the reading window has closed.")),
        "expired_meter": (_("Meters whose verification has expired"), _("Whether their readings are taken.")),
        "expiry_reminders": (
            _("Reminders of verifications that end"),
            _("When home and staff are told that the verification of a meter ends. With nothing chosen nobody is told."),
        ),
        "house_list_open": (
            _("List of homes open to residents"),
            _("Who has sent readings and who has not, by number of the home, without names."),
        ),
        "unusual_factor": (_("Far from usual"), _("How many times more, or less, than usual a reading must be before we ask.")),
        "unusual_gap": (_("Far from usual: least difference"), _("Smaller differences are never asked about.")),
        "estimate_ladder": (
            _("Estimates of missing readings"),
            _("Step by step: the first one that fits is used. The next true reading settles every estimate."),
        ),
        "loss_shared_by": (
            _("Sharing of the common loss"),
            _("How the difference between the main meter and the homes is shared out in the water balance."),
        ),
        "balance_open": (
            _("Water balance open to residents"),
            _("The figures of the whole building, never those of a home."),
        ),
        "back_date_days": (
            _("Back-dating"),
            _("For how many days of a month a reading may be dated to the last day of the month before."),
        ),
        **_reminders(),
    }


def _of_people() -> dict[str, tuple[str, str]]:
    return {
        "close_after_days": (
            _("Closing of faults"),
            _("After how many days a fault that is done is closed when the resident says nothing."),
        ),
        "leak_flow": (
            _("Possible leaks: least flow"),
            _("How many litres must flow in every hour from one to five at night, where meters are read hourly."),
        ),
        "leak_nights": (
            _("Possible leaks: nights"),
            _("How many nights in a row water must flow before the home and the desk are told: 2 or 3."),
        ),
        "rights": (_("Rights of residents"), _("What each role may do, unless something else was agreed for a single person.")),
        "ways_in": (_("Ways to sign in"), _("What the sign-in page offers. Whoever signs in chooses among them.")),
        "reset_by_mail": (_("New password by e-mail"), _("Whether somebody who forgot the password may set a new one by a link.")),
        "letter_days": (_("Start letters"), _("For how many days the password in a start letter can be used.")),
        "lower_rights": (
            _("Rights after a letter to the home"),
            _("What is open to somebody who came in by such a letter, until the office has checked who they are."),
        ),
        "retention_years": (
            _("Keeping of invoices"),
            _("How many years after the end of their year the invoices of somebody are kept whose data were erased."),
        ),
        "due_after_days": (_("Due days of invoices"), _("How many days after the day of issue an invoice is due.")),
        "billed_behind": (
            _("Month of use that is billed"),
            _("For the first billing period of a building. Later ones follow the period before."),
        ),
        "invoice_note": (_("Text on invoices"), _("What every invoice says below its figures, in its own language.")),
        "balance_note": (_("Note about the balance"), _("What the balance shown to residents does not include.")),
        "energy_advice": (
            _("Advice on saving energy"),
            _("Who gives advice, with web addresses. Shown with the consumption information of each month."),
        ),
        "energy_complaints": (
            _("Complaints about consumption"),
            _("Who settles what the home and the staff cannot: shown with the consumption information of each month."),
        ),
    }


def _reminders() -> dict[str, tuple[str, str]]:
    return {
        "remind_opening": (
            _("Reminder when a reading window opens"),
            _("To those who asked to be reminded, with a link to send the readings."),
        ),
        "remind_before": (
            _("Reminder before a reading window ends"),
            _("How many days before the last day those are reminded whose readings are missing. 0 means never."),
        ),
    }


def choices(name: str) -> dict[str, str]:
    """The values of a setting that is chosen from a list, in words."""
    return {
        "entry_that_counts": {
            "last_accepted": _("The one that was accepted last"),
            "staff_closes": _("The staff’s; after it the resident cannot change the reading"),
        },
        "late_readings": {"refused": _("It is refused"), "kept": _("It is kept for the next period")},
        "expired_meter": {"accepted": _("Readings are taken"), "refused": _("Readings are refused")},
        "house_list_open": {"yes": _("Open to residents"), "no": _("For the staff only")},
        "loss_shared_by": {"equal": _("Equally between the homes"), "area": _("By the area of the homes")},
        "balance_open": {"yes": _("Open to residents"), "no": _("For the staff only")},
        "reference_form": {"national": _("National form"), "rf": _("International form, beginning with RF")},
        "reference_per_invoice": {"yes": _("Each invoice has one of its own"), "no": _("One for good for each account")},
        "code_letters": {"utf-8": "UTF-8", "windows-1251": "windows-1251"},
        "billed_behind": {"yes": _("Use of the month before the billing period"), "no": _("Use of the same month")},
        "remind_opening": {"yes": _("It is sent"), "no": _("It is not sent")},
        "reset_by_mail": {"yes": _("Allowed"), "no": _("Not allowed; the office gives a new start letter")},
    }.get(name) or _money_words.choices(name)


def ticked(name: str) -> dict[str, str]:
    """What a setting that is a list is made of, in words."""
    if name == "lower_rights":
        return _terms.rights()
    if name == "expiry_reminders":
        return {str(n): ngettext("%(n)d month before", "%(n)d months before", n) for n in (12, 6, 3, 1)}
    return {
        "strong": _("Strong identification"),
        "office": _("Registration after a check at the office"),
        "letter": _("Start password on paper"),
        "password": _("Username or e-mail and password"),
        "passkey": pgettext("way to sign in", "Passkey"),
    }


LISTS = ("ways_in", "lower_rights", "expiry_reminders")


def measured(organisation_id: int) -> dict[str, tuple[str, medium.Measured]]:
    """code: (name, unit and usual gap) of the media that an organisation has."""
    with reading() as session:
        there = medium.known(session, organisation_id)
    return {code: (word, there[code]) for code, word in _terms.media(organisation_id).items() if code in there}


def words(name: str, value, organisation_id: int) -> list[str]:
    """A value as lines of text."""
    if choices(name):
        return [choices(name)[_chosen(value)]]
    if name in LISTS:
        return [word for key, word in ticked(name).items() if key in value] or [_("nothing")]
    if name in NUMBERS:
        return [_counted(name, value)]
    if name == "account_template":
        return [value or _("There is none.")]
    if name == "fee_caps":
        return _money_words.caps_told(value)
    if name in ("estimate_ladder", "unusual_gap"):
        return _by_medium(name, value, organisation_id)
    if name == "rights":
        said = {role: _terms.listed_rights(value.get(role, [])) or _("nothing") for role in ROLES}
        return [_("%(role)s: %(rights)s", role=_terms.role(role), rights=rights) for role, rights in said.items()]
    return [_("%(language)s: %(text)s", language=languages().get(code, code), text=text) for code, text in value.items()] or [
        _("No note")
    ]


def _by_medium(name: str, value: dict, organisation_id: int) -> list[str]:
    there = measured(organisation_id)
    if name == "estimate_ladder":
        return _ladder_words.words(value, there)
    return [
        _("%(medium)s: %(amount)s", medium=word, amount=fmt().quantity(value.get(key, kind.gap), kind.measure))
        for key, (word, kind) in there.items()
    ]


def _counted(name: str, value: int) -> str:
    if name == "leak_nights":
        return ngettext("%(n)d night", "%(n)d nights", value)
    if name == "leak_flow":
        return ngettext("%(n)d litre an hour", "%(n)d litres an hour", value)
    if name == "retention_years":
        return ngettext("%(n)d year", "%(n)d years", value)
    if name == "unusual_factor":
        return ngettext("%(n)d time", "%(n)d times", value)
    if name in _money_words.NUMBERS:
        return _money_words.counted(name, value)
    if name == "remind_before" and not value:
        return _("never")
    return ngettext("%(n)d day", "%(n)d days", value)


def _chosen(value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else value


# ---- Forms -----------------------------------------------------------------------------------------------------------


class Refused(Exception):
    """What is wrong with a form that cannot be taken: {id of the field: sentence}."""

    def __init__(self, errors: dict[str, str]):
        super().__init__(errors)
        self.errors = errors


def shown(name: str, value, organisation_id: int) -> dict[str, str]:
    """The form's fields for a value: {id of the field: text}. Ticked boxes are "yes"."""
    if name == "estimate_ladder":
        return _ladder_words.shown(value, measured(organisation_id))
    if name == "unusual_gap":
        return {key: fmt().number(value.get(key, kind.gap)) for key, (_word, kind) in measured(organisation_id).items()}
    if name == "rights":
        return {f"{role}-{right}": "yes" for role, rights in value.items() for right in rights}
    if name == "fee_caps":
        return {"value": _money_words.caps_shown(value)}
    if name in NOTES:
        return dict(value)
    if name in LISTS:
        return dict.fromkeys(value, "yes")
    return {"value": _chosen(value) if choices(name) else str(value)}


def taken(name: str, tongues: list[str], organisation_id: int):
    """The value that the form holds; Refused."""
    if choices(name):
        return _taken_choice(name)
    if name in LISTS:
        return _taken_list(name)
    if name in NUMBERS:
        return _taken_number(*NUMBERS[name])
    own = {
        "account_template": _taken_template,
        "fee_caps": _taken_caps,
        "unusual_gap": lambda: _taken_gaps(organisation_id),
        "estimate_ladder": lambda: _taken_ladder(organisation_id),
    }
    if name in own:
        return own[name]()
    if name == "rights":
        return {role: [right for right in _terms.rights() if request.form.get(f"{role}-{right}")] for role in ROLES}
    return _taken_notes(tongues)


def _taken_choice(name: str):
    given = request.form.get("value", "")
    if given not in choices(name):
        raise Refused({"value": _("Choose one of the answers.")})
    return given == "yes" if setting.KNOWN[name][0] is bool else given


def _taken_list(name: str) -> list[str]:
    found = [key for key in ticked(name) if request.form.get(key)]
    if name == "ways_in" and not found:
        raise Refused({"strong": _("Leave at least one way to sign in open.")})
    return found


def _taken_number(least: int, most: int) -> int:
    given = request.form.get("value", "").strip()
    if not re.fullmatch(r"[0-9]{1,4}", given) or not least <= int(given) <= most:
        told = _("This must be a whole number from %(least)d to %(most)d. Write it in figures.", least=least, most=most)
        raise Refused({"value": told})
    return int(given)


def _taken_template() -> str:
    given = re.sub(r"\s", "", request.form.get("value", "")).upper()
    if given and not references.is_template(given):
        told = _("The template has 24 places: at the least 8 digits, and then at the least two times X, as in 12401234XXXX.")
        raise Refused({"value": told})
    return given


def _taken_caps() -> list:
    found = _money_words.caps_taken(request.form.get("value", "")[:2000])
    if found is None:
        told = _("Write a line for each cap: what is overdue up to, a space, and the cap. The last line may be a cap alone.")
        raise Refused({"value": told})
    return found


def _taken_ladder(organisation_id: int) -> dict:
    value, errors = _ladder_words.taken(measured(organisation_id))
    if errors:
        raise Refused(errors)
    return value


def _taken_gaps(organisation_id: int) -> dict[str, int]:
    """Amounts with at most three decimals, comma or point, in millionths."""
    found, errors = {}, {}
    for key, word in _terms.media(organisation_id).items():
        try:
            amount = _typed.quantity(request.form, key, whole=6, decimals=3)
        except ValueError:
            amount = None
        if amount is not None:
            found[key] = amount
        else:
            errors[key] = _("The amount for %(medium)s is a number such as 1 or 2.5. Write it in figures.", medium=word)
    if errors:
        raise Refused(errors)
    return found


def _taken_notes(tongues: list[str]) -> dict[str, str]:
    found = {code: " ".join(request.form.get(code, "").replace("\x00", "").split()) for code in tongues}
    long = ngettext(
        "The note can have at most %(n)d character. Shorten it.",
        "The note can have at most %(n)d characters. Shorten it.",
        LONGEST_NOTE,
    )
    errors = {code: long for code, text in found.items() if len(text) > LONGEST_NOTE}
    if errors:
        raise Refused(errors)
    return {code: text for code, text in found.items() if text}
