"""Submission 申报与初审: enterprises, applications, evidence, targets, intake, nominations, screening, rectification,
investigations, and the answer which cases still stand.

Publishes: ``submission.application.accepted|withdrawn``, ``submission.case.decided|amended``, its stages, notices.
Consumes: cycles and confirmed enterprises of office, and every service's stages for 'where is my case'.
"""
