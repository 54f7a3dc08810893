"""A small Wagtail site, as its tutorial builds one, with a blog page that holds the same text as our article."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import WORK, free_port, running
from bench.report import Missing

HOME = WORK / "wagtail"
PACKAGES = ("wagtail==8.0.1", "gunicorn==27.0.1")

SETTINGS = """
from .base import *
import os
DEBUG = False
SECRET_KEY = "only for measuring"
ALLOWED_HOSTS = ["127.0.0.1"]
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
INSTALLED_APPS = ["blog", *INSTALLED_APPS]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {"version": 1, "disable_existing_loggers": True}
if os.environ.get("BENCH_PAGE_CACHE") == "1":
    MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
"""

MODELS = """
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class BlogPage(Page):
    date = models.DateField("Post date")
    intro = models.CharField(max_length=250)
    body = RichTextField(blank=True)
    content_panels = Page.content_panels + [FieldPanel("date"), FieldPanel("intro"), FieldPanel("body")]
"""

TEMPLATE = """{% extends "base.html" %}
{% load wagtailcore_tags %}
{% block body_class %}template-blogpage{% endblock %}
{% block content %}
<h1>{{ page.title }}</h1>
<p class="meta">{{ page.date }}</p>
<div class="intro">{{ page.intro }}</div>
{{ page.body|richtext }}
<p><a href="{{ page.get_parent.url }}">Return to blog</a></p>
{% endblock %}
"""

FILL = """
import datetime, pathlib
from blog.models import BlogPage
from home.models import HomePage
home = HomePage.objects.get()
home.get_children().delete()
home = HomePage.objects.get()
body = pathlib.Path("body.html").read_text(encoding="utf-8")
page = BlogPage(title="Blog", slug="article", date=datetime.date(2026, 11, 22), intro="An article.", body=body)
home.add_child(instance=page)
page.save_revision().publish()
"""


def _install() -> None:
    if (HOME / "ready").exists():
        return
    for command in ([sys.executable, "-m", "venv", str(HOME)], [f"{HOME}/bin/pip", "install", "--quiet", *PACKAGES]):
        if subprocess.run(command, check=False, capture_output=True, timeout=600).returncode:
            raise Missing(f"`{' '.join(command[-3:])}` failed")
    (HOME / "ready").touch()


def _manage(*words: str, text: str | None = None) -> None:
    done = subprocess.run(
        [f"{HOME}/bin/python", "manage.py", *words],
        cwd=HOME / "site",
        env=_environ(cached=False),
        input=text,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        raise Missing(f"Wagtail: `manage.py {words[0]}` failed: {' '.join(done.stderr.strip().splitlines()[-1:])}")


def _environ(*, cached: bool) -> dict[str, str]:
    own = {"DJANGO_SETTINGS_MODULE": "mysite.settings.bench", "BENCH_PAGE_CACHE": "1" if cached else "0"}
    return {**os.environ, **own}


def _build() -> None:
    folder = HOME / "site"
    if not (folder / "manage.py").exists():
        folder.mkdir(parents=True, exist_ok=True)
        start = [f"{HOME}/bin/wagtail", "start", "mysite", str(folder)]
        if subprocess.run(start, check=False, capture_output=True, timeout=120).returncode:
            raise Missing("`wagtail start` failed")
    blog = folder / "blog"
    (blog / "templates" / "blog").mkdir(parents=True, exist_ok=True)
    (blog / "__init__.py").touch()
    (blog / "models.py").write_text(MODELS)
    (blog / "templates" / "blog" / "blog_page.html").write_text(TEMPLATE)
    (folder / "mysite" / "settings" / "bench.py").write_text(SETTINGS)
    _manage("makemigrations", "blog")
    _manage("migrate")


def article_of(page: bytes) -> str:
    """Return what our page holds between its `<main>` tags: the text that both sites then serve."""
    found = re.search(rb"<main\b[^>]*>(.*)</main>", page, re.DOTALL)
    return (found[1] if found else page).decode()


@contextmanager
def serving(page: bytes, *, cached: bool) -> Iterator[str]:
    """Serve the text of `page` as a Wagtail blog page by gunicorn, two workers. Yields the page's address.

    Raises:
        Missing: Wagtail cannot be installed or built here.
    """
    _install()
    if not cached:
        _build()
        (HOME / "site" / "body.html").write_text(article_of(page), encoding="utf-8")
        _manage("shell", text=FILL)
    port = free_port()
    command = [
        f"{HOME}/bin/gunicorn",
        "mysite.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--no-control-socket",
    ]
    url = f"http://127.0.0.1:{port}/article/"
    environ, log = _environ(cached=cached), "wagtail-cached" if cached else "wagtail"
    with running(command, url, cwd=Path(HOME / "site"), env=environ, log=log):
        yield url
