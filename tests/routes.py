"""One map of routes for all applications of a test process."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

_made: dict[Hashable, tuple[StateMachineMatcher, dict[Any, list[Rule]]]] = {}


class SharedMap(Map):
    """A map that takes over what an earlier one of this process has made of the very same routes.

    Every test has an application of its own, and more than 500 routes to parse were half of what all tests took.
    """

    _given: tuple[Rule, ...] = ()
    _told: tuple[Hashable, ...] = ()

    def add(self, rulefactory: RuleFactory) -> None:
        """Keep the routes until somebody asks for one."""
        rules = tuple(rulefactory.get_rules(self))
        self._given += rules
        self._told += tuple(_told_of(rule) for rule in rules)
        self._remap = True

    def update(self) -> None:
        """Look for a map of the same routes, and make one where there is none yet."""
        with self._remap_lock:
            if not self._remap:
                return
            key = (self.merge_slashes, tuple(self.converters.items()), self._told)
            if key not in _made:
                self._make()
                _made[key] = self._matcher, self._rules_by_endpoint
            self._matcher, self._rules_by_endpoint = _made[key]
            self._remap = False

    def _make(self) -> None:
        """Do what `Map.add` and `Map.update` do."""
        self._matcher = StateMachineMatcher(self.merge_slashes)
        self._rules_by_endpoint = {}
        for rule in self._given:
            if rule.map is None:
                rule.bind(self)
            if not rule.build_only:
                self._matcher.add(rule)
            self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
        self._matcher.update()
        for rules in self._rules_by_endpoint.values():
            rules.sort(key=lambda rule: rule.build_compare_key())


def _told_of(rule: Rule) -> Hashable:
    """Return all that was said of a route that is not bound yet."""
    more = rule.get_empty_kwargs() if rule.defaults or rule.redirect_to or rule.alias or rule.host else {}
    return (
        type(rule),
        rule.rule,
        rule.endpoint,
        frozenset(rule.methods or ()),
        rule.subdomain,
        rule.strict_slashes,
        rule.merge_slashes,
        rule.websocket,
        rule.build_only,
        getattr(rule, "provide_automatic_options", None),
        repr(more),
    )
