from mantodeus_ops.ui.finding_rows import findings
from mantodeus_ops.ui.layout import Row


def test_each_finding_has_its_mark_and_its_hint_below():
    data = {
        "findings": [
            {"level": "fail", "text": "the key is open", "hint": "chmod 600 key"},
            {"level": "warning", "text": "the key is old"},
            {"level": "news", "text": "the key is there", "hint": ""},
        ]
    }
    assert findings(data) == [
        Row("✗", "the key is open\n→ chmod 600 key", "red"),
        Row("!", "the key is old", "yellow"),
        Row("?", "the key is there", ""),
    ]


def test_no_finding_is_said_to_be_none():
    assert findings({"findings": []}) == findings({}) == [Row("findings", "none", "green")]
