"""Entry of the publication service: ``python -m services.publication <role>…``."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.templating import Jinja2Templates

from services.publication import store
from services.publication.activities import PublicationActivities
from services.publication.api import objections, postings, releases, votes
from services.publication.consumers import consumers
from services.publication.pages import forms, manage, public
from services.publication.site.environment import public_environment
from services.publication.site.rendering import run_renderer
from services.publication.tables import metadata
from services.publication.workflows import Call, Publicity, PublicVote, Release
from shared.infra.service import Service
from shared.infra.tables import Stage
from shared.rulebook import StageKind
from shared.rulebook.stages import PublicityParams
from shared.web.process import Parts, main
from shared.web.refusal_page import make_refusal_renderer


def minimum(stage: Stage) -> int | None:
    """The lawful minimum of a publicity's term, which an advance never shortens."""
    found = store.rules_of(stage).stage(StageKind(stage.kind))
    params = found.params if found else None
    return params.term.minimum or params.term.length if isinstance(params, PublicityParams) else None


def install(app: FastAPI, service: Service) -> None:
    """Templates, and how a refusal looks to people."""
    templates = Jinja2Templates(env=public_environment(service))
    app.state.templates = templates
    app.state.render_refusal = make_refusal_renderer(templates, service.database, base_template="public_base.html")


PARTS = Parts(
    name="publication",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=[
        postings.router,
        objections.router,
        releases.router,
        votes.router,
        manage.router,
        forms.router,
        public.router,
    ],
    workflows=[Call, Publicity, PublicVote, Release],
    activities=PublicationActivities,
    interests=consumers,
    minimum=minimum,
    install=install,
    on_start=(run_renderer,),
)

if __name__ == "__main__":
    main(PARTS)
