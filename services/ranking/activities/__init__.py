"""Temporal activities of ranking: thin calls of actions and reads."""

from services.ranking.activities.consultation import ConsultationActivities
from services.ranking.activities.decision import DecisionActivities
from services.ranking.activities.evaluation import EvaluationActivities
from services.ranking.activities.receiving import StageActivities

__all__ = ["ConsultationActivities", "DecisionActivities", "EvaluationActivities", "StageActivities"]
