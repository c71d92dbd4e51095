import io

from rich.text import Text

from mantodeus_ops.ui.safe_console import HarmlessConsole


def test_colours_pass_and_commands_of_a_text_do_not():
    out = io.StringIO()
    console = HarmlessConsole(file=out, force_terminal=True, color_system="standard", width=80)
    console.print(Text("red\x1b]0;title\x07\x1b[2J", style="red"))
    shown = out.getvalue()
    assert shown.startswith("\x1b[31mred")
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
