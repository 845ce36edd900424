"""postern check on nginx -T: each hole by its name, and not a word about what is right."""

import json

import pytest

import configurations
from nginx import EXAMPLES, Nginx, replaced
from stack import free_port

LIMITS = """[limits]
downloads = { rate = "10/minute", per = "user" }
reports = { rate = "10/minute", per = "user" }
"""
SERVER = """{http}
server {{
    listen 127.0.0.1:{port};
    server_name shop.example.com;
    root /srv/shop;
    {start}
{lines}
}}
"""
PHP = "include snippets/fastcgi-php.conf; fastcgi_pass unix:/run/php/php-fpm.sock;"
GOOD_PHP = (
    "include snippets/fastcgi-php.conf; include snippets/postern-identity-fastcgi.conf;"
    " fastcgi_pass unix:/run/php/php-fpm.sock;"
)
PROXY = "include proxy_params; proxy_pass http://127.0.0.1:3000;"


@pytest.fixture
def nginx(stack, tmp_path) -> Nginx:
    return Nginx(tmp_path / "etc", stack.socket, stack.peer_secret)


def check(stack, nginx, status: int) -> list[dict]:
    """The findings on nginx."""
    done = stack.postern("check", "--nginx", str(nginx.folder / "nginx.conf"), "--json")
    assert done.returncode == status, done.stdout + done.stderr
    return [finding for finding in json.loads(done.stdout)["findings"] if finding["subject"] == "nginx"]


def with_server(nginx, lines: str, http: str = "", start: str = "include snippets/postern.conf;") -> None:
    nginx.add("shop.conf", SERVER.format(port=free_port(), lines=lines, http=http, start=start))


HOLES = {
    "a regular expression beats a prefix": (
        f"location /wp-admin/ {{ auth_request /postern/auth; }}\nlocation ~ \\.php$ {{ {GOOD_PHP} }}",
        "fail",
        'is answered by "location ~ \\.php$" (sites-enabled/shop.conf:8), not by "location /wp-admin/"'
        " (sites-enabled/shop.conf:7): no check runs",
    ),
    "protected PHP with the client's name": (
        f"location ^~ /a/ {{ auth_request /postern/auth; location ~ \\.php$ {{ {PHP} }} }}",
        "fail",
        "sends REMOTE_USER of the client (fastcgi.conf:",
    ),
    "open PHP with the client's name": (
        f"location ^~ /a/ {{ auth_request /postern/auth; }} location ~ \\.php$ {{ {PHP} }}",
        "warn",
        'open "location ~ \\.php$" (sites-enabled/shop.conf:7) sends REMOTE_USER of the client',
    ),
    "an application that hears the client's Remote-User": (
        f"location /a/ {{ auth_request /postern/auth; {PROXY} }}",
        "fail",
        "lets the client's own Remote-User through to the application",
    ),
    "identity at a level where it is dropped": (
        f"include snippets/postern-identity-proxy.conf;\nlocation /a/ {{ auth_request /postern/auth; {PROXY} }}",
        "fail",
        "is dropped, because location /a/ has a proxy_set_header of its own (proxy_params:",
    ),
    "an ACME path that asks for a login": (
        "listen 127.0.0.1:80; auth_request /postern/auth;",
        "warn",
        "certbot --webroot will fail",
    ),
    "an error_page that hides ours": (
        "location /a/ { auth_request /postern/auth; error_page 401 /login.html; }",
        "warn",
        '"error_page 401 /login.html" (sites-enabled/shop.conf:7) hides Postern\'s answer for 401',
    ),
    "realip that trusts everybody": (
        "set_real_ip_from 0.0.0.0/0; location /a/ { auth_request /postern/auth; }",
        "fail",
        "every client chooses its own address",
    ),
    "satisfy any": (
        "location /a/ { auth_request /postern/auth; satisfy any; allow 127.0.0.1; deny all; }",
        "warn",
        "is not checked",
    ),
    "return before the check": (
        "location /a/ { auth_request /postern/auth; return 200 secret; }",
        "fail",
        "runs before the check",
    ),
    "an unknown word": (
        "location /a/ { auth_request /postern/auth/gruop=ops; }",
        "fail",
        '"gruop=ops": unknown requirement',
    ),
    "an unknown limit": (
        "location /a/ { auth_request /postern/auth/limit=nobody; }",
        "fail",
        '"limit=nobody": no limit of this name in [limits]',
    ),
    "fastcgi_params beside postern-params": (
        "location /x { include snippets/postern-params.conf; include fastcgi_params; fastcgi_param POSTERN_ROLE api;"
        " fastcgi_pass $postern_upstream; }",
        "fail",
        "Postern closes such requests unanswered",
    ),
}


