"""排序 + 研究决定 + 意见征询 + 绩效评价.

Owns: evaluations by rule, ranks, meetings and decisions, consultations, final lists, refilled seats.
Publishes: ``ranking.list.fixed``, ``ranking.seat.filled``, its stages, notices, bundle parts and audit entries.
Consumes: ``submission.case.amended`` (a case falls or comes back), ``publication.objection.ruled`` (an upheld
objection opens a seat), and what every service takes in.
"""
