"""Who may come in, and as whom: names, tokens and headers. What comes through the door is tested in tests/extras/test_mcp.py."""

from __future__ import annotations

import pytest

from mascript.errors import ConfigError
from mascript.mcp.clients import Key, bearer, checked, read_keys
from mascript.mcp.door import door

ADA, BO = Key("ada", "a" * 16), Key("bo", "b" * 16)
HERE = {"host": "127.0.0.1:8421"}


@pytest.mark.parametrize("name", ["", "Ada", "a b", "starter", "another", "1a", "a" * 33, "a\n", "../a", "ada<b>"])
def test_some_names_cannot_be_a_clients(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a client's name"):
        checked(name)


def test_keys_are_read_line_by_line() -> None:
    assert read_keys(["# who", "", f"ada {ADA.token}", BO.token], "bo") == (ADA, BO)
    for lines, says in (
        (["ada short"], "less than 16 characters"),
        ([f"ada {ADA.token}", f"bo {ADA.token}"], "one token to two clients"),
        ([f"ada {ADA.token} more"], "3 words"),
    ):
        with pytest.raises(ConfigError, match=says):
            read_keys(lines, "guest")


def test_a_token_says_whose_request_it_is() -> None:
    assert bearer((ADA, BO), f"Bearer {BO.token}") == "bo"
    assert [bearer((ADA, BO), text) for text in ("", "Bearer ", BO.token, f"Basic {BO.token}", "Bearer \u00fc")] == [""] * 5


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (HERE, 0),
        ({"host": "localhost:1"}, 0),
        ({"host": "[::1]:8421"}, 0),
        ({"host": "127.0.0.1:8421", "origin": "http://127.0.0.1:8421"}, 0),
        ({}, 421),
        ({"host": "evil.example"}, 421),
        ({"host": "10.0.0.1"}, 421),
        ({"host": "127.0.0.1:8421", "origin": "http://127.0.0.1:3000"}, 403),
        ({"host": "127.0.0.1:8421", "origin": "null"}, 403),
        ({"host": "127.0.0.1:8421", "origin": ""}, 403),
    ],
)
def test_without_a_token_this_machine_alone_comes_in_and_no_page(headers: dict[str, str], status: int) -> None:
    assert door("127.0.0.1", (), "guest").refusal(headers)[0] == status


def test_with_a_token_others_come_in_as_who_they_are() -> None:
    with pytest.raises(ConfigError, match="expected a token, got none"):
        door("0.0.0.0", (), "guest")
    its = door("0.0.0.0", (ADA, BO), "guest", ["lab.example"])
    shown = {"authorization": f"Bearer {BO.token}"}
    assert [its.refusal({"host": host, **shown})[0] for host in ("lab.example:8421", "10.0.0.7", "other.example")] == [0, 0, 421]
    assert its.refusal(HERE)[0] == 401 and its.who({**HERE, **shown}) == "bo"
