"""The boot test starts an app with what PM2 gives it."""

from tests.support.project_dir import Project

HEALTH = {"wait": 20, "retries": 1, "delay": 1, "timeout": 5, "body": ""}
SERVER = "require('http').createServer((_, answer) => answer.end()).listen(process.env.PORT)"


def booted(tmp_path, text, **spec):
    """Return how the boot test of such an app ended."""
    project = Project(tmp_path)
    staging = project.root / ".deploy/staging"
    staging.mkdir()
    (staging / "server.js").write_text(text)
    told = {"script": "server.js", "interpreter": "node", **spec}
    url = "http://localhost:1/"
    return project.run("deploy/boot_test", spec=told, health=HEALTH, health_url=url)


def test_an_app_can_say_to_pm2_that_it_is_ready(tmp_path):
    ready = f"{SERVER}.on('listening', () => process.send('ready'));\n"
    assert booted(tmp_path, ready).code == 0


def test_it_is_the_first_instance(tmp_path):
    first = f"if (process.env.NODE_APP_INSTANCE !== '0') throw new Error();\n{SERVER};\n"
    assert booted(tmp_path, first).code == 0


def test_words_for_node_and_for_the_app_come_along(tmp_path):
    asked = "process.execArgv.includes('--no-warnings') && process.argv[2] === 'two words'"
    text = f"if (!({asked})) throw new Error();\n{SERVER};\n"
    assert booted(tmp_path, text, node_args=["--no-warnings"], args=["two words"]).code == 0
