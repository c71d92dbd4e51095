import subprocess

from tests.support.house import CHECKOUT


def test_what_is_pure_in_host_programs_passes_its_node_tests():
    files = sorted((CHECKOUT / "tests/js").glob("*.test.js"))
    done = subprocess.run(["node", "--test", *files], capture_output=True, text=True, check=False)
    assert files
    assert done.returncode == 0, done.stdout[-3000:]
