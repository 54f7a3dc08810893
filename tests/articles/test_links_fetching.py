"""The check of links reaches nothing that is not public, ends in time, and raises nothing, whatever a server does."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.articles.rules import Outcome
from portal.articles.services.fetching import MOST_REDIRECTS, Bounds, Found, fetch
from tests.articles.elsewhere import OK, Answer, Site, again_and_again, dripping, onward, resolver, said, silent, site
from tests.certificates import certificate

HERE, PUBLIC = "127.0.0.1", "127.0.0.2"
"""In these tests the one address stands for what only the portal reaches, the other for the public internet."""
REFUSED = Found(Outcome.REFUSED)


@pytest.fixture
def inner() -> Iterator[Site]:
    """Run what nobody may reach through the portal."""
    with site(host=HERE) as told:
        told.answers["*"] = OK
        yield told


@pytest.fixture
def outer(inner: Site) -> Iterator[Site]:
    """Run a public site, on the same port."""
    with site(host=PUBLIC, port=inner.port) as told:
        yield told


def anywhere(told: Site, **more: Any) -> Bounds:
    """Return bounds in which everything is allowed: how one sees that a test could fail."""
    return Bounds(allowed=lambda _place: True, ports=frozenset({told.port}), **more)


def public_only(told: Site, **more: Any) -> Bounds:
    return Bounds(allowed=lambda place: place == PUBLIC, ports=frozenset({told.port}), **more)


INWARD = [
    # as it is, and as resolvers read it too
    "http://127.0.0.1:{p}/", "http://127.1:{p}/", "http://127.0.1:{p}/", "http://2130706433:{p}/",
    "http://0x7f000001:{p}/", "http://0x7f.0.0.1:{p}/", "http://0x7f.1:{p}/", "http://0177.0.0.1:{p}/",
    "http://017700000001:{p}/", "http://0:{p}/", "http://0.0.0.0:{p}/", "http://127.0.0.1.:{p}/",
    "http://127.127.127.127:{p}/", "http://１２７.０.０.１:{p}/", "http://①②⑦.⓪.⓪.①:{p}/", "http://127。0。0。1:{p}/",
    "http://%31%32%37.0.0.1:{p}/", "http://127.0.0.1%00.example.org:{p}/",
    # IPv6, and IPv4 in it
    "http://[::1]:{p}/", "http://[::]:{p}/", "http://[0:0:0:0:0:0:0:1]:{p}/", "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::ffff:7f00:1]:{p}/", "http://[64:ff9b::7f00:1]:{p}/", "http://[2002:7f00:1::]:{p}/",
    "http://[2001:0:7f00:1::1]:{p}/", "http://[fe80::1%25lo]:{p}/", "http://[fd00:ec2::254]:{p}/",
    "http://[fec0::1]:{p}/", "http://[ff02::1]:{p}/", "http://[::1", "http://[127.0.0.1]:{p}/",
    # other networks, and where clouds keep keys
    "http://10.0.0.1:{p}/", "http://172.16.0.1:{p}/", "http://192.168.1.1:{p}/", "http://169.254.169.254:{p}/latest/",
    "http://100.100.100.200:{p}/latest/", "http://198.18.0.1:{p}/", "http://224.0.0.1:{p}/",
    "http://255.255.255.255:{p}/", "http://192.0.2.1:{p}/",
    # names
    "http://localhost:{p}/", "http://LOCALHOST:{p}/", "http://localhost.:{p}/", "http://inner.example:{p}/",
    "http://mixed.example:{p}/", "http://half.example:{p}/", "https://inner.example:{p}/",
    # what readers of addresses disagree about
    "http://outer.example@127.0.0.1:{p}/", "http://user:word@outer.example:{p}/", "http://127.0.0.1:{p}#@outer.example/",
    "http://127.0.0.1:{p}\\@outer.example/", "http://outer.example\\@127.0.0.1:{p}/", "http://127.0.0.1:{p}\t/",
    "\nhttp://127.0.0.1:{p}/", "http:127.0.0.1:{p}/", "http:///127.0.0.1:{p}/", "//127.0.0.1:{p}/",
    "http://outer.example:{p}:{p}/", "http://outer.example:0{p}x/", "http://.:{p}/", "http://a..example:{p}/",
    "http://" + "a" * 64 + ".example:{p}/", "http://outer.example:{p}/" + "a" * 2_000,
    # other ports and schemes
    "http://outer.example/", "http://outer.example:22/", "http://127.0.0.1:6379/", "https://outer.example:8443/",
    "ftp://127.0.0.1:{p}/", "file:///etc/passwd", "gopher://127.0.0.1:{p}/_x", "dict://127.0.0.1:{p}/",
    "javascript:alert(1)", "data:text/html,x", "", "http://", "outer.example",
]  # fmt: skip
NAMES = {
    "localhost": [[HERE]],
    "inner.example": [[HERE]],
    "mixed.example": [[PUBLIC, HERE]],
    "half.example": [["8.8.8.8", HERE]],
    "outer.example": [[PUBLIC]],
}
assert len(INWARD) >= 38


def test_nothing_that_is_not_public_is_reached(inner: Site, outer: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", resolver(NAMES)[0])
    for url in INWARD:
        for bounds in (Bounds(ports=frozenset({inner.port})), public_only(inner)):
            assert fetch(url.format(p=inner.port), bounds=bounds) == REFUSED, url
    assert (inner.hits, outer.hits) == (0, 0)


def test_the_counter_counts_where_everything_is_allowed(inner: Site) -> None:
    for url in ("http://127.0.0.1:{p}/", "http://0.0.0.0:{p}/", "http://127。0。0。1:{p}/"):
        assert fetch(url.format(p=inner.port), bounds=anywhere(inner)) == Found(Outcome.THERE, 200)
    assert inner.hits == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_inward(inner: Site, outer: Site, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", resolver(NAMES)[0])
    bounds = public_only(inner, seconds=2)
    for url in INWARD:
        place = url.format(p=inner.port).replace("\n", "")
        # What has no host of its own stays on the public site.
        outer.answers = {"HEAD /from": onward(place, status), "GET /from": onward(place, status)}
        assert fetch(f"http://outer.example:{inner.port}/from", bounds=bounds).outcome is not Outcome.THERE, url
    assert inner.hits == 0
    outer.answers["HEAD /from"] = onward(f"http://inner.example:{inner.port}/", status)
    assert fetch(f"http://outer.example:{inner.port}/from", bounds=anywhere(inner)) == Found(Outcome.THERE, 200)
    assert inner.hits == 1


def test_a_name_that_is_bound_anew_is_looked_at_anew(inner: Site, outer: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://turning.example:{inner.port}/"
    for answers, asked in (
        # One request: looked up once, and what was looked at is connected to.
        ({"*": OK}, 1),
        # Asked once more, or led on to itself: looked up again, and refused.
        ({"*": said(405)}, 2),
        ({"*": onward(url)}, 2),
    ):
        outer.answers = dict(answers)
        look_up, names = resolver({"turning.example": [[PUBLIC], [HERE]]})
        monkeypatch.setattr("socket.getaddrinfo", look_up)
        found = fetch(url, bounds=public_only(inner, seconds=2))
        assert (found, len(names)) == (Found(Outcome.THERE, 200) if asked == 1 else REFUSED, asked)
    assert inner.hits == 0


def test_it_is_asked_plainly_and_no_proxy_is(inner: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fetch(f"http://127.0.0.1:{inner.port}/a b?q=%20明#part", bounds=anywhere(inner)) == REFUSED
        assert fetch(f"http://127.0.0.1:{inner.port}/明白/%E4?q=消保&a=[1]#part", bounds=anywhere(inner)).status == 200
        assert proxy.hits == 0
    assert inner.heads == [
        b"HEAD /%E6%98%8E%E7%99%BD/%E4?q=%E6%B6%88%E4%BF%9D&a=[1] HTTP/1.1\r\n"
        b"Host: 127.0.0.1:" + str(inner.port).encode() + b"\r\n"
        b"User-Agent: Mozilla/5.0 (compatible; Mingbai-links/1)\r\n"
        b"Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    ]


def test_names_of_other_scripts(inner: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up, names = resolver({"xn--2hvt97a.example": [[HERE]]})
    monkeypatch.setattr("socket.getaddrinfo", look_up)
    assert fetch(f"http://明白.example:{inner.port}/", bounds=anywhere(inner)) == Found(Outcome.THERE, 200)
    assert names == ["xn--2hvt97a.example"]
    assert f"Host: xn--2hvt97a.example:{inner.port}".encode() in inner.heads[0]


STATUSES = [
    (200, Outcome.THERE), (204, Outcome.THERE), (304, Outcome.THERE), (401, Outcome.GUARDED), (403, Outcome.GUARDED),
    (405, Outcome.GUARDED), (412, Outcome.GUARDED), (429, Outcome.GUARDED), (404, Outcome.GONE), (410, Outcome.GONE),
    (400, Outcome.ERROR), (500, Outcome.ERROR), (503, Outcome.ERROR),
]  # fmt: skip


def test_what_a_status_says_and_who_is_asked_twice(inner: Site) -> None:
    for status, outcome in STATUSES:
        inner.asked.clear()
        inner.answers["*"] = said(status)
        assert fetch(f"http://127.0.0.1:{inner.port}/x", bounds=anywhere(inner)) == Found(outcome, status)
        twice = status >= 400 and status != 429
        assert inner.asked == ["HEAD /x", "GET /x"][: 1 + twice], status


def test_a_server_that_refuses_a_head_is_asked_for_the_page(inner: Site) -> None:
    for refusal in (said(405), said(501), said(404), b"", b"SSH-2.0-OpenSSH\r\n"):
        inner.answers = {"HEAD /x": refusal or silent_close, "GET /x": OK}
        assert fetch(f"http://127.0.0.1:{inner.port}/x", bounds=anywhere(inner)) == Found(Outcome.THERE, 200)


def silent_close(_line: object, _over: threading.Event) -> None:
    """Answer with nothing at all."""


def test_how_far_it_follows(inner: Site) -> None:
    base = f"http://127.0.0.1:{inner.port}"
    inner.answers = {f"HEAD /{step}": onward(f"/{step + 1}") for step in range(9)}
    inner.answers["HEAD /9"] = OK
    assert fetch(f"{base}/{9 - MOST_REDIRECTS}", bounds=anywhere(inner)) == Found(Outcome.THERE, 200)
    assert fetch(f"{base}/{8 - MOST_REDIRECTS}", bounds=anywhere(inner)) == Found(Outcome.ASTRAY)
    inner.answers["HEAD /round"] = onward("/round")
    inner.asked.clear()
    assert fetch(f"{base}/round", bounds=anywhere(inner)) == Found(Outcome.ASTRAY)
    assert inner.asked == ["HEAD /round"] * (1 + MOST_REDIRECTS)
    # Servers write what is no ASCII as it is.
    inner.answers = {"HEAD /a": onward("/消保"), "HEAD /%E6%B6%88%E4%BF%9D": OK}
    assert fetch(f"{base}/a", bounds=anywhere(inner)) == Found(Outcome.THERE, 200)


HOSTILE: dict[str, tuple[Answer, Outcome]] = {
    "silent": (silent, Outcome.SLOW),
    "slow status": (dripping(b"HTTP/1.1 200 OK" + b" " * 9_000), Outcome.SLOW),
    "slow headers": (dripping(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 9_000), Outcome.SLOW),
    "long status": (again_and_again(b"H" * 999), Outcome.GARBLED),
    "long header": (again_and_again(b"a" * 999, b"HTTP/1.1 200 OK\r\nA: "), Outcome.GARBLED),
    "many headers": (again_and_again(b"A: b\r\n", b"HTTP/1.1 200 OK\r\n"), Outcome.GARBLED),
    "wait for more": (again_and_again(b"HTTP/1.1 100 Continue\r\n\r\n"), Outcome.GARBLED),
    "nothing": (silent_close, Outcome.GARBLED),
    "no HTTP": (b"\x00\xff\x16\x03\x01\r\n\r\n", Outcome.GARBLED),
    "odd status": (b"HTTP/1.1 99999 OK\r\n\r\n", Outcome.GARBLED),
    "no status": (b"HTTP/1.1 OK\r\n\r\n", Outcome.GARBLED),
    "other version": (b"HTTP/9.9 200 OK\r\n\r\n", Outcome.GARBLED),
    "redirect to nonsense": (onward("http://[::1"), Outcome.GARBLED),
    "redirect to itself": (onward(""), Outcome.ASTRAY),
    "redirect in bytes": (b"HTTP/1.1 302 F\r\nLocation: http://\xff\xfe/\r\n\r\n", Outcome.REFUSED),
    "long redirect": (onward("/" + "a" * 60_000), Outcome.REFUSED),
    "endless body": (again_and_again(b"x" * 4_096, b"HTTP/1.1 200 OK\r\n\r\n"), Outcome.THERE),
    "broken chunks": (said(200, "Transfer-Encoding: chunked") + b"ZZZ\r\n-5\r\n", Outcome.THERE),
    "odd length": (said(200, "Content-Length: -99999999999999999999"), Outcome.THERE),
    "odd headers": (b"HTTP/1.1 200 OK\r\n: x\r\nno colon\r\n\xff\xfe: \x00\r\n folded\r\n\r\n", Outcome.THERE),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server(inner: Site, name: str) -> None:
    answer, outcome = HOSTILE[name]
    inner.answers["*"] = answer
    begun = time.monotonic()
    bounds = anywhere(inner, seconds=0.4 if outcome is Outcome.SLOW else 5, most_bytes=100_000)
    assert fetch(f"http://127.0.0.1:{inner.port}/", bounds=bounds).outcome is outcome
    assert time.monotonic() - begun < (2 if outcome is Outcome.SLOW else 5)


def test_nobody_there_and_no_such_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as gone:
        pass
    assert fetch(f"http://127.0.0.1:{gone.port}/", bounds=anywhere(gone)) == Found(Outcome.UNREACHABLE)
    monkeypatch.setattr("socket.getaddrinfo", resolver({})[0])
    assert fetch(f"http://no.example:{gone.port}/", bounds=anywhere(gone)) == Found(Outcome.NO_NAME)


def test_the_next_address_is_tried_where_one_does_not_answer(inner: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", resolver({"two.example": [["127.0.0.9", HERE]]})[0])
    assert fetch(f"http://two.example:{inner.port}/", bounds=anywhere(inner)) == Found(Outcome.THERE, 200)


def test_a_resolver_that_does_not_answer(inner: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_words, **_more: over.wait(30) and [])
    begun = time.monotonic()
    assert fetch(f"http://slow.example:{inner.port}/", bounds=anywhere(inner, seconds=0.2)) == Found(Outcome.SLOW)
    assert time.monotonic() - begun < 2
    over.set()


# --- sealed -------------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[tuple[Site, Bounds]]:
    """Run a site that only sealed connections reach; the bounds trust its certificate, which is for one name."""
    file = certificate(tmp_path / "site.pem", "good.example")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    with site(sealed=serving) as told:
        told.answers["*"] = OK
        yield told, anywhere(told, trust=lambda: ssl.create_default_context(cafile=str(file)), seconds=2)


def test_the_certificate_must_be_for_the_name(sealed: tuple[Site, Bounds], monkeypatch: pytest.MonkeyPatch) -> None:
    told, bounds = sealed
    monkeypatch.setattr("socket.getaddrinfo", resolver({"good.example": [[HERE]], "other.example": [[HERE]]})[0])
    good = f"https://good.example:{told.port}/"
    assert fetch(good, bounds=bounds) == Found(Outcome.THERE, 200)
    assert fetch(f"https://other.example:{told.port}/", bounds=bounds) == Found(Outcome.UNTRUSTED)
    assert told.names == ["good.example", "other.example"]
    assert fetch(good, bounds=replace(bounds, trust=ssl.create_default_context)) == Found(Outcome.UNTRUSTED)
    assert told.asked == ["HEAD /"]


def test_a_server_that_does_not_speak_when_it_should_seal(inner: Site) -> None:
    assert fetch(f"https://127.0.0.1:{inner.port}/", bounds=anywhere(inner, seconds=0.3)) == Found(Outcome.SLOW)
