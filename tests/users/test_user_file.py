"""The file of users: names, roles, quotas and hashes; no token."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tenfold.errors import ConfigError, TenfoldError
from tenfold.users import ROLES, KnownUsers, Quota, User, UserFile

NAMES = {  # name -> whether somebody can have it
    "anna": True,
    "a": True,
    "a-b_c9": True,
    "x" * 32: True,
    "x" * 33: False,
    "": False,
    "Anna": False,  # the folder of anna, where case does not matter
    "9a": False,
    ".": False,
    "..": False,
    "../a": False,
    "a/b": False,
    "a\\b": False,
    ".studio": False,
    "a b": False,
    "a\n": False,
    "con": False,
    "lpt1": False,
    "ä": False,
}


@pytest.fixture
def file(tmp_path) -> UserFile:
    return UserFile(tmp_path / "users.json")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_that_of_a_folder(file, name):
    if NAMES[name]:
        file.add(name)
        assert name in file.read()
    else:
        with pytest.raises(ConfigError, match="expected 1 to 32 small letters"):
            file.add(name)
        assert not file.path.exists()


def test_the_file_has_no_token_and_is_its_owners_alone(file):
    token = file.add("anna")
    assert len(token) >= 43  # 256 bits
    assert token not in file.path.read_text()
    if os.name != "nt":
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_user_is_found_by_the_token_alone(file):
    tokens = {name: file.add(name) for name in ("anna", "bert")}
    known = KnownUsers(file.path)
    for name, token in tokens.items():
        assert known.by_token(token).name == name
        for wrong in ("", token[:-1], token + "x", token.swapcase(), file.read()[name].token_hash, "\udcff"):
            assert known.by_token(wrong) is None


def test_a_new_token_takes_the_place_of_the_old_one_at_once(file):
    old = file.add("anna")
    known = KnownUsers(file.path)
    new = file.renew("anna")
    assert (known.by_token(old), known.by_token(new).name) == (None, "anna")
    file.remove("anna")
    assert known.by_token(new) is None


def test_role_and_quota_are_changed_one_by_one(file):
    file.add("anna", quota=Quota(minutes=5))
    file.change("anna", quota={"disk": 7})
    assert file.read()["anna"].quota == replace(Quota(), minutes=5, disk=7)
    file.change("anna", role="read")
    found = file.read()["anna"]
    assert (found.role, found.quota.disk) == ("read", 7)


def test_who_is_added_at_once_is_added(file):
    names = [f"user{i}" for i in range(12)]
    with ThreadPoolExecutor(6) as threads:
        [*threads.map(file.add, names)]
    assert sorted(file.read()) == sorted(names)


def test_each_role_may_what_those_before_it_may():
    for i, role in enumerate(ROLES):
        user = User("anna", role, "0" * 64)
        assert [user.may(one) for one in ROLES] == [j <= i for j in range(len(ROLES))]


WRONG = {
    "no JSON": ("{", "expected valid JSON"),
    "another file": ('{"a": 1}', "expected a file of users, found another"),
    "a list": ("[]", "expected a file of users, found another"),
    "a user of another kind": ('{"users": {"anna": 3}}', "expected role, token_hash and quota"),
    "a token": ({"token_hash": "secret"}, "expected the hash of a token"),
    "an unknown role": ({"role": "root"}, "unknown role 'root'"),
    "an unknown quota": ({"quota": {"cores": 3}}, "expected a quota of requests"),
    "a negative quota": ({"quota": {"disk": -1}}, "disk: expected a whole number from 1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_be_used_lets_nobody_in(file, name):
    content, said = WRONG[name]
    token = file.add("anna")
    known = KnownUsers(file.path)
    if isinstance(content, dict):
        good = {"role": "train", "token_hash": "0" * 64, "quota": {}}
        content = json.dumps({"users": {"anna": good | content}})
    file.path.write_text(content)
    with pytest.raises(TenfoldError, match=said) as error:
        known.by_token(token)
    assert str(file.path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_says_what_to_write(file):
    with pytest.raises(ConfigError, match="expected a file of users, found none; write `tenfold users add"):
        KnownUsers(file.path)
