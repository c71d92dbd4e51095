from pathlib import PurePosixPath

import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.webhook.self_install_plan import host_inventory

HOST = """
[hosts.web]
address = "web.example"
project_dir = "/srv/site"
app = "web"
health_url = "http://localhost:3000/"
"""


def parsed(text):
    """Return the only app of an inventory."""
    return parse_inventory(HOST + text, "hosts.toml").hosts["web"].app


def test_paths_of_the_app_are_relative_to_its_root():
    app = parsed(
        'root = "apps/web/"\nbuild_outputs = ["dist"]\nshared_paths = ["uploads"]\n'
        'stage_files = [".env.production"]\necosystem = "pm2.config.cjs"\nbackup_dir = "kept"\n'
    )
    assert (app.root, app.project_dir) == ("apps/web", PurePosixPath("/srv/site"))
    assert (app.env_file, app.env_example) == ("apps/web/.env", "apps/web/.env.example")
    assert app.build_outputs == ("apps/web/dist",)
    assert app.shared_paths == ("apps/web/uploads",)
    assert app.stage_files == ("apps/web/.env.production",)
    assert app.ecosystem == "apps/web/pm2.config.cjs"
    assert app.backup_dir == "kept"


def test_without_a_root_nothing_is_moved():
    app = parsed('env_file = "etc/.env"\n')
    assert (app.root, app.env_file, app.ecosystem) == ("", "etc/.env", "")


@pytest.mark.parametrize("value", ["/apps/web", "../web", "-x", ".git", ".deploy/web", 5, ["a"]])
def test_a_root_is_a_folder_of_the_clone(value):
    with pytest.raises(InventoryError, match="root"):
        parsed(f"root = {value!r}\n")


def test_backups_cannot_lie_in_an_output_of_the_app():
    with pytest.raises(InventoryError, match="backup_dir: must not overlap 'apps/web/dist'"):
        parsed('root = "apps/web"\nbackup_dir = "apps/web/dist/backups"\n')


def test_the_receiver_of_pushes_reads_the_same_paths():
    text = 'root = "apps/web"\nbuild_outputs = ["dist"]\necosystem = "pm2.config.cjs"\n'
    spec = parse_inventory(HOST + text, "hosts.toml").hosts["web"]
    assert parse_inventory(host_inventory(spec), "hosts.toml").hosts["web"].app == spec.app
