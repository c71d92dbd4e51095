import pytest

from mantodeus_ops.monitor.public_check import assess_public_url

URL = "https://x/"


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (
            {"status": 200, "seconds": 0.2, "tls_days": 14},
            {"status": 200, "latency_seconds": 0.2, "tls_days": 14},
        ),
        (
            {"status": 302, "location": "/login", "tls_days": 60},
            {"status": 302, "location": "/login", "tls_days": 60},
        ),
        (
            {"status": 399, "tls_days": 13},
            {
                "status": 399,
                "tls_days": 13,
                "warning": f"the certificate of {URL} ends in 13 days",
            },
        ),
        ({"status": 400}, {"status": 400, "ok": False, "reason": f"{URL} answered 400"}),
        (
            {"error": "the certificate is not valid: expired", "status": 502},
            {"status": 502, "ok": False, "reason": "the certificate is not valid: expired"},
        ),
        (
            {"status": 404, "tls_days": 0},
            {
                "status": 404,
                "ok": False,
                "reason": f"{URL} answered 404",
                "tls_days": 0,
                "warning": f"the certificate of {URL} ends in 0 days",
            },
        ),
        ({}, {}),
    ],
)
def test_a_look_from_outside_is_ok_below_400_and_warns_of_a_certificate_that_ends_soon(seen, told):
    nothing = {"url": URL, "status": 0, "location": "", "latency_seconds": 0.0, "tls_days": None}
    assert assess_public_url(URL, seen) == {
        **nothing,
        "ok": True,
        "reason": "",
        "warning": "",
        **told,
    }
