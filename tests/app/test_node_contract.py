"""What an app asks of node, against the node of a host."""

import json

import pytest

from mantodeus_ops.app.node_contract import (
    NodeWish,
    is_met,
    node_findings,
    node_wishes,
    wishes_shown,
)

NODE = {"version": "v20.20.2", "lts": "Iron", "pm2": "v20.20.2", "others": []}
OTHER = {"version": "v22.12.0", "folder": "/home/me/.nvm/versions/node/v22.12.0/bin"}


@pytest.mark.parametrize(
    ("spec", "met"),
    [
        ("20", True),
        ("v20", True),
        ("v20.20.2", True),
        ("20.x", True),
        (">=18", True),
        (">=18 <21", True),
        ("^18 || ^20", True),
        ("lts/*", True),
        ("lts/iron", True),
        ("LTS/Iron", True),
        ("node", True),
        ("", True),
        ("22", False),
        (">=22.12", False),
        ("20.11.0", False),
        ("lts/jod", False),
        ("lts/unheard", None),
        ("ref:main", None),
        ("18 - 22", None),
    ],
)
def test_a_version_is_held_against_each_way_to_ask(spec, met):
    assert is_met("v20.20.2", "Iron", spec) is met


def test_no_release_with_long_support_is_not_certain():
    assert is_met("v23.1.0", "", "lts/*") is None


@pytest.mark.parametrize(
    ("packages", "files", "wanted"),
    [
        (
            {"package.json": {"engines": {"node": ">=18"}}},
            {},
            [("engines in package.json", ">=18")],
        ),
        ({"package.json": {"engines": {"npm": "10"}}}, {}, []),
        (
            {"package.json": {"volta": {"node": "20.1.0"}}},
            {},
            [("volta in package.json", "20.1.0")],
        ),
        (
            {"package.json": {"devEngines": {"runtime": {"name": "node", "version": "20"}}}},
            {},
            [("devEngines in package.json", "20")],
        ),
        (
            {"package.json": {"devEngines": {"runtime": [{"name": "bun"}, {"name": "node"}]}}},
            {},
            [("devEngines in package.json", "")],
        ),
        ({}, {".nvmrc": "# ours\nv20.1.0 # this one\n"}, [(".nvmrc", "v20.1.0")]),
        ({}, {"apps/web/.node-version": "20\n"}, [("apps/web/.node-version", "20")]),
        (
            {},
            {".tool-versions": "python 3.11\nnodejs 20.1.0 18.0.0\n"},
            [(".tool-versions", "20.1.0")],
        ),
        ({}, {".tool-versions": "python 3.11\n", ".nvmrc": "\n"}, []),
        ({}, {"mise.toml": '[tools]\nnode = "20"\n'}, [("mise.toml", "20")]),
        ({}, {"mise.toml": '[tools]\nnode = ["22", "20"]\n'}, [("mise.toml", "22")]),
        ({}, {"mise.toml": '[tools]\nnode = {version = "lts"}\n'}, [("mise.toml", "lts")]),
        ({}, {"mise.toml": "[tools"}, []),
        ({}, {"mise.toml": "tools = 1"}, []),
    ],
)
def test_each_file_says_what_it_asks_for(packages, files, wanted):
    texts = {name: json.dumps(package) for name, package in packages.items()}
    assert [(wish.source, wish.spec) for wish in node_wishes(texts, files)] == wanted


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_package_that_is_none_asks_for_nothing(text):
    assert node_wishes({"package.json": text}, {}) == []


def found(node=NODE, **wish):
    """Return what is said about one wish."""
    asked = NodeWish(**{"source": ".nvmrc", "pinned": True, **wish})
    return [(one.text, one.hint, one.stops) for one in node_findings([asked], node)]


def test_another_major_version_stops_and_the_node_that_fits_is_named():
    [(text, hint, stops)] = found({**NODE, "others": [OTHER]}, spec="22")
    assert text == "the host's node is v20.20.2, and .nvmrc asks for 22"
    assert hint == f'set path = ["{OTHER["folder"]}"] in the inventory'
    assert stops
    [(_, hint, _)] = found(spec="lts/jod")
    assert hint.startswith("nvm install lts/jod")


def test_another_release_of_a_pinned_major_version_is_a_warning():
    assert [stops for *_, stops in found(spec="20.11.0")] == [False]
    assert [stops for *_, stops in found(spec="20.99", pinned=False)] == [True]
    assert found(spec="20") == []


def test_a_node_of_pm2_that_is_another_is_a_warning():
    [(text, hint, stops)] = found({**NODE, "pm2": "v18.1.0"}, spec="20")
    assert ("cluster mode" in text, hint, stops) == (True, "pm2 update", False)
    assert found({**NODE, "pm2": ""}, spec="20") == []


def test_the_evidence_names_who_asks():
    assert wishes_shown([], NODE) == "v20.20.2; the app asks for none"
    assert wishes_shown([NodeWish(".nvmrc", "20")], NODE) == "v20.20.2 (.nvmrc: 20)"
