import io

from mantodeus_ops.events import AppLine
from mantodeus_ops.ui.progress import progress
from tests.support.streams import GonePipe


def test_a_line_of_the_app_goes_to_its_own_stream_under_its_labels_and_harmless():
    out, err = io.StringIO(), io.StringIO()
    one, many = (progress(err, "manager", label=label, out=out) for label in (False, True))
    one.emit(AppLine("", "\x1b[31mred\x1b[0m\x07"))
    one.emit(AppLine("err", "oops"))
    many.emit(AppLine("err", "oops"))
    many.emit(AppLine("", "two\nlines"))
    assert out.getvalue() == "red\nerr | oops\nmanager err | oops\nmanager | two lines\n"
    assert err.getvalue() == ""


def test_a_pipe_that_nobody_reads_any_more_stops_nobody():
    progress(io.StringIO(), "manager", label=False, out=GonePipe()).emit(AppLine("", "text"))
