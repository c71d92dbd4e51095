import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.destinations import notify_url, offsite


@pytest.mark.parametrize(
    "text",
    [
        "env:OPS_NOTIFY",
        "file:/etc/ops/notify",
        "file:~/notify",
        "https://hooks.example/ops",
        "http://10.0.0.1:8080/ops?app=shop",
    ],
)
def test_a_notification_goes_where_no_secret_is_named(text):
    assert notify_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "env:",
        "env:1X",
        "file:relative",
        "slack://a/b/c",
        "https://hooks.example/T0AAAAAAAAAAAAAA1",
        "https://hooks.example/x?token=abc",
        "https://hooks.example/x?a=1&Secret=abc",
    ],
)
def test_a_notification_with_a_token_or_of_another_form_is_refused(text):
    with pytest.raises(InventoryError) as caught:
        notify_url(text)
    assert "abc" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    ["restic:/mnt/backups", "restic:sftp:me@nas:/backups", "rclone:box:backups", "rclone:box:"],
)
def test_a_copy_goes_to_a_repository_or_a_remote(text):
    assert offsite(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "restic",
        "restic:",
        "rsync:/mnt",
        "restic:--help",
        "restic:/my backups",
        "rclone:-x:y",
        "rclone:a:b:c",
        "restic:rest:https://me:pass@nas/",
        "restic:s3:https://key@nas/",
        "rclone:box,pass=abc:x",
    ],
)
def test_a_copy_with_a_login_or_of_another_form_is_refused(text):
    with pytest.raises(InventoryError) as caught:
        offsite(text)
    assert "abc" not in caught.value.message
