"""The whole policy of seeing: by person, tenure and day; by post, organisation, building and day.

What a viewer may not see does not exist for it: visible_* are the statements that everything else builds on (rule 39).
Who the viewer is and what its posts allow: identity.py; how far it reaches, as conditions: reaching.py. Days are those of the
organisation's time zone. Whoever asks takes all of it from here.
"""

from ..identity import ANSWERS, POSTS, Actor, Controller, Duty, Home, Viewer, home_label
from .buildings import (
    building_choices,
    visible_agreement_files,
    visible_buildings,
    visible_handovers,
    visible_invitations,
    visible_parties,
    visible_tenures,
    visible_units,
)
from .meters import (
    own_device_keys,
    own_slips,
    visible_any_meters,
    visible_feed_runs,
    visible_feeds,
    visible_held_slips,
    visible_leaks,
    visible_media,
    visible_pending_readings,
    visible_readings,
    visible_receipts,
    visible_slips,
    visible_windows,
)
from .money import (
    visible_bank_accounts,
    visible_bank_credits,
    visible_bank_csvs,
    visible_bank_files,
    visible_charges,
    visible_costs,
    visible_intents,
    visible_invoices,
    visible_payout_accounts,
    visible_periods,
    visible_print_runs,
)
from .persons import (
    governing_duties,
    may_see_contacts,
    own_persons,
    visible_audit,
    visible_copies,
    visible_entrants,
    visible_erasures,
    visible_imports,
    visible_mandates,
    visible_persons,
    visible_posts,
    visible_representations,
)
from .reaching import (
    answered_threads,
    common_cases,
    covered,
    covered_accounts,
    desk_cases,
    disclosed_to,
    homes_with,
    media,
    own_cases,
    own_intents,
    own_invoices,
    own_threads,
    reach,
    reach_accounts,
    reach_meters,
    reach_persons,
    reach_prints,
    whole_duties,
)
from .talk import (
    answers_thread,
    may_see_reporter,
    visible_attachments,
    visible_cases,
    visible_events,
    visible_threads,
    writing_duties,
)

__all__ = [
    "ANSWERS", "POSTS", "Actor", "Controller", "Duty", "Home", "Viewer", "home_label", "answered_threads", "answers_thread",
    "building_choices", "common_cases", "covered", "covered_accounts", "desk_cases", "disclosed_to", "governing_duties",
    "homes_with", "may_see_contacts", "may_see_reporter", "media", "own_cases", "own_device_keys", "own_intents", "own_invoices",
    "own_persons", "own_slips", "own_threads", "reach", "reach_accounts", "reach_meters", "reach_persons", "reach_prints",
    "visible_agreement_files", "visible_any_meters", "visible_attachments", "visible_audit", "visible_bank_accounts",
    "visible_bank_credits", "visible_bank_csvs", "visible_bank_files", "visible_buildings", "visible_cases", "visible_charges",
    "visible_copies", "visible_costs", "visible_entrants", "visible_erasures", "visible_events", "visible_feed_runs",
    "visible_feeds", "visible_handovers", "visible_held_slips", "visible_imports", "visible_intents", "visible_invitations",
    "visible_invoices", "visible_leaks", "visible_mandates", "visible_media", "visible_parties", "visible_payout_accounts",
    "visible_pending_readings", "visible_periods", "visible_persons", "visible_posts", "visible_print_runs", "visible_readings",
    "visible_receipts", "visible_representations", "visible_slips", "visible_tenures", "visible_threads", "visible_units",
    "visible_windows", "whole_duties", "writing_duties",
]  # fmt: skip
