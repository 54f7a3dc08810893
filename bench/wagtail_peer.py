"""A Wagtail site as its tutorial builds one, with a blog page that shows what our article page shows.

The same text as a StreamField, and beside it what a reader finds on ours: menu, breadcrumb, table of contents, four
telephone numbers (snippets), five sources, two related pages, topics in the footer.
"""

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
from modelcluster.fields import ParentalKey
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.snippets.models import register_snippet


class SectionBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False)
    text = blocks.RichTextBlock()

    class Meta:
        template = "blog/section_block.html"


@register_snippet
class Hotline(models.Model):
    number = models.CharField(max_length=20)
    purpose = models.CharField(max_length=250)
    caution = models.TextField()
    checked_on = models.DateField()


class TopicPage(Page):
    pass


class BlogPage(Page):
    date = models.DateField("Post date")
    intro = models.CharField(max_length=250)
    body = StreamField([("section", SectionBlock())])
    content_panels = Page.content_panels + [
        FieldPanel("date"), FieldPanel("intro"), FieldPanel("body"), InlinePanel("sources"), InlinePanel("related"),
    ]

    def get_context(self, request):
        context = super().get_context(request)
        root = self.get_site().root_page
        context["menu"] = root.get_children().live().in_menu()
        context["topics"] = root.get_children().live().type(TopicPage)
        context["hotlines"] = Hotline.objects.all()
        return context


class Source(Orderable):
    page = ParentalKey(BlogPage, on_delete=models.CASCADE, related_name="sources")
    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=120)
    url = models.URLField(blank=True)
    checked_on = models.DateField()


class Related(Orderable):
    page = ParentalKey(BlogPage, on_delete=models.CASCADE, related_name="related")
    other = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
"""

SECTION = "{% load wagtailcore_tags %}{% if self.heading %}<h2>{{ self.heading }}</h2>{% endif %}{{ self.text }}"

TEMPLATE = """{% extends "base.html" %}
{% load wagtailcore_tags %}
{% block body_class %}template-blogpage{% endblock %}
{% block content %}
<nav><ul>{% for item in menu %}<li><a href="{% pageurl item %}">{{ item.title }}</a></li>{% endfor %}</ul></nav>
<nav><ol>{% for item in page.get_ancestors %}{% if item.depth > 1 %}<li><a href="{% pageurl item %}">{{ item.title }}</a></li>{% endif %}{% endfor %}</ol></nav>
<h1>{{ page.title }}</h1>
<p class="meta">{{ page.date }}</p>
<div class="intro">{{ page.intro }}</div>
<nav><ol>{% for block in page.body %}{% if block.value.heading %}<li><a href="#{{ block.id }}">{{ block.value.heading }}</a></li>{% endif %}{% endfor %}</ol></nav>
{% for block in page.body %}<section id="{{ block.id }}">{% include_block block %}</section>{% endfor %}
<ul>{% for item in hotlines %}<li><a href="tel:{{ item.number }}">{{ item.number }}</a><p>{{ item.purpose }}</p><p>{{ item.caution }}</p><p>{{ item.checked_on }}</p></li>{% endfor %}</ul>
<ol>{% for item in page.sources.all %}<li>{% if item.url %}<a href="{{ item.url }}">{% endif %}{{ item.publisher }}: {{ item.title }}{% if item.url %}</a>{% endif %} {{ item.checked_on }}</li>{% endfor %}</ol>
<ul>{% for item in page.related.all %}<li><a href="{% pageurl item.other %}">{{ item.other.title }}</a></li>{% endfor %}</ul>
<footer><ul>{% for item in topics %}<li><a href="{% pageurl item %}">{{ item.title }}</a></li>{% endfor %}</ul><p><a href="{{ page.get_parent.url }}">Return to blog</a></p></footer>
{% endblock %}
"""

FILL = """
import datetime, pathlib, re
from blog.models import BlogPage, Hotline, Related, Source, TopicPage
from home.models import HomePage
day = datetime.date(2026, 11, 22)
Hotline.objects.all().delete()
home = HomePage.objects.get()
home.get_children().delete()
home = HomePage.objects.get()
for number in range(6):
    home.add_child(instance=TopicPage(title=f"主题 {number}", slug=f"topic-{number}", show_in_menus=True))
for number in ("110", "96110", "95500", "12378"):
    Hotline.objects.create(number=number, purpose="正在被骗，或者钱已经转走", caution="骗子也会冒充这个号码。" * 3, checked_on=day)
body = pathlib.Path("body.html").read_text(encoding="utf-8")
pieces = re.split(r"<h2[^>]*>(.*?)</h2>", body)
sections = [("section", {"heading": "", "text": pieces[0]})]
sections += [("section", {"heading": re.sub("<[^>]+>", "", head), "text": text}) for head, text in zip(pieces[1::2], pieces[2::2])]
page = BlogPage(title="Blog", slug="article", date=day, intro="An article.", body=sections)
home.add_child(instance=page)
for number in range(5):
    Source.objects.create(page=page, title=f"《防范电信网络诈骗宣传手册》{number}", publisher="国家反诈中心", checked_on=day)
for other in TopicPage.objects.all()[:2]:
    Related.objects.create(page=page, other=other)
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
    (blog / "templates" / "blog" / "section_block.html").write_text(SECTION)
    (folder / "mysite" / "settings" / "bench.py").write_text(SETTINGS)
    _manage("makemigrations", "blog")
    _manage("migrate")


def article_of(page: bytes) -> str:
    """Return what our page holds as its article: both sites then serve pages of about the same size."""
    found = re.search(rb"<article\b[^>]*>(.*)</article>", page, re.DOTALL)
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
