#!/usr/bin/env bash
# need.sh COMMAND PACKAGE…: install Debian packages where COMMAND is missing, or say clearly that it cannot be done.
set -u
command=$1; shift
command -v "$command" >/dev/null && exit 0
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "$@" >/dev/null
fi
command -v "$command" >/dev/null || { echo "$command is missing and could not be installed here. Install it, e.g. apt-get install $*"; exit 1; }