@pytest.mark.parametrize("hole", HOLES, ids=str)
def test_a_hole_is_named_with_its_file_and_line(stack, nginx, hole):
    lines, state, text = HOLES[hole]
    with_server(nginx, lines)
    findings = [finding for finding in check(stack, nginx, 1 if state == "fail" else 0) if finding["state"] != "ok"]
    assert len(findings) == 1, findings
    assert findings[0]["state"] == state and text in findings[0]["detail"] and findings[0]["cure"]


@pytest.mark.parametrize("row", configurations.OPEN, ids=lambda row: row.name)
def test_of_the_doors_that_nginx_leaves_open_each_is_named_or_said_not_to_be(stack, nginx, tmp_path, row):
    config = f"{row.before}\n{'include snippets/postern.conf;' if row.included else ''}\n{row.config}"
    with_server(nginx, config.replace("{root}", str(tmp_path)), start="")
    # So that there is something for Postern in any case.
    nginx.add("other.conf", f"server {{ listen 127.0.0.1:{free_port()}; include snippets/postern.conf; }}")
    done = stack.postern("check", "--nginx", str(nginx.folder / "nginx.conf"), "--json")
    findings = [finding for finding in json.loads(done.stdout)["findings"] if finding["subject"] == "nginx"]
    faults = [finding["detail"] for finding in findings if finding["state"] != "ok"]
    assert (row.named is None) == (faults == []), faults
    assert row.named is None or any(row.named in fault for fault in faults), faults


def change(nginx, file: str, changes: dict[str, str]) -> None:
    path = nginx.folder / file
    path.write_text(replaced(path.read_text(), changes))


PROTECTED = "location /a/ { auth_request /postern/auth; }"


def test_a_body_passed_to_the_check_is_named(stack, nginx):
    with_server(nginx, PROTECTED)
    change(nginx, "snippets/postern.conf", {"fastcgi_pass_request_body off;\n    client": "client"})
    [finding] = [finding for finding in check(stack, nginx, 1) if finding["state"] == "fail"]
    assert "the check is sent a body" in finding["detail"] and "snippets/postern.conf:" in finding["detail"]


def test_a_page_of_the_site_that_may_take_the_place_of_the_check_is_named(stack, nginx):
    with_server(nginx, PROTECTED, start="error_page 502 =200 /maintenance.html; include snippets/postern.conf;")
    assert [finding["state"] for finding in check(stack, nginx, 0)] == ["ok"]
    change(
        nginx,
        "snippets/postern.conf",
        {"error_page 599 = @postern_away;                # never happens; but": "# but"},
    )
    found = [finding["detail"] for finding in check(stack, nginx, 1)]
    assert any("it lacks error_page 599" in detail for detail in found), found
    page = '"error_page 502 =200 /maintenance.html" (sites-enabled/shop.conf:6): when Postern is away'
    assert any(page in detail for detail in found), found


def test_a_keepalive_that_cannot_help_is_named(stack, nginx):
    with_server(nginx, PROTECTED)
    change(nginx, "snippets/postern-params.conf", {"fastcgi_keep_conn on;": ""})
    found = [finding["detail"] for finding in check(stack, nginx, 0) if finding["state"] == "warn"]
    assert found and all("keepalive of upstream postern_kept" in detail for detail in found), found


def test_a_missing_peer_secret_is_named_and_a_present_one_never_shown(stack, nginx):
    with_server(nginx, PROTECTED)
    done = stack.postern("check", "--nginx", str(nginx.folder / "nginx.conf"), "--json")
    assert done.returncode == 0 and stack.peer_secret not in done.stdout + done.stderr
    (nginx.folder / "postern-peer.conf").unlink()
    found = [finding["detail"] for finding in check(stack, nginx, 1) if finding["state"] == "fail"]
    assert found and all("does not send the peer secret" in detail for detail in found), found


