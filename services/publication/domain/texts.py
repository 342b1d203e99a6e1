"""The words of calls and notices, composed from the rulebook; what is posted is exactly this text."""

from collections.abc import Sequence

from shared.contracts.subjects import CaseSubject
from shared.rulebook import Category, Rulebook, StageKind, Term
from shared.rulebook.stages import ApplicationWindowParams, PublicityParams

CONTACT = "也可以书面向办公室提出，异议应署真实姓名并附联系方式和依据。"


def titled(year: int, category_name: str) -> str:
    """The category with its year, such as 2026年度青岛榜样企业; names that begin with 年度 keep one of them."""
    return f"{year}{'' if category_name.startswith('年度') else '年度'}{category_name}"


def call_text(rulebook: Rulebook, category: Category, year: int, *, rehearsal: bool) -> str:
    """The call of a category (公告): what, who may enter, how long, under which articles."""
    lines = [
        f"{_mark(rehearsal)}{rulebook.short_title}：{titled(year, category.name)}启动公告",
        "",
        f"依据《{rulebook.title}》{category.article}，现启动{titled(year, category.name)}工作。",
        f"一、参评范围：{'；'.join(category.who_may_enter)}。",
        f"二、名额：{_quota(category)}。",
        f"三、申报期限：{_window(category)}。",
        f"四、程序：{'、'.join(stage.title for stage in category.stages)}。",
    ]
    if category.evidence:
        needed = [kind.label for kind in category.evidence if kind.required]
        lines.append(f"五、证明材料：{'；'.join(needed) or '见申报书'}。")
    return "\n".join([*lines, "", rulebook.issuer])


def notice_text(
    rulebook: Rulebook, category: Category, year: int, subjects: Sequence[tuple[str, CaseSubject]], supplement: int,
    *, rehearsal: bool,
) -> str:  # fmt: skip
    """The notice of a list (公示): the entries by case number, for how long, and how to object."""
    stage = category.stage(StageKind.PUBLICITY)
    article = stage.article if stage else category.article
    term = publicity_term(category)
    extra = f"（增补第{supplement}次）" if supplement else ""
    lines = [
        f"{_mark(rehearsal)}{rulebook.short_title}：{titled(year, category.name)}{extra}公示",
        "",
        f"依据《{rulebook.title}》{article}，现将拟发布名单予以公示（排名不分先后）：",
        *[
            f"{place}. {subject.full_name}"
            for place, (_, subject) in enumerate(sorted(subjects, key=lambda s: s[0]), 1)
        ],
        "",
        f"公示期为{term.words()}，自公示发布次日起算，至最后一个工作日24时止。",
        f"公示期内对名单有异议的，可在公示页面提出；{CONTACT}",
        "",
        rulebook.issuer,
    ]
    return "\n".join(lines)


def termination_text(rulebook: Rulebook, category: Category, year: int, reason: str, *, rehearsal: bool) -> str:
    """The notice that a category ends without a list (终止公告), with its reason."""
    lines = [
        f"{_mark(rehearsal)}{rulebook.short_title}：{titled(year, category.name)}终止公告",
        "",
        f"{titled(year, category.name)}工作自本公告发布之日起终止，不再产生名单。已提交的材料按规定保存。",
        f"理由：{reason}",
        "",
        rulebook.issuer,
    ]
    return "\n".join(lines)


def publicity_term(category: Category) -> Term:
    """The term of the category's publicity stage; a category without one has no such term."""
    stage = category.stage(StageKind.PUBLICITY)
    if stage is None or not isinstance(stage.params, PublicityParams):
        raise LookupError(f"category {category.key} has no publicity stage")
    return stage.params.term


def _window(category: Category) -> str:
    stage = category.stage(StageKind.APPLICATION_WINDOW)
    if stage is None or not isinstance(stage.params, ApplicationWindowParams):
        return "本项目不接受自行申报，由办公室按规定的数据产生"
    return f"{stage.params.term.words()}，自公告发布次日起算，至最后一个工作日24时止"


def _quota(category: Category) -> str:
    return f"{category.quota.count}{category.quota.unit}" if category.quota.count else "不设名额"


def _mark(rehearsal: bool) -> str:
    return "【演练】" if rehearsal else ""


REVOCATIONS = {"withdrawn": "发布后撤回", "disqualified": "发布后取消资格"}
"""Why an entry was revoked after its release, in public words."""
