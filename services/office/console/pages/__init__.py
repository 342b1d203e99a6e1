"""总览, 倒排计划, 变更阶段, 规则, 运行, 总账, 审计: pages for the office, operators and auditors."""

from fastapi import APIRouter

from services.office.console.pages import audit, ledger, operations, overview, planning, rules, stages

router = APIRouter(include_in_schema=False)
for part in (overview, planning, stages, rules, operations, ledger, audit):
    router.include_router(part.router)
