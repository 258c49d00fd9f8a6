#!/bin/sh
# Installs the Freehold agent on this machine, or enrols it anew:
#   curl -fsSL @@ORIGIN@@/agent/install.sh | FREEHOLD_TOKEN=... sh
# Without FREEHOLD_TOKEN it asks for the enrolment token. More settings, all optional:
#   FREEHOLD_DIR         where script and state live (default /var/lib/freehold-agent, or ~/.local/share/freehold-agent)
#   FREEHOLD_SERVICE     systemd, cron, loop or none (default: what this machine has)
#   FREEHOLD_CACERT      file with the certificate authority of the server
#   FREEHOLD_PINNED_KEY  sha256//...= of the server's public key
#   FREEHOLD_INSECURE=1  allow http to a server that is not this machine
#   FREEHOLD_SELF_UPDATE=no  the agent does not replace itself by newer versions of the server (or: sh -s -- --no-self-update)
# Uninstall: freehold-agent uninstall
FREEHOLD_URL="@@ORIGIN@@"

write_agent() {
  cat <<'FREEHOLD_AGENT_END'
@@AGENT@@
FREEHOLD_AGENT_END
}

# From the terminal, unseen: stdin is this script.
ask_token() {
  if ! (: </dev/tty) 2>/dev/null; then
    echo 'Set FREEHOLD_TOKEN to an enrolment token: there is no terminal to ask on.' >&2
    exit 1
  fi
  printf 'Enrolment token: ' >/dev/tty
  stty -echo </dev/tty
  IFS= read -r token </dev/tty || token=''
  stty echo </dev/tty
  echo >/dev/tty
}

choose_places() {
  user=$(id -u)
  if [ -n "${FREEHOLD_DIR:-}" ]; then
    dir=$FREEHOLD_DIR
  elif [ "$user" = 0 ]; then
    dir=/var/lib/freehold-agent
  else
    dir=${HOME:?}/.local/share/freehold-agent
  fi
  if [ "$dir" = /var/lib/freehold-agent ]; then bin=/usr/local/bin/freehold-agent; else bin=$dir/freehold-agent; fi
}

# A failed installation leaves nothing; what was there before stays as it was.
clean_up() {
  [ -z "$new" ] || rm -f "$new"
  [ -z "$made" ] || rmdir "$dir" 2>/dev/null || :
}

freehold_install() {
  set -eu
  case ${1:-} in
    '') ;;
    --no-self-update) export FREEHOLD_SELF_UPDATE=no ;;
    *)
      echo 'The only argument is --no-self-update.' >&2
      exit 1
      ;;
  esac
  umask 077
  token=${FREEHOLD_TOKEN:-}
  unset FREEHOLD_TOKEN
  new='' made=''
  trap clean_up EXIT
  trap 'stty echo </dev/tty 2>/dev/null; exit 1' INT TERM HUP
  command -v curl >/dev/null 2>&1 || {
    echo 'The Freehold agent needs curl.' >&2
    exit 1
  }
  [ -n "$token" ] || ask_token
  choose_places
  [ -d "$dir" ] || made=1
  mkdir -p "$dir"
  (umask 022 && mkdir -p "$(dirname "$bin")")
  new=$bin.new
  write_agent >"$new"
  # The token goes over a pipe; printf is a builtin.
  printf '%s\n' "$token" | FREEHOLD_DIR="$dir" sh "$new" enrol "$FREEHOLD_URL" || exit 1
  token='' made=''
  chmod 755 "$new"
  mv -f "$new" "$bin"
  FREEHOLD_DIR="$dir" sh "$bin" install-service </dev/null
  echo "Installed $bin. To remove: $bin uninstall"
}

# The last line: a script cut short on its way does nothing.
freehold_install "$@"
