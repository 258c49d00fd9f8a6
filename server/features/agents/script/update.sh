# shellcheck shell=sh
# The agent replaces itself by the server's script, when the server names another one than this. Part of agent.sh, put in by render.ts.

UPDATE_EVERY=600   # seconds between two tries: servers of two versions side by side make no agent go to and fro
REFUSED_FOR=86400 # seconds in which a script that did not work here is not tried again

find_sum() {
  my_sum=''
  [ ! -f "$0" ] || my_sum=$(sha256sum <"$0" 2>/dev/null | cut -c 1-64)
}

# updates_itself: not over a connection that others could change: what came that way would run as root.
updates_itself() { [ "$cfg_self_update" != no ] && [ "$cfg_insecure" != 1 ]; }

# fetch_agent: the server's script, on stdout. What it is worth, its checksum says.
fetch_agent() {
  {
    printf 'url = "%s/agent/agent.sh"\n' "$cfg_url"
    curl_settings
  } | curl -q -K - 2>/dev/null | head -c 1048576
}

refuse_update() { put update-refused "$1 $(date +%s)" && rm -f "$bin.next"; }

# is_refused SUM: did not work here within the last day.
is_refused() {
  refused=$(get update-refused)
  [ "${refused%% *}" = "$1" ] && [ $(($(date +%s) - $(whole "${refused##* }" 0))) -lt "$REFUSED_FOR" ]
}

# take_update VERSION SUM: fetches, checks and tries the server's script; what reports takes this one's place. The one before stays
# until the new one has reported from there.
take_update() {
  updates_itself && [ -z "$on_trial" ] && [ -n "$my_sum" ] && [ "$2" != "$my_sum" ] || return 0
  case $1 in '' | *[!0-9.]*) return 0 ;; esac
  case $2 in *[!0-9a-f]*) return 0 ;; esac
  [ "${#2}" = 64 ] && ! is_refused "$2" || return 0
  now=$(date +%s) tried=$(whole "$(get update-at)" 0)
  [ "$now" -lt "$tried" ] || [ $((now - tried)) -ge "$UPDATE_EVERY" ] || return 0
  put update-at "$now" || return 0
  fetch_agent >"$bin.next" 2>/dev/null || {
    log "cannot write $bin.next: version $1 is not taken"
    return 0
  }
  if [ "$(sha256sum <"$bin.next" | cut -c 1-64)" != "$2" ]; then
    log "what the server sent as version $1 does not have the checksum that it named: not taken"
    rm -f "$bin.next"
    return 0
  fi
  if ! sh -n "$bin.next" 2>/dev/null; then
    log "version $1 is no script for this shell: not taken"
    refuse_update "$2"
    return 0
  fi
  nap_second # the server takes no two reports of one second
  FREEHOLD_DIR=$dir sh "$bin.next" trial </dev/null
  case $? in
    0) ;;
    "$UNINSTALLED") return "$UNINSTALLED" ;;
    *)
      log "version $1 could not report: stayed with $VERSION"
      refuse_update "$2"
      return 0
      ;;
  esac
  if cat "$bin" >"$dir/agent.previous" && put updating "$2" && chmod 755 "$bin.next" && mv -f "$bin.next" "$bin"; then
    log "updated from version $VERSION to $1"
    updated=1
  else
    log "cannot put version $1 in its place: stayed with $VERSION"
    rm -f "$dir/updating" "$dir/agent.previous" "$bin.next"
  fi
  return 0
}

nap_second() { sleep 1.2 2>/dev/null || sleep 2; }

restart() {
  drop_lock
  FREEHOLD_DIR=$dir
  export FREEHOLD_DIR
  exec sh "$bin" run
}

# resume_update: at the start of the loop. A new script that ended without having reported is not given a second start.
resume_update() {
  sum=$(get updating)
  [ -n "$sum" ] || return 0
  if [ "$sum" != "$my_sum" ]; then
    settle_update # somebody installed another one
  elif [ -n "$(get update-starts)" ]; then
    go_back
  else
    put update-starts 1
  fi
}

# settle_update: it has reported, so the one before is not needed any more.
settle_update() { [ ! -f "$dir/updating" ] || rm -f "$dir/updating" "$dir/update-starts" "$dir/agent.previous"; }

go_back() {
  [ -s "$dir/agent.previous" ] || {
    settle_update
    return 0
  }
  log "version $VERSION does not report: back to the one before"
  refuse_update "$my_sum"
  cat "$dir/agent.previous" >"$bin.next" && chmod 755 "$bin.next" && mv -f "$bin.next" "$bin" || return 0
  settle_update
  restart
}
