"""All examples of docs/examples/nginx together, and what each of them has."""

import pytest

from nginx import EXAMPLES, Nginx, replaced

NAMES = sorted(file.name for file in EXAMPLES.iterdir())
DEBIANS_LOG = "/var/log/nginx/access.log"


def test_there_is_one_for_each_kind_of_site():
    assert NAMES == ["api.conf", "php.conf", "proxy.conf", "site.conf", "websocket.conf", "wordpress.conf"]


def test_nginx_takes_them_all_at_once_and_has_nothing_to_say_against_them(stack, tmp_path):
    nginx = Nginx(tmp_path / "etc", stack.socket, stack.peer_secret)
    for name in NAMES:
        text = (EXAMPLES / name).read_text()
        host = next(line.split()[1].rstrip(";") for line in text.splitlines() if "server_name" in line)
        changes = {
            f"/etc/letsencrypt/live/{host}/fullchain.pem": f"{stack.run}/tls/server.crt",
            f"/etc/letsencrypt/live/{host}/privkey.pem": f"{stack.run}/tls/server.key",
            DEBIANS_LOG: f"{tmp_path}/access.log",
        }
        nginx.add(name, replaced(text, changes))
    done = nginx.test()
    assert done.returncode == 0, done.stdout
    said = [
        line for line in done.stdout.splitlines() if "syntax is ok" not in line and "test is successful" not in line
    ]
    # 1.25 and later call one spelling old, which is the only one that 1.22 takes too.
    assert [line for line in said if 'the "listen ... http2" directive is deprecated' not in line] == []


def test_the_shipped_files_are_taken_where_no_server_uses_them(stack, tmp_path):
    """As they lie on a machine where Postern has just been installed."""
    nginx = Nginx(tmp_path / "etc", stack.socket, stack.peer_secret)
    done = nginx.test()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_each_has_hsts_ready_and_off_and_a_place_for_certbot(name):
    lines = [line.strip() for line in (EXAMPLES / name).read_text().splitlines()]
    hsts = [line for line in lines if "Strict-Transport-Security" in line]
    assert len(hsts) == 1 and hsts[0].startswith("#add_header")
    assert "include snippets/postern.conf;" in lines
    assert name == "api.conf" or any("/.well-known/acme-challenge/" in line for line in lines)
