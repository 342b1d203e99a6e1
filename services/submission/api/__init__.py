"""JSON API of submission: filing for enterprises, screening for the office."""

from fastapi import APIRouter

from services.submission.api import applications, enterprises, evidence, imports, intake, screening

routers: tuple[APIRouter, ...] = (
    enterprises.router,
    applications.router,
    evidence.router,
    screening.router,
    intake.router,
    imports.router,
)
