"""A year's notice is previewed by one and imported by two."""

import json

from tests.integration.office.neighbours import Office

REST = {
    "元旦": ["01-01"],
    "春节": ["02-05", "02-06", "02-07", "02-08", "02-09"],
    "清明节": ["04-05"],
    "劳动节": ["05-01", "05-02"],
    "端午节": ["06-09"],
    "中秋节": ["09-15"],
    "国庆节": ["10-01", "10-02", "10-03"],
}


def notice() -> str:
    days = [{"day": f"2027-{day}", "kind": "rest", "name": name} for name, found in REST.items() for day in found]
    return json.dumps(
        {"year": 2027, "paper": "国办发明电〔2026〕9号", "published_on": "2026-11-05", "days": days}, ensure_ascii=False
    )


def test_a_year_is_imported_by_two_persons_once(office: Office) -> None:
    body = {"notice": notice()}
    before = office.get("office1", "/api/office/calendar").json()

    preview = office.post("office1", "/api/office/calendar/preview", body).raise_for_status().json()
    alone = office.post("office1", "/api/office/calendar/imports", body)
    ticket = office.ticket(preview["act"], preview["digest"], preview["subject"])
    other = office.post(
        "office1", "/api/office/calendar/imports", {"notice": notice().replace("9号", "8号")}, ticket=ticket
    )
    imported = office.post("office1", "/api/office/calendar/imports", body, ticket=ticket)
    again = office.post("office1", "/api/office/calendar/imports", body, ticket=ticket)

    assert (before["last_year"], preview["year"], len(preview["days"])) == (2026, 2027, 14)
    assert (alone.json()["code"], other.json()["code"]) == ("second_person", "ticket_mismatch")
    assert (imported.status_code, again.json()["code"]) == (201, "bad_notice")
    assert office.get("office1", "/api/office/calendar").json()["covered_until"] == "2027-11-30"


def test_a_text_that_is_no_notice_is_refused_with_a_sentence(office: Office) -> None:
    answer = office.post("office1", "/api/office/calendar/preview", {"notice": "明天放假"})

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "bad_notice", "notice")
