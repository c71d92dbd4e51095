from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory import validators as read

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ALL_READERS = (
    read.script,
    read.line,
    read.flag,
    read.whole_number(1, 9),
    read.seconds,
    read.size,
    read.matching("a+", "an a"),
    read.optional(read.url),
    read.batch,
    read.list_of(read.line),
    read.commands,
    read.folders,
    read.absolute,
    read.relative_path,
    read.disjoint_paths,
    read.address,
    read.url,
    read.health_url,
    read.repository,
)


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (read.script, "npm ci &&\n\tnpm run x", "npm ci &&\n\tnpm run x"),
        (read.flag, False, False),
        (read.whole_number(1, 3), 3, 3),
        (read.seconds, 2, 2.0),
        (read.seconds, 0.5, 0.5),
        (read.size, 0, 0),
        (read.size, "1GB", 10**9),
        (read.size, "500 mb", 500 * 10**6),
        (read.size, "1.5G", 1_500_000_000),
        (read.size, "1GiB", 2**30),
        (read.size, "12", 12),
        (read.size, 10**18, 10**18),
        (read.size, "2K", 2000),
        (read.size, "3T", 3 * 10**12),
        *((read.size, f"3{unit}iB", 3 * 1024**power) for power, unit in enumerate("KMGT", 1)),
        (read.seconds, 0, 0.0),
        (read.seconds, 3600, 3600.0),
        (read.batch, 9999, "9999"),
        (read.disjoint_paths, ["dist"], ("dist",)),
        (read.disjoint_paths, [], ()),
        (read.repository, "git@h:a@b.git", "git@h:a@b.git"),
        (read.optional(read.url), "", ""),
        (read.batch, 3, "3"),
        (read.batch, "3", "3"),
        (read.batch, "100%", "100%"),
        (read.commands, "", ()),
        (read.commands, [], ()),
        (read.commands, "one; still one", ("one; still one",)),
        (read.commands, ["a", "b"], ("a", "b")),
        (read.folders, "/a:~/b:", ("/a", "~/b")),
        (read.folders, ["/a b"], ("/a b",)),
        (read.absolute, "/srv//app/", PurePosixPath("/srv/app")),
        (read.relative_path, "./dist//client/", "dist/client"),
        (read.relative_path, ".gitignore", ".gitignore"),
        (read.disjoint_paths, ["dist", "dist2"], ("dist", "dist2")),
        (read.address, "local", "local"),
        (read.address, "manager.mantodeus.com", "manager.mantodeus.com"),
        (read.address, "10.0.0.1", "10.0.0.1"),
        (read.address, "::1", "::1"),
        (read.url, "https://[::1]:8443/x?y=a@b", "https://[::1]:8443/x?y=a@b"),
        (read.health_url, "http://h/{timestamp}", "http://h/{timestamp}"),
        (read.repository, "git@github.com:a/b.git", "git@github.com:a/b.git"),
        (read.repository, "ssh://git@h:22/a.git", "ssh://git@h:22/a.git"),
        (read.repository, "https://h/a.git", "https://h/a.git"),
        (read.repository, "file:///srv/a.git", "file:///srv/a.git"),
        (read.repository, "ssh://git@[::1]/a.git", "ssh://git@[::1]/a.git"),
        (read.repository, "/srv/a.git", "/srv/a.git"),
    ],
)
def test_a_good_value_becomes_what_the_code_wants(reader, value, expected):
    assert reader(value) == expected
    assert type(reader(value)) is type(expected)


