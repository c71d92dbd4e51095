"""The line of the checklist about node."""

import pytest

from mantodeus_ops.monitor.checklist import before
from tests.monitor.test_checklist import ASKED
from tests.support.host_facts import inspected, well


@pytest.mark.parametrize(
    ("files", "daemon", "result", "words"),
    [
        ({".nvmrc": "20"}, "v20.1.0", "ok", "v20.20.2 (.nvmrc: 20)"),
        ({}, "", "ok", "v20.20.2; the app asks for none"),
        ({".nvmrc": "20.11.0"}, "", "warning", ".nvmrc asks for 20.11.0"),
        ({".nvmrc": "22"}, "", "fail", ".nvmrc asks for 22"),
        ({}, "v18.1.0", "warning", "PM2's daemon runs in node v18.1.0"),
    ],
)
def test_node_has_one_line_of_its_wishes(files, daemon, result, words):
    node = {"version": "v20.20.2", "lts": "Iron", "pm2": daemon, "others": []}
    facts = well(runtime=node, check={**inspected(), "node_files": files, "packages": {}})
    [line] = [one for one in before(ASKED, facts) if one.name == "node fits the app"]
    assert (line.result, words in line.evidence) == (result, True), line
