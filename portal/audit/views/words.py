"""What the log says for each act, after the person's name."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

WORDS: dict[str, Callable[[], str]] = {
    "content:package:imported": lambda: gettext("took in a content package"),
    "messages:mail:retried": lambda: gettext("had a mail sent again"),
    "desk:article:saved": lambda: gettext("saved an article"),
    "desk:article:submitted": lambda: gettext("submitted an article for review"),
    "desk:article:taken-back": lambda: gettext("took an article back from review"),
    "desk:article:changes-asked": lambda: gettext("asked for changes"),
    "desk:article:approved": lambda: gettext("approved an article"),
    "desk:finding:waived": lambda: gettext("waived a finding"),
    "desk:article:published": lambda: gettext("published an article"),
    "desk:article:published-alone": lambda: gettext("published an article alone, as an emergency"),
    "desk:article:confirmed": lambda: gettext("confirmed an emergency publication"),
    "desk:article:scheduled": lambda: gettext("scheduled a publication"),
    "desk:article:unscheduled": lambda: gettext("cancelled a scheduled publication"),
    "worker:article:publication-failed": lambda: gettext("could not publish an article as scheduled"),
    "desk:article:withdrawn": lambda: gettext("withdrew an article"),
    "worker:article:expired": lambda: gettext("took down an article that had expired"),
    "desk:article:owners-named": lambda: gettext("named who looks after an article"),
    "desk:article:facts-confirmed": lambda: gettext("confirmed the facts of an article"),
    "desk:preview:shared": lambda: gettext("made a preview link"),
    "desk:preview:revoked": lambda: gettext("ended a preview link"),
    "media:asset:added": lambda: gettext("added a picture or file"),
    "media:asset:changed": lambda: gettext("changed what is said about a picture or file"),
    "media:asset:replaced": lambda: gettext("replaced a picture or file"),
    "media:asset:restored": lambda: gettext("took a picture or file into use again"),
    "media:asset:retired": lambda: gettext("took a picture or file out of use"),
    "account:session:signed-in": lambda: gettext("signed in"),
    "account:session:refused": lambda: gettext("was refused at sign-in"),
    "account:session:signed-out": lambda: gettext("signed out"),
    "account:session:ended": lambda: gettext("ended sessions"),
    "account:session:confirmed": lambda: gettext("proved again who they are"),
    "account:session:confirm-refused": lambda: gettext("could not prove again who they are"),
    "account:code:refused": lambda: gettext("gave a wrong code"),
    "account:code:recovery-used": lambda: gettext("used a recovery code"),
    "account:code:recovery-made": lambda: gettext("made new recovery codes"),
    "account:authenticator:added": lambda: gettext("added an authenticator app"),
    "account:authenticator:removed": lambda: gettext("removed an authenticator app"),
    "account:passkey:added": lambda: gettext("added a passkey"),
    "account:passkey:removed": lambda: gettext("removed a passkey"),
    "account:factors:cleared": lambda: gettext("cleared a person's second factors"),
    "account:password:changed": lambda: gettext("changed a password"),
    "account:password:reset-sent": lambda: gettext("had a link sent for a new password"),
    "account:person:created": lambda: gettext("created an account"),
    "account:person:invited": lambda: gettext("invited a person"),
    "account:person:renamed": lambda: gettext("changed a person's name"),
    "account:person:joined": lambda: gettext("took up an invitation"),
    "account:person:disabled": lambda: gettext("closed a person's account"),
    "account:person:enabled": lambda: gettext("opened a person's account again"),
    "account:roles:changed": lambda: gettext("changed a person's roles"),
}


def words(tag: str) -> str:
    """Return what a tag is called; one without words, such as one that is no longer used, stands for itself."""
    return WORDS[tag]() if tag in WORDS else tag
