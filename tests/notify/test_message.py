import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.destinations import notify_url
from mantodeus_ops.notify.message import addresses, apprise_url, notification

HARMLESS = (
    "http://example.com/an-ordinary-long-name",
    "https://example.com/0123456789abcde",
    "env:_a1",
)
FACTS = {"previous_revision": "a" * 40, "by": "kim", "why": ""}


@pytest.mark.parametrize(
    "text",
    [
        "env:OPS_NOTIFY",
        "file:~/.config/ops/notify",
        "file:/etc/x",
        "https://example.com/hook",
        *HARMLESS,
    ],
)
def test_who_hears_is_named_by_where_the_address_is_kept(text):
    assert notify_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "https://me:secret@example.com/hook",
        "https://hooks.slack.com/services/T01234567/B01234567/abcdefghijkl0123456789ab",
        "https://example.com/hook?token=abc",
        "https://example.com/hook?a=b&KEY=abc",
        "https://example.com/hook?secret=",
        "https://example.com/0123456789abcdef",
        "https://example.com/0123456789abcdef?x",
        "xenv:OPS",
        "env:OPS NOTIFY",
        "env:1",
        "file:",
        "file:/",
        "ftp://example.com/",
        "discord://123/abc",
        "env:",
        "file:relative",
        "",
    ],
)
def test_an_address_that_may_hold_a_token_is_refused(text):
    with pytest.raises(InventoryError, match="must"):
        notify_url(text)


def test_a_file_of_addresses_has_comments_and_blank_lines():
    assert addresses("# mine\n\nslack://a/b/c\n json://x  json://y\n") == [
        "slack://a/b/c",
        "json://x",
        "json://y",
    ]
    assert [apprise_url(one) for one in ("http://x/", "https://x/", "ntfy://x")] == [
        "json://x/",
        "jsons://x/",
        "ntfy://x",
    ]


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("deploy: started", "info"),
        ("rollback: done", "success"),
        ("deploy: failed", "failure"),
        ("deploy: rolled back", "warning"),
        ("health lost", "failure"),
        ("health regained", "success"),
    ],
)
def test_a_notice_is_as_loud_as_what_happened(what, kind):
    said = notification(what, host="web", app="shop", facts=FACTS)
    assert (said.title, said.kind) == (f"shop on web: {what}", kind)
    assert said.text == "previous revision: aaaaaaaaaa\nby: kim"
