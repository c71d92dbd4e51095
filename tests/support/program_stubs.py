"""Programs that stand where a host looks for its own first."""

import shutil


def stubs(folder, **texts):
    """Return the PATH that has these programs in front, each a text for bash; `_` is a dot."""
    folder.mkdir()
    for name, text in texts.items():
        file = folder / name.replace("_", ".")
        file.write_text(f"#!/bin/bash\n{text}\n")
        file.chmod(0o755)
    return (str(folder),)


def chatty_node(folder, line):
    """Return the PATH that has a node in front which prints this line first, as shims may."""
    return stubs(folder, node=f"echo '{line}'\nexec {shutil.which('node')} \"$@\"")
