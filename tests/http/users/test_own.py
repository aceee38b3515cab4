"""USR-01, USR-02, USR-11: what people see and change of their own."""

import pytest

from tests.http import test_whole
from tests.http.users import people
from tests.http.users.people import ACTING, ADA, CONTACT, TERMS, Person

shop, ada = test_whole.shop, people.ada


@pytest.mark.row("USR-01")
async def test_a_profile_is_changed_as_it_was_seen_and_by_nobody_else(ada: Person) -> None:
    seen = await ada.get("/api/users/profile", **ACTING)
    profile = seen.json()
    assert (profile["customer_id"], profile["phone"]) == (ADA, "+905321234567")
    assert profile["settings"]["theme"] == "system"
    body = CONTACT | {"name": "Ayşe Demir", "phone": "+90 532 123 45 68"}
    match = ACTING | {"If-Match": seen.headers["etag"]}
    assert (await ada.send("PUT", "/api/users/profile", body, **match)).status_code == 200
    again = await ada.send("PUT", "/api/users/profile", body, **match)
    assert (again.status_code, again.json()["code"]) == (412, "request.version_changed")
    changed = await ada.get("/api/users/profile", **ACTING)
    assert (changed.json()["name"], changed.json()["phone"]) == ("Ayşe Demir", "+905321234568")
    assert changed.headers["etag"] == '"2"'
    nobody = await ada.get("/api/users/profile")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "users.customer_not_found")


@pytest.mark.row("USR-01")
async def test_a_number_is_one_customers_and_a_possible_one(ada: Person) -> None:
    taken = await ada.send("POST", "/api/customers", {"phone": "0090 532 123 45 67"})
    assert taken.status_code == 422
    taken = await ada.send("POST", "/api/customers", {"phone": "+905321234567"})
    assert (taken.status_code, taken.json()["code"]) == (409, "users.phone_taken")
    for wrong in ("5321234567", "+90 1", "+90 532 123 45 67 ext. 5", "ada", "+٩٠٥٣٢"):
        answer = await ada.send("POST", "/api/customers", {"phone": wrong})
        errors = [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
        assert errors == [("/phone", "users.not_a_phone")], wrong


@pytest.mark.row("USR-02")
async def test_settings_change_one_by_one_and_stand_in_the_next_profile(ada: Person) -> None:
    path = "/api/users/me/settings"
    body = {"theme": "dark", "notifications": {"orders": ["sms", "push"]}}
    answer = await ada.send("PATCH", path, body, **ACTING)
    assert answer.json() == {"person_id": ADA, "changed": 2}
    answer = await ada.send("PATCH", path, body | {"privacy": {"statistics": True}}, **ACTING)
    assert answer.json()["changed"] == 1
    seen = (await ada.get(path, **ACTING)).json()
    assert seen == (await ada.get("/api/users/profile", **ACTING)).json()["settings"]
    assert (seen["theme"], seen["language"], seen["version"]) == ("dark", None, 3)
    assert seen["notifications"]["orders"] == ["push", "sms"]
    assert seen["notifications"]["wallet"] == ["email"]
    assert seen["privacy"] == {
        "personalisation": False,
        "statistics": True,
        "profile_visible": False,
    }
    for unknown in ({"colour": "red"}, {"privacy": {"all": True}}, {"theme": "pink"}):
        answer = await ada.send("PATCH", path, unknown, **ACTING)
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    staff = await ada.send("PATCH", path, {"language": "en"})
    assert staff.json()["changed"] == 1


@pytest.mark.row("USR-11")
async def test_a_consent_names_a_published_text_and_ends_when_it_is_withdrawn(ada: Person) -> None:
    own = "/api/users/me/consents"
    unknown = await ada.send("POST", own, TERMS | {"channel": "web"}, **ACTING)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "users.consent_text_unknown")
    text = TERMS | {"text": "Koşullar\nve daha fazlası"}
    published = await ada.post("/api/users/consent-texts", text)
    changed = await ada.send("POST", "/api/users/consent-texts", text | {"text": "Başka"})
    assert (changed.status_code, changed.json()["code"]) == (409, "users.consent_text_changed")
    paper = TERMS | {"channel": "paper", "proof": "form 7"}
    assert (await ada.send("POST", own, paper, **ACTING)).json()["given"] is True
    (held,) = (await ada.get(own, **ACTING)).json()["items"]
    assert (held["purpose"], held["version"], held["channel"]) == ("terms", "2026-03", "paper")
    withdrawn = await ada.send("DELETE", f"{own}/terms", **ACTING)
    assert (withdrawn.status_code, withdrawn.json()["given"]) == (200, False)
    assert (await ada.get(own, **ACTING)).json()["items"] == []
    again = await ada.send("POST", f"{own}/terms/withdrawal", {"channel": "call"}, **ACTING)
    assert (again.status_code, again.json()["code"]) == (404, "users.consent_not_given")
    history = (await ada.get(f"/api/customers/{ADA}/consents")).json()
    told = [(one["happened"], one["channel"], one["proof"]) for one in history["items"]]
    assert told == [("given", "paper", "form 7"), ("withdrawn", "web", None)]
    assert history["given"] == []
    (shown,) = (await ada.get("/api/users/consent-texts?purpose=terms")).json()["items"]
    assert (shown["text"], shown["sha256"]) == (text["text"], published["sha256"])
    assert (await ada.send("DELETE", f"{own}/fortune", **ACTING)).status_code == 404
