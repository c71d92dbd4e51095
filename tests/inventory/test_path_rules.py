from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from mantodeus_ops.inventory.path_rules import conflict
from mantodeus_ops.inventory.settings import App

APP = App(project_dir=PurePosixPath("/srv/app"), name="app", health_url="http://h/")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, ""),
        ({"offsite_env": "", "backup_dir": ".env/x"}, "backup_dir"),
        ({"backup_dir": "dist/backups"}, "backup_dir"),
        ({"backup_dir": "node_modules"}, "backup_dir"),
        ({"env_file": "dist/.env"}, "env_file"),
        ({"env_file": "config/.env", "build_outputs": ("config",)}, "env_file"),
        ({"env_file": "config/.env"}, ""),
        ({"offsite_env": ".env"}, "offsite_env"),
        ({"offsite_env": "dist/offsite.env"}, "offsite_env"),
        ({"offsite_env": "offsite.env"}, ""),
        ({"assets": ("dist/assets",)}, ""),
        ({"assets": ("dist/assets",), "shared_paths": ("dist/assets/own",)}, ""),
        ({"assets": ("dist/assets",), "shared_paths": ("dist",)}, "assets"),
    ],
)
def test_what_is_swapped_or_packed_as_a_whole_must_not_hold_backups_or_secrets(changes, key):
    assert conflict(replace(APP, **changes))[0] == key


def test_what_stands_in_the_way_is_named_with_what_is_done_to_it():
    swapped = "must not overlap 'dist' of build_outputs, which is swapped as a whole"
    packed = "must not overlap '.env' of backup_paths, which is backed up as a whole"
    assert conflict(APP) == ("", "")
    assert conflict(replace(APP, backup_dir="dist/x")) == ("backup_dir", swapped)
    assert conflict(replace(APP, offsite_env=".env")) == ("offsite_env", packed)
