"""Billing in words: the steps of a period, what each does and whether it can be undone, and why one cannot be done."""

from collections.abc import Callable
from typing import NamedTuple

from resident.charging import allocating, charges, confirming, correcting, costs, invoicing, separate, steps, taking_back, working
from resident.errors import ResidentError
from resident.metering import estimating, putting_right
from resident.money import period as periods

from . import _settlement_words, _terms
from ._locale import _, fmt, ngettext, pgettext


class Step(NamedTuple):
    """button: what is done; does: what comes of it; undo: whether it can be taken back."""

    button: str
    does: str
    undo: str


def step(name: str) -> Step:
    return {
        "open": Step(
            _("Open the period"),
            _("Costs can be entered then. Nothing is worked out yet and nobody is told."),
            _("It can be taken back until the costs are shared out."),
        ),
        "allocate": Step(
            _("Share out the costs"),
            _(
                "What nobody read is estimated, and a draft of every invoice is made. Residents see nothing of the drafts. "
                "Readings and costs of the period can no longer be changed."
            ),
            _("It can be taken back: the drafts are thrown away, the estimates stay."),
        ),
        "confirm": Step(
            _("Confirm and number the invoices"),
            _("The drafts become invoices with numbers, what they ask for is booked, and residents see them at once."),
            _(
                "It can be taken back only until an invoice has been delivered or paid. The invoices are void then and keep "
                "their numbers."
            ),
        ),
        "close": Step(
            _("Close the period"),
            _("The period is marked as finished. Its invoices stay as they are."),
            _("It can be taken back: a closed period can be opened again."),
        ),
        "unopen": Step(_("Back to planned"), _("The period is planned again. Costs that were entered stay."), ""),
        "unallocate": Step(
            _("Throw the drafts away"),
            _("The drafts are deleted, and costs and readings can be changed again. Estimates stay."),
            "",
        ),
        "unconfirm": Step(
            _("Make the invoices void"),
            _(
                "Every invoice of the period becomes void and keeps its number, what was booked is reversed, and the drafts "
                "come back. The next confirmation takes new numbers."
            ),
            "",
        ),
        "reopen": Step(_("Reopen the period"), _("The period is confirmed again, no longer closed."), ""),
    }[name]


def state(name: str) -> tuple[str, str]:
    """(word, class of .tag) of a period's state."""
    return {
        "planned": (pgettext("billing period", "Planned"), ""),
        "open": (pgettext("billing period", "Open"), "work"),
        "allocated": (pgettext("billing period", "Costs shared out"), "got"),
        "confirmed": (pgettext("billing period", "Confirmed"), "done"),
        "closed": (pgettext("billing period", "Closed"), "shut"),
    }[name]


def done(name: str, count: int) -> str:
    """What is said when a step went well; count: of drafts or invoices."""
    return {
        "open": _("The period is open."),
        "allocate": ngettext("The costs are shared out: %(n)d draft.", "The costs are shared out: %(n)d drafts.", count),
        "confirm": ngettext("Confirmed: %(n)d invoice has its number.", "Confirmed: %(n)d invoices have their numbers.", count),
        "close": _("The period is closed."),
        "unopen": _("The period is planned again."),
        "unallocate": _("The drafts are thrown away. The period is open again."),
        "unconfirm": ngettext(
            "%(n)d invoice is void. The drafts are back.", "%(n)d invoices are void. The drafts are back.", count
        ),
        "reopen": _("The period is confirmed again."),
    }[name]


# ---- Why something cannot be done --------------------------------------------------------------------------------------


def tried(field: str, verb: Callable[[], object]) -> dict[str, str]:
    """What is wrong when a verb of billing is called: its refusal at a field, or nothing."""
    try:
        verb()
    except ResidentError as error:
        return {field: told(error)}
    return []


