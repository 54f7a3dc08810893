"""What is typed into the forms of lectures."""

from portal.events.forms.fields import voiced
from portal.events.forms.own import CodeForm, CorrectForm, GuardianForm
from portal.events.forms.registering import EntryForm, GroupForm, PersonForm, field_of

__all__ = ["CodeForm", "CorrectForm", "EntryForm", "GroupForm", "GuardianForm", "PersonForm", "field_of", "voiced"]
