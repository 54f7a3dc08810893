"""`flask accounts …`: people from the command line."""

from __future__ import annotations

import sys

import click
import flask
import pyotp
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from portal.accounts import queries, services
from portal.accounts.models import Person
from portal.accounts.rules import NAME_LIMIT, Obstacle, Role, Weakness, needs_second_factor, weakness
from portal.core import clock
from portal.core.database import db, transaction

cli = AppGroup("accounts", help="People: make, list, send back in.")

WEAK = {
    Weakness.SHORT: "The password has fewer than 8 characters.",
    Weakness.LONG: "The password has more than 128 characters.",
    Weakness.COMMON: "Many people use this password, so it is guessed first.",
    Weakness.OWN: "The password is hardly more than the name, the address or a word of the bank.",
}


@cli.command("create")
@click.option("--email", required=True, help="Mail address; people sign in with it.")
@click.option("--name", required=True, help="What the person is called on the desk.")
@click.option("--role", "roles", required=True, multiple=True, type=click.Choice([role.value for role in Role]))
@click.option("--totp", is_flag=True, help="Make an authenticator's secret as well, and print its otpauth URI once.")
def create(email: str, name: str, roles: tuple[str, ...], totp: bool) -> None:
    """Make an account; the password is read from standard input."""
    email, name = email.strip(), name.strip()
    try:
        validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise click.ClickException(f"{email!r} is not a mail address.") from None
    if not name or not name.isprintable() or len(name) > NAME_LIMIT:
        raise click.ClickException(f"A name has one line and at most {NAME_LIMIT} characters.")
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    weak = weakness(password, own=(name, email))
    if weak:
        raise click.ClickException(WEAK[weak])
    hashed = services.hash_password(password)
    secret = pyotp.random_base32() if totp else None
    try:
        with transaction() as session:
            person = services.create(
                session, email=email, name=name, roles=roles, by="command", at=clock.now(), password_hash=hashed
            )
            person.totp_secret = secret
    except services.Refused as refused:
        if refused.obstacle is Obstacle.TAKEN:
            raise click.ClickException("Somebody has this mail address already.") from None
        raise click.ClickException(refused.obstacle) from None
    click.echo(f"{name} can sign in at {_base()}/desk/sign-in")
    if secret:
        click.echo(services.uri(secret, email=email, issuer="Mingbai"))
    elif needs_second_factor(roles):
        click.echo("At the first sign-in a second factor is asked for.")


@cli.command("list")
def list_() -> None:
    """List everybody."""
    session = db.session()
    with_factor = queries.with_factor(session)
    for person in queries.people(session):
        marks = [", ".join(person.roles)]
        marks += [] if person.active else ["disabled"]
        marks += [] if person.password_hash else ["invited"]
        marks += ["second factor"] if person.id in with_factor else []
        click.echo(f"{person.id}\t{person.email}\t{person.name}\t{'; '.join(marks)}")


@cli.command("reset")
@click.argument("email")
@click.option("--factors", is_flag=True, help="Also take away the second factors: authenticator and passkeys are lost.")
def reset(email: str, factors: bool) -> None:
    """Print a link that works once, with which the person of EMAIL chooses another password."""
    with transaction() as session:
        token = _reset(session, email, factors=factors)
    click.echo(f"{_base()}/desk/link/{token}")


def _reset(session: Session, email: str, *, factors: bool) -> str:
    person = queries.person_by_email(session, email)
    if person is None or not person.active:
        raise click.ClickException("Nobody who may sign in has this mail address.")
    if factors:
        services.clear_factors(session, person_id=person.id, by="command", at=clock.now())
    return services.send_reset(session, person, by="command", at=clock.now())


def _base() -> str:
    base: str = flask.current_app.config["PORTAL"].base_url
    return base


def _person(session: Session, email: str) -> Person:
    found = queries.person_by_email(session, email)
    if found is None:
        raise click.ClickException("Nobody has this mail address.")
    return found


@cli.command("token")
@click.option("--email", required=True, help="In whose name the program reads.")
@click.option("--label", required=True, help="Which program it is for.")
def token(email: str, label: str) -> None:
    """Make a token by which a program reads figures for a year, and print it once."""
    if not label.strip() or not label.isprintable() or len(label) > NAME_LIMIT:
        raise click.ClickException(f"A label has one line and at most {NAME_LIMIT} characters.")
    with transaction() as session:
        person = _person(session, email)
        made = services.tokens.make(session, person=person, label=label.strip(), by="command", at=clock.now())
    click.echo(made)


@cli.command("tokens")
@click.option("--email", required=True, help="Whose tokens.")
@click.option("--revoke", "number", type=int, help="End the token with this number.")
def list_tokens(email: str, number: int | None) -> None:
    """List somebody's tokens, or end one."""
    with transaction() as session:
        person, at = _person(session, email), clock.now()
        known = services.tokens.of(session, person)
        if number is not None:
            if number not in {one.id for one in known}:
                raise click.ClickException("This person has no token of this number.")
            services.tokens.revoke(session, token_id=number, by="command", at=at)
        for one in known:
            state = "revoked" if one.revoked_at else "expired" if one.expires_at <= at else f"until {one.expires_at:%F}"
            click.echo(f"{one.id}\t{one.label}\t{state}")
