"""总览, 倒排计划, 变更阶段, 运行, 总账: pages for the office, operators and auditors."""

from fastapi import APIRouter

from services.office.console.pages import ledger, operations, overview, planning, stages

router = APIRouter(include_in_schema=False)
for part in (overview, planning, stages, operations, ledger):
    router.include_router(part.router)
