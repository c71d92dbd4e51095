import tomllib

from sandbox.inventory import inventory_text


def test_an_inventory_reads_back_as_it_was_given():
    host = {"address": "127.0.0.1", "port": 22, "path": ["/a", 'b"c'], "health": {"wait": 0.5}}
    text = inventory_text("here", {"branch": "main"}, {"web 1": host})
    assert tomllib.loads(text) == {
        "local": "here",
        "defaults": {"branch": "main"},
        "hosts": {"web 1": host},
    }
