"""What ranking's pages draw, decided before the template sees it."""

from services.ranking.views.agenda import agenda_of
from services.ranking.views.consultation import consultation_view
from services.ranking.views.evaluation import evaluation_view
from services.ranking.views.stage import stage_view

__all__ = ["agenda_of", "consultation_view", "evaluation_view", "stage_view"]