def told(error) -> str:
    """A refusal of billing as a sentence, with what must be done first."""
    for sentences in (_of_steps, _of_delivery, _of_working, _of_costs, _of_charges, _of_readings, _of_corrections):
        said = sentences(error)
        if said:
            return said
    raise error


def _of_steps(error) -> str | None:
    facts = error.facts
    if isinstance(error, periods.BadPeriodName):
        return _("Choose a month from the list.")
    month = fmt().month(facts["name"]) if facts.get("name") else ""
    if isinstance(error, steps.WrongState):
        first = facts["first"]
        if first:
            return _(
                "This cannot be done yet: the period is “%(state)s”. First: %(step)s.",
                state=state(facts["state"])[0], step=step(first).button,
            )  # fmt: skip
        return _("The period is “%(state)s” already. Look at what stands here now.", state=state(facts["state"])[0])
    if isinstance(error, steps.EarlierFirst):
        return _("The period %(month)s comes before this one and is not confirmed yet. Confirm that one first.", month=month)
    if isinstance(error, steps.LaterStands):
        return _("The later period %(month)s is shared out already. Take that one back first.", month=month)
    if isinstance(error, periods.PeriodExists):
        return _("The building has a period %(month)s already.", month=month)
    if isinstance(error, periods.UseOverlaps):
        return _("Some of these days of use belong to the period %(month)s already. Choose other days.", month=month)
    return None


def _of_delivery(error) -> str | None:
    facts = error.facts
    if isinstance(error, taking_back.AlreadyDelivered):
        return ngettext(
            "%(n)d invoice has been delivered, so the period is not taken back. Correct single lines instead.",
            "%(n)d invoices have been delivered, so the period is not taken back. Correct single lines instead.",
            facts["invoices"],
        )
    if isinstance(error, taking_back.AlreadyPaid):
        return ngettext(
            "Money has come for %(n)d invoice, so the period is not taken back. Correct single lines instead.",
            "Money has come for %(n)d invoices, so the period is not taken back. Correct single lines instead.",
            facts["invoices"],
        )
    if isinstance(error, taking_back.AlreadyCorrected):
        return ngettext(
            "%(n)d correction belongs to these invoices. Withdraw it first.",
            "%(n)d corrections belong to these invoices. Withdraw them first.",
            facts["corrections"],
        )
    if isinstance(error, taking_back.NotOurs):
        return _("The invoices of this period were not made here, so there is nothing to take back.")
    return None


def _of_working(error) -> str | None:
    facts = error.facts
    if isinstance(error, allocating.UseUnknown):
        rows = [f"{number}: {_terms.medium_name(medium)} {serial}" for number, medium, serial, _why in facts["registers"][:5]]
        return ngettext(
            "%(n)d meter was not read and cannot be estimated: %(meters)s. Enter its reading first.",
            "%(n)d meters were not read and cannot be estimated: %(meters)s. Enter their readings first.",
            len(facts["registers"]), meters=", ".join(rows),
        )  # fmt: skip
    if isinstance(error, working.NobodyPays):
        return _(
            "No home has a basis for %(charge)s, so nobody would pay its cost. Enter what it is divided by, or remove the cost.",
            charge=facts["code"],
        )
    if isinstance(error, working.CostNotInUse):
        return ngettext(
            "A charge with a cost is not in use in this period: %(charges)s. Change its days or remove the cost.",
            "Charges with costs are not in use in this period: %(charges)s. Change their days or remove the costs.",
            len(facts["codes"]), charges=", ".join(facts["codes"]),
        )  # fmt: skip
    if isinstance(error, estimating.NotOver):
        return _(
            "Readings are missing, and they can still be sent until %(day)s. Enter them, close the reading window, or wait.",
            day=fmt().date(facts["last"]),
        )
    if isinstance(error, invoicing.DueBeforeIssue):
        return _("The due day is before the day of the invoice, %(day)s. Choose a later one.", day=fmt().date(facts["issued"]))
    return None


