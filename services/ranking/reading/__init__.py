"""What people and programs read of ranking; each reader sees only what the role may see."""

from services.ranking.reading.consultations import concern_file, consultations_shown, letter_shown, seats_listed
from services.ranking.reading.heads import stages_shown
from services.ranking.reading.reports import summary, tables
from services.ranking.reading.stability import rankings_examined, sheets_shown, stability_shown
from services.ranking.reading.stages import case_explained, digest_shown, stage_shown

__all__ = [
    "case_explained",
    "concern_file",
    "consultations_shown",
    "digest_shown",
    "letter_shown",
    "rankings_examined",
    "seats_listed",
    "sheets_shown",
    "stability_shown",
    "stage_shown",
    "stages_shown",
    "summary",
    "tables",
]