def test_snippets_of_another_release_are_named(stack, nginx):
    with_server(nginx, PROTECTED)
    change(nginx, "snippets/postern.conf", {"auth_request_set $postern_scopes ": "auth_request_set $postern_scope "})
    [finding] = [finding for finding in check(stack, nginx, 0) if finding["state"] == "warn"]
    assert "is not that of this release: it lacks auth_request_set $postern_scopes" in finding["detail"]


def test_a_clean_configuration_is_one_line(stack, nginx):
    with_server(nginx, PROTECTED)
    [finding] = check(stack, nginx, 0)
    assert finding["state"] == "ok"
    assert finding["detail"].endswith(" · conf.d/postern.conf · snippets of this release")


def test_the_shipped_examples_all_together_have_no_finding(stack, nginx):
    names = sorted(path.name for path in EXAMPLES.glob("*.conf"))
    assert len(names) >= 6, names
    ports = {
        "listen 443 ssl": f"listen 127.0.0.1:{free_port()} ssl",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
    }
    for name in names:
        text = (EXAMPLES / name).read_text()
        lines = []
        for line in text.splitlines():
            if "[::]" in line:
                continue
            if "ssl_certificate_key" in line:
                line = f"ssl_certificate_key {stack.run}/tls/server.key;"
            elif "ssl_certificate" in line:
                line = f"ssl_certificate {stack.run}/tls/server.crt;"
            for usual, ours in ports.items():
                line = line.replace(usual, ours)
            lines.append(line)
        nginx.add(name, "\n".join(lines).replace("/var/log/nginx/", f"{nginx.folder}/"))
    with stack.settings.set(LIMITS):
        [finding] = check(stack, nginx, 0)
    assert finding["state"] == "ok", finding


def test_a_configuration_that_nginx_refuses_is_named_in_its_words(stack, nginx):
    with_server(nginx, "loction /a/ { }")
    [finding] = check(stack, nginx, 1)
    assert finding["state"] == "fail" and 'unknown directive "loction"' in finding["detail"]
    assert f"{nginx.folder}/sites-enabled/shop.conf:7" in finding["detail"]


def test_without_a_location_for_postern_that_is_all_there_is_to_say(stack, nginx):
    nginx.add("plain.conf", f"server {{ listen 127.0.0.1:{free_port()}; }}")
    [finding] = check(stack, nginx, 0)
    assert finding["state"] == "warn" and str(stack.socket) in finding["detail"]


def test_monitoring_gets_one_line_and_its_own_statuses(stack, nginx):
    def nagios(*more: str) -> tuple[int, str]:
        done = stack.postern("check", "--nagios", "--nginx", str(nginx.folder / "nginx.conf"), *more)
        assert len(done.stdout.splitlines()) == 1 and not done.stderr, done.stdout + done.stderr
        return done.returncode, done.stdout

    with_server(nginx, PROTECTED)
    status, line = nagios()
    assert (status, line.split(" - ")[0]) in [(0, "POSTERN OK"), (1, "POSTERN WARNING")], line
    assert "failures=0;;0;0" in line.split("|")[1]
    with_server(nginx, "location /a/ { auth_request /postern/auth; return 200 secret; }")
    status, line = nagios()
    assert status == 2 and line.startswith("POSTERN CRITICAL - nginx: shop.example.com: ") and "failures=1;" in line
    status, line = nagios("--dance")
    assert status == 3 and line.startswith("POSTERN UNKNOWN - ")


def test_monitoring_hears_of_unusable_settings_as_unknown(stack, tmp_path):
    config = tmp_path / "postern.toml"
    config.write_text("[sit]\n")
    config.chmod(0o600)
    done = stack.postern("check", "--nagios", config=config)
    assert done.returncode == 3
    assert done.stdout.startswith("POSTERN UNKNOWN - ") and "sit" in done.stdout and len(done.stdout.splitlines()) == 1
