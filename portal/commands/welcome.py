"""Where the portal is, said as soon as it answers."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

import click

from portal.core.settings import Settings


def say_where(settings: Settings, first_link: str | None) -> None:
    """Wait until the portal answers, then say where it is."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # nosec B104  # read, not bound
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    for _try in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310  # nosec B310  # our own address
                break
        except urllib.error.HTTPError:
            break  # it answers; another host name is wanted
        except OSError:
            time.sleep(0.05)
    else:
        click.echo("The portal does not answer yet; see the messages above.", err=True)
        return
    desk = f"{address}/desk/sign-in"
    if first_link:
        desk = f"{address}{first_link}\n            (signs a first administrator in, once, within 24 hours)"
    click.echo(f"""
The portal is at {address}

  read      {address}/            the edition for the elderly: {address}/elderly/
  search    {address}/search?q=安全账户
  write     {desk}
            or change a file under content/ and run: .venv/bin/flask content import content
  public    README.md says how to put it in front of readers (reverse proxy, PostgreSQL, worker)

Ctrl-C stops it.""")
