import pytest

from mantodeus_ops.ui.transfer_meter import TransferMeter


def heard(*samples, total=1_000_000_000):
    """Return a meter that began at 0 and heard these amounts at these times."""
    meter = TransferMeter(0.0)
    for at, done in samples:
        meter.hear(done, total, at)
    return meter


def test_a_meter_that_heard_nothing_says_nothing():
    meter = TransferMeter(0.0)
    assert (meter.amount, meter.share, meter.rate(9.0), meter.bar()) == ("", "", "", ("", ""))


@pytest.mark.parametrize(
    ("done", "total", "amount", "share", "bar"),
    [
        (0, 678_000_000, "0 B of 678 MB", "0 %", "────────────────"),
        (412_000_000, 678_000_000, "412 MB of 678 MB", "60 %", "━━━━━━━━━╸──────"),
        (678, 678, "678 B of 678 B", "100 %", "━━━━━━━━━━━━━━━━"),
        (700, 678, "700 B of 700 B", "100 %", "━━━━━━━━━━━━━━━━"),
        (412_000_000, 0, "412 MB", "", ""),
        (0, 0, "0 B", "", ""),
    ],
)
def test_a_step_is_as_far_as_its_bytes(done, total, amount, share, bar):
    meter = heard((1.0, done), total=total)
    assert (meter.amount, meter.share, "".join(meter.bar())) == (amount, share, bar)


@pytest.mark.parametrize(
    ("samples", "now", "expected"),
    [
        ([(1.0, 100)], 1.5, ""),
        ([(1.0, 300_000_000), (2.0, 310_000_000)], 2.0, "10.0 MB/s"),
        ([(0.0, 0), (90.0, 9_000_000), (100.0, 10_000_000)], 100.0, "100 kB/s"),
        ([(1.0, 0), (2.0, 10_000_000)], 11.0, "1.0 MB/s"),
        ([(1.0, 0), (3.0, 1_000_000_000)], 9.0, ""),
    ],
)
def test_a_rate_is_of_the_last_seconds_and_falls_when_nothing_comes(samples, now, expected):
    assert heard(*samples).rate(now) == expected


def test_a_resumed_copy_is_as_fast_as_what_came_since():
    assert heard((1.0, 900_000_000), (2.0, 901_000_000)).rate(2.0) == "1.0 MB/s"


def test_a_step_that_lasts_is_told_of_ever_more_rarely():
    meter = TransferMeter(0.0)
    assert [at for at in range(300) if meter.line_is_due(at)] == [10, 30, 70, 130, 190, 250]
