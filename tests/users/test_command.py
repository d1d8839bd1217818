"""``tenfold users``."""

from __future__ import annotations

import json

import pytest

from tenfold.cli import main
from tenfold.users import KnownUsers


@pytest.fixture
def say(tmp_path, monkeypatch, capsys):
    """Give a command and return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def give(*words):
        code = main(["users", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return give


def test_a_token_is_shown_once_and_valid(say, tmp_path):
    code, out, err = say("add", "anna", "--role", "read", "--minutes", "7")
    assert code == 0
    assert "shown this once" in err
    user = KnownUsers(tmp_path / "users.json").by_token(out.strip())
    assert (user.name, user.role, user.quota.minutes) == ("anna", "read", 7)
    assert out.strip() not in "".join(say("list")[1:])


def test_all_actions_have_json(say, tmp_path):
    first = json.loads(say("add", "anna", "--json")[1])["token"]
    second = json.loads(say("renew", "anna", "--json")[1])["token"]
    assert first != second
    assert json.loads(say("set", "anna", "--disk", "5", "--json")[1]) == {"user": "anna", "action": "set"}
    [row] = json.loads(say("list", "--json")[1])["users"]
    assert (row["user"], row["quota"]["disk"]) == ("anna", 5)
    assert say("remove", "anna")[2] == "anna: removed; the runs stay in their folder\n"
    assert json.loads(say("list", "--json")[1]) == {"users": []}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ad", "anna"], "error: unknown action 'ad'; did you mean 'add'?"),
        (["add"], "error: expected the name of a user, got nothing; write `tenfold users add NAME`"),
        (["add", "Anna"], "error: name: expected 1 to 32 small letters"),
        (["add", "anna", "--role", "root"], "error: unknown role 'root'; choose from admin, read, train"),
        (["add", "anna", "--disk", "0"], "error: --disk: expected at least 1"),
        (["list"], "error: users.json: expected a file of users, found none; write `tenfold users add NAME"),
    ],
)
def test_a_mistake_is_answered_in_one_line(say, words, said):
    code, out, err = say(*words)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert err.count("\n") == 1
