"""JSON API of submission: filing for enterprises, screening for the office."""

from fastapi import APIRouter

from services.submission.api import applications, enterprises, evidence, imports, intake, screening

routers: tuple[APIRouter, ...] = (
    applications.submitting,  # first: before a deadline most requests are for it
    enterprises.router,
    applications.router,
    evidence.router,
    screening.router,
    intake.router,
    imports.router,
)
