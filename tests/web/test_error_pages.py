"""Errors speak with one voice: what happened, that nothing was done, and where to go from there."""


def test_an_address_of_a_button_says_that_nothing_was_done(browse):
    answer = browse("operator").get("/runs/reconcile/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "Nothing was done" in answer.content.decode()
    assert "Go to the overview" in answer.content.decode()


def test_what_is_not_there_is_said_to_programs_as_json_and_to_people_as_a_page(browse):
    client = browse("operator")

    program, person = client.get("/api/nothing/"), client.get("/nothing/")

    assert (program.status_code, person.status_code) == (404, 404)
    assert program.json() == {"detail": "There is no such address, or what it shows is not yours."}
    assert "There is no such page</h1>" in person.content.decode()
