from mantodeus_ops.deploy.legacy_json_fields import part_words


def test_each_step_has_the_word_that_old_scripts_read():
    steps = [
        {"name": "fetch", "status": "ok"},
        {"name": "build", "status": "reused"},
        {"name": "reload", "status": "failed"},
        {"name": "install", "status": "ok"},
    ]
    assert part_words(steps) == {
        "git_pull": "success",
        "build": "success",
        "restart": "failed",
        "health": "unknown",
    }


def test_health_has_words_of_its_kind():
    for status, word in (("ok", "healthy"), ("failed", "unhealthy"), ("running", "unknown")):
        assert part_words([{"name": "health", "status": status}])["health"] == word
