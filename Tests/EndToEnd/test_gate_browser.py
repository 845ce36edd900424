"""A real browser in front of the gate: Debian's Chromium, without a window."""

import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

import folders
from basic_gate import setting
from gate import protected
from guesses import hashes
from workers import NUMBERS

BROWSER = "chromium-headless-shell"
LIMIT = 10  # seconds, three times
PARTS = 60

# Its title tells how many of its pictures came.
GALLERY = """<!doctype html><html><head><title>loading</title></head><body>
{pictures}
<script>
addEventListener("load", () => {{
    document.title = "loaded " + [...document.images].filter(picture => picture.naturalWidth > 0).length;
}});
</script></body></html>
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="red"/></svg>\n'


@pytest.fixture(scope="module")
def site(stack, tmp_path_factory):
    root = folders.make_root(tmp_path_factory.mktemp("site"), ["gallery"])
    pictures = "\n".join(f'<img src="{number}.svg">' for number in range(PARTS))
    (root / "gallery" / "index.html").write_text(GALLERY.format(pictures=pictures))
    (root / "embedding.html").write_text(GALLERY.format(pictures='<img src="/gallery/0.svg">'))
    for number in range(PARTS):
        (root / "gallery" / f"{number}.svg").write_text(PICTURE)
    text = """
    types { text/html html; image/svg+xml svg; text/plain txt; }
    location = /open.txt { auth_request off; }
    location = /embedding.html { auth_request off; }
    location /gallery/ { auth_request /postern/auth; }
    """
    with protected(stack, root, text) as site:
        yield site


@pytest.fixture
def browse(tmp_path):
    def browse(url: str) -> str:
        """The document as the browser has it in the end."""
        return dom(url, tmp_path)

    return browse


def dom(url: str, profile: Path) -> str:
    words = [BROWSER, "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", f"--user-data-dir={profile}"]
    words += ["--no-first-run", "--disable-background-networking", "--no-proxy-server", "--dump-dom", url]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3 * LIMIT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_who_is_not_signed_in_sees_our_page(site, browse):
    document = browse(site.url + "/gallery/?<script>alert(1)</script>")
    assert "<title>401 Unauthorized</title>" in document and "<h1>401 Unauthorized</h1>" in document
    assert re.search(r"Request <code>[0-9a-f]{32}</code>", document), document
    assert "<img" not in document and "<script" not in document and "alert" not in document


def test_a_part_of_an_open_page_that_may_not_be_seen_is_missing(site, browse):
    assert "<title>loaded 0</title>" in browse(site.url + "/embedding.html")


def test_with_a_password_the_page_comes_with_all_of_its_parts_for_one_hash_of_a_worker(stack, site, browse, user):
    account = f"{quote(user.email, safe='')}:{quote(user.password, safe='')}"
    with stack.settings.set(setting()):
        mark = stack.journal.mark()
        document = browse(site.url.replace("https://", f"https://{account}@") + "/gallery/")
        assert f"<title>loaded {PARTS}</title>" in document
        assert 1 <= hashes(stack.journal, mark) <= len(NUMBERS)
