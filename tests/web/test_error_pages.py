"""Errors speak with one voice: what happened, that nothing was done, and where to go from there."""


def test_an_address_of_a_button_says_that_nothing_was_done(browse):
    answer = browse("operator").get("/runs/reconcile/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "Nothing was done" in answer.content.decode()
    assert "Go to the overview" in answer.content.decode()
