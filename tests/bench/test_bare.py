from bench.bare import poor_path


def test_a_bare_path_has_the_first_program_of_each_name_and_no_fast_compressor(tmp_path):
    for name in ("first/node", "first/igzip", "second/node", "second/pigz", "second/gzip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    found = poor_path(f"{tmp_path}/first:{tmp_path}/missing:{tmp_path}/second", tmp_path / "bin")
    programs = {link.name: link.read_text() for link in found.iterdir()}
    assert programs == {"node": "first/node", "gzip": "second/gzip"}
