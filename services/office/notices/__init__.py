"""Notices to one addressee: number, case, stage, term and a link; no personal data. Office alone knows addresses."""