def _of_costs(error) -> str | None:
    facts = error.facts
    if isinstance(error, costs.CostsShared | estimating.CostsShared):
        return _("The costs of this period are shared out. Throw the drafts away first, then change them.")
    if isinstance(error, costs.CostsSettled):
        return _(
            "Some of these months are settled already: %(months)s.", months=_settlement_words.span(facts["first"], facts["last"])
        )
    if isinstance(error, costs.NotDivided):
        return _("The charge %(charge)s does not divide a cost, so none can be entered for it.", charge=facts["code"])
    if isinstance(error, costs.CostEntered):
        return _("The document %(document)s stands in this period already for the same charge.", document=facts["document"])
    return None


def _of_charges(error) -> str | None:
    facts = error.facts
    if isinstance(error, charges.CodeTaken):
        return _("The code %(code)s is taken. Choose another.", code=facts["code"])
    if isinstance(error, charges.ChargeUsed):
        return _("Invoices were made by this charge, so how it is worked out stays. End it and add another.")
    if isinstance(error, charges.DaysBilled):
        return _(
            "The costs of %(month)s are shared out already. Choose %(day)s or a later day.",
            month=fmt().month(facts["name"]), day=fmt().date(facts["first"]),
        )  # fmt: skip
    if isinstance(error, charges.BadPrice):
        return _("This value cannot be used here. Write a number in figures.")
    if isinstance(error, charges.BadCharge):
        return _bad_charge(facts["field"], facts["why"])
    return None


def _bad_charge(field: str, why: str) -> str:
    return {
        ("code", "missing"): _("The code is missing. Write a short one, for example HEAT."),
        ("name", "missing"): _("The name is missing. Write what the invoice is to say."),
        ("media", "missing"): _("Choose at least one medium whose use counts."),
        ("key", "together"): _("A cost needs a basis. Choose any but “Once for each home and period”."),
        ("last", "together"): _("The last day is before the first. Choose a later one."),
    }.get((field, why)) or _("Choose one from the list.")


def _of_readings(error) -> str | None:
    if not isinstance(error, putting_right.NotPutRight):
        return None
    facts = error.facts
    if facts["why"] == "open":
        return _("This period is not billed yet: enter the reading in the usual way.")
    if facts["why"] == "same":
        return _("The counter stands at this value already. Nothing was changed.")
    known = {"day": fmt().date(facts["day"]), "value": fmt().quantity(facts["value"], facts["measure"], facts["decimals"])}
    if facts["why"] == "below":
        return _(
            "The counter showed more before: %(value)s on %(day)s. Write at least that, or put that reading right first.", **known
        )
    return _("The counter showed less later: %(value)s on %(day)s. Write at most that, or put that reading right first.", **known)


def _of_corrections(error) -> str | None:
    if isinstance(error, correcting.NotCorrectable):
        return {
            "foreign": _("Another program made this invoice, so it is corrected there."),
            "void": _("The invoice is void, so there is nothing to correct."),
            "correction": _("This line is a correction itself. Correct the line that it belongs to."),
            "moved": _("This correction comes from days that changed hands. To withdraw it, change the days of the tenure."),
        }[error.facts["why"]]
    if isinstance(error, correcting.NoChange):
        return _("This comes to nothing. Write by how much the line was wrong.")
    if isinstance(error, correcting.NoTariff):
        return _("The line has no unit price. Write the sum instead.")
    if isinstance(error, correcting.InDraft):
        return _("The costs of this period are shared out. Throw the drafts away first, then change them.")
    if isinstance(error, correcting.Carried | confirming.CarriedElsewhere):
        return _("An invoice carries this correction already, so it stays.")
    if isinstance(error, separate.NoPrice):
        return _("The charge %(charge)s has no price on this day. Enter one.", charge=error.facts["code"])
    if isinstance(error, separate.NothingHeld):
        return _("The tenure holds no home, so nobody would get this invoice.")
    return None
