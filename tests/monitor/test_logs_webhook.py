import json
import time

from mantodeus_ops.webhook.receiver.log import ReceiverLog
from tests.support.project_dir import Project


def test_lines_of_the_receivers_log_are_told_apart_by_their_time(tmp_path):
    project = Project(tmp_path)
    (project.root / "logs").mkdir()
    for age, name in ((7_200, "old"), (60, "young")):
        moment = time.time() - age
        book = ReceiverLog(project.root / "logs/webhook.log", clock=lambda moment=moment: moment)
        book.tell("accepted", id=name)
    done = project.run("monitor/logs", webhook=True, since_seconds=3_600, lines=10)
    told = [json.loads(line) for line in done.out.splitlines()]
    lines = [json.loads(one["line"]) for one in told if "line" in one]
    assert [line["id"] for line in lines] == ["young"]
