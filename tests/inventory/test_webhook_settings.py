import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.webhook_settings import Webhook, bind_address, webhook_path


def test_a_receiver_that_nobody_set_up_otherwise_listens_to_this_machine_only():
    assert Webhook().address == "127.0.0.1:9000/webhook"


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1"])  # noqa: S104 - read, not bound
def test_an_address_to_listen_on_is_one_of_the_host(address):
    assert bind_address(address) == address


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:9000", "300.1.1.1", "1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InventoryError, match="must be an IP address"):
        bind_address(address)


@pytest.mark.parametrize("path", ["/", "/webhook", "/a/b-c_~.d", "/healthy", "/health/x"])
def test_a_path_for_deliveries_is_taken_as_it_is(path):
    assert webhook_path(path) == path


@pytest.mark.parametrize("path", ["webhook", "/a b", "/a?b", "/%2e", "/health", "/a\n"])
def test_a_path_that_others_would_read_differently_or_that_is_taken_is_refused(path):
    with pytest.raises(InventoryError):
        webhook_path(path)
