"""What notices are called: the words that whoever sends one and whoever shows it have in common."""

NOTICE_TITLES = {
    "window_reminder": "申报即将截止",
    "application_accepted": "申报已受理",
    "rectification_asked": "请在期限内整改",
    "rectification_reminder": "整改即将到期",
    "rectification_resumed": "整改期限恢复计算",
    "evidence_refused": "有证明材料未被接收，请查看并重新上传",
    "rectification_fulfilled": "企业已提交整改材料",
    "case_passed": "材料初审通过",
    "case_rejected": "材料初审未通过",
    "case_lapsed": "逾期未整改，申报终止",
    "case_withdrawn": "申报已撤回",
    "investigation_asked": "请协助调查",
    "case_disqualified": "已取消参评资格",
    "case_reinstated": "已恢复参评资格",
    "undertaking_due": "请签署承诺书",
    "commitment_due": "请为专家抽取提交承诺值",
    "reveal_due": "请公开专家抽取的密值",
    "custody_key_wanted": "请设定密钥保管口令",
    "share_wanted": "请给出密钥份额拆封",
    "scoring_open": "请开始评分",
    "scoring_reminder": "评分即将截止",
    "decision_due": "请召开会议研究决定",
    "seat_open": "有名额空缺，请研究是否递补",
    "consultation_asked": "请反馈意见",
    "concern_raised": "部门提出意见，请研究裁定",
    "consultation_reminder": "意见征询即将截止",
    "objection_filed": "收到异议",
    "publicity_opened": "名单开始公示，公示期内可在公示页面提出异议",
    "publicity_closed": "名单公示期已满",
    "list_released": "名单已经发布",
    "rectification_recounted": "整改期限已重新计算",
}


def notice_title(template: str) -> str:
    """The heading of a notice; one whose template is newer than this list is still delivered."""
    return NOTICE_TITLES.get(template, "请查看办理事项")