@pytest.mark.parametrize(
    ("reader", "value", "reason"),
    [
        (read.line, "a\nb", "control"),
        (read.line, "a\u202eb", "invisible"),
        (read.script, "a\0b", "control"),
        (read.flag, 1, "true or false, not a whole number"),
        (read.flag, "yes", "true or false, not a string"),
        (read.whole_number(1, 3), True, "not true or false"),
        (read.whole_number(1, 3), 1.0, "not a number"),
        (read.whole_number(1, 3), 4, "from 1 to 3"),
        (read.whole_number(1, 3), 10**400, "from 1 to 3"),
        (read.seconds, -1, "seconds from 0"),
        (read.seconds, float("nan"), "seconds from 0"),
        (read.seconds, float("inf"), "seconds from 0"),
        (read.seconds, 10**400, "seconds from 0"),
        (read.size, "-1GB", "bytes"),
        (read.size, "1XB", "bytes"),
        (read.size, "GB", "bytes"),
        (read.size, True, "bytes"),
        (read.size, -1, "from 0"),
        (read.size, 10**18 + 1, "from 0"),
        (read.seconds, 3600.5, "seconds from 0"),
        (read.batch, 10_000, "must be a string"),
        (read.url, "http://h:0/", "http://"),
        (read.repository, "/srv/a b", "without blanks"),
        (read.batch, 0, "number of hosts"),
        (read.batch, 10**400, "must be a string"),
        (read.batch, -1, "number of hosts"),
        (read.batch, "0%", "a share"),
        (read.batch, "101%", "a share"),
        (read.batch, "\u0663", "number of hosts"),
        (read.list_of(read.line), "a", "must be a list, not a string"),
        (read.list_of(read.line, least=1), [], "empty"),
        (read.list_of(read.line), ["a", 2], "item 2: must be a string"),
        (read.commands, ["a", " "], "empty command"),
        (read.commands, 0, "must be a list"),
        (read.folders, "bin:/usr/bin", "item 1: must be a folder"),
        (read.folders, ["/a:/b"], "colon"),
        (read.absolute, "srv/app", "absolute"),
        (read.absolute, "~/app", "absolute"),
        (read.absolute, "/", "absolute"),
        (read.absolute, "/srv/../etc", "without .."),
        (read.absolute, date(2026, 1, 1), "a string, not a date"),
        (read.relative_path, "", "inside"),
        (read.relative_path, ".", "inside"),
        (read.relative_path, "/dist", "inside"),
        (read.relative_path, "a/../b", "inside"),
        (read.relative_path, "-rf", "inside"),
        (read.relative_path, "./.git/hooks", ".git"),
        (read.relative_path, ".deploy", ".deploy"),
        (read.disjoint_paths, ["dist/a", "dist"], "overlap"),
        (read.disjoint_paths, ["dist", "./dist/"], "overlap"),
        (read.address, "", "host name"),
        (read.address, "-oProxyCommand=x", "host name"),
        (read.address, "user@host", "separate keys"),
        (read.address, "host:22", "separate keys"),
        (read.url, "ftp://h/", "http://"),
        (read.url, "http://", "http://"),
        (read.url, "http://h:99999/", "http://"),
        (read.url, "http://[h/", "http://"),
        (read.url, "http://a b/", "http://"),
        (read.health_url, "http://h/{time}", "{timestamp}"),
        (read.repository, "--upload-pack=x", "git"),
        (read.repository, "ext::sh -c x", "git"),
        (read.repository, "ext::sh", "git"),
    ],
)
def test_an_impossible_value_is_refused_with_what_it_must_be(reader, value, reason):
    with pytest.raises(InventoryError) as refused:
        reader(value)
    assert reason in refused.value.message


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (read.url, "https://user:hunter2@h/"),
        (read.url, "https://hunter2@h/"),
        (read.health_url, "http://user:hunter2@h/{timestamp}"),
        (read.repository, "https://user:hunter2@h/a.git"),
        (read.repository, "https://hunter2@h/a.git"),
        (read.repository, "http://hunter2@h/a.git"),
        (read.repository, "https://user:hunter2/x@h/a.git"),
        (read.repository, "ssh://git:hunter2@h/a.git"),
        (read.repository, "ssh://git:hunter2/x@h/a.git"),
        (read.repository, "git:hunter2@h:a.git"),
        (read.address, "user:hunter2@h"),
        (read.whole_number(1, 3), "hunter2"),
    ],
)
def test_a_secret_is_refused_and_not_repeated(reader, value):
    with pytest.raises(InventoryError) as refused:
        reader(value)
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("a", "a", True), ("a", "a/b", True), ("a/b", "a", True), ("a", "ab", False)],
)
def test_paths_overlap_when_one_is_the_other_or_holds_it(one, other, expected):
    assert read.overlap(one, other) is expected


@pytest.mark.parametrize("reader", ALL_READERS)
@given(value=ANYTHING)
def test_a_reader_answers_or_raises_an_inventory_error(reader, value):
    with suppress(InventoryError):
        reader(value)
