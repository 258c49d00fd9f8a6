#!/bin/sh
# Freehold agent: tells one Freehold server about this machine, and does nothing else. It is replaced by the server's own version of
# itself, unless "self_update=no" stands in its config.
# Needs a POSIX shell with a builtin printf (dash, busybox, bash), curl, awk, and coreutils or busybox.
# The server answers with a closed list of words (interval, credential, seq, parameters, inventory, agent, uninstall); it cannot send commands.
#
# State ($FREEHOLD_DIR, /var/lib/freehold-agent for root): config, credential, seq, interval, last, lock, parameters, inventory, each 0600.
# parameters holds what the machine's profiles come to, one name=value a line, for others to read: the agent runs none of it.
# Secrets reach curl on its stdin only: never an argument, never the environment.
# FREEHOLD_PROC and FREEHOLD_ETC point at the machine's own /proc and /etc when this runs inside a container.
set -u
unset FREEHOLD_TOKEN
umask 077
LC_ALL=C
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL PATH

VERSION=1.3.0
UNINSTALLED=86 # exit status with which systemd does not start us again
proc=${FREEHOLD_PROC:-/proc}
etc=${FREEHOLD_ETC:-/etc}
unit_dir=${FREEHOLD_UNIT_DIR:-/etc/systemd/system}
unit=$unit_dir/freehold-agent.service
nl='
'
tab=$(printf '\t')
cfg_url='' cfg_host='' cfg_service='' cfg_insecure='' cfg_pinned_key='' cfg_self_update=''
status=000 reply='' sleeper='' machine='' machine_is_new='' me='' gone_status=0 my_sum='' on_trial='' updated=''

log() { printf '%s freehold-agent: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }
die() {
  printf 'freehold-agent: %s\n' "$*" >&2
  exit 1
}

# ---- state ------------------------------------------------------------------------------------------------------

# Where this agent lives: $FREEHOLD_DIR, else beside its own state, else the default of this user.
find_dir() {
  here=$(cd "$(dirname "$0")" 2>/dev/null && pwd) || here=/nonexistent
  if [ -n "${FREEHOLD_DIR:-}" ]; then
    dir=$FREEHOLD_DIR
  elif [ -f "$here/config" ] && [ -f "$here/credential" ]; then
    dir=$here
  elif [ "$(id -u)" = 0 ]; then
    dir=/var/lib/freehold-agent
  else
    dir=${HOME:-/nonexistent}/.local/share/freehold-agent
  fi
  # The path is written into a unit file and a crontab: nothing there may need quoting.
  case $dir in
    /*) ;;
    *) die "FREEHOLD_DIR must be an absolute path." ;;
  esac
  case $dir in
    *[!A-Za-z0-9/._-]* | */../* | */..) die "FREEHOLD_DIR may hold only letters, digits and / . _ -" ;;
  esac
  if [ "$dir" = /var/lib/freehold-agent ]; then bin=/usr/local/bin/freehold-agent; else bin=$dir/freehold-agent; fi
}

# put NAME VALUE: replaces a state file in one step, so that a crash leaves the old or the new one.
put() { printf '%s\n' "$2" >"$dir/.$1.new" && mv -f "$dir/.$1.new" "$dir/$1"; }

# get NAME: the first line of a state file, or nothing.
get() {
  got=''
  [ ! -r "$dir/$1" ] || IFS= read -r got <"$dir/$1" || :
  printf '%s' "$got"
}

# whole VALUE DEFAULT: VALUE if it is a whole number of at most 15 digits, else DEFAULT.
whole() {
  case $1 in
    '' | *[!0-9]* | ????????????????*) printf '%s' "$2" ;;
    *) printf '%s' "$1" | sed 's/^0*\(.\)/\1/' ;;
  esac
}

load_config() {
  [ -r "$dir/config" ] || return 1
  while IFS= read -r line; do # not IFS='=': read would eat the "=" a base64 key ends with
    value=${line#*=}
    case ${line%%=*} in
      url) cfg_url=$value ;;
      host) cfg_host=$value ;;
      service) cfg_service=$value ;;
      insecure) cfg_insecure=$value ;;
      pinned_key) cfg_pinned_key=$value ;;
      self_update) cfg_self_update=$value ;;
    esac
  done <"$dir/config"
  [ -n "$cfg_url" ]
}

need_config() {
  load_config || die "nothing is enrolled in $dir (or it belongs to another user)."
}

# @@facts.sh@@
# @@inventory.sh@@
# @@service.sh@@
# @@update.sh@@

# ---- wire -------------------------------------------------------------------------------------------------------

# host_of URL: the host without scheme, port and path.
host_of() {
  rest=${1#*://}
  rest=${rest%%/*}
  case $rest in
    '['*) printf '%s' "${rest%%]*}]" ;;
    *) printf '%s' "${rest%%:*}" ;;
  esac
}

port_of() {
  rest=${1#*://}
  case ${rest%%/*} in
    *:*) rest=${rest%%/*} && printf '%s' "${rest##*:}" ;;
    *) case $1 in https:*) printf 443 ;; *) printf 80 ;; esac ;;
  esac
}

is_local() {
  case $1 in localhost | *.localhost | 127.0.0.1 | '[::1]') return 0 ;; esac
  return 1
}

check_url() {
  case $cfg_url in
    *[!A-Za-z0-9:/._[\]-]*) die "the address '$cfg_url' is not one of a Freehold server." ;;
    https://?*) ;;
    http://?*)
      is_local "$(host_of "$cfg_url")" || [ "$cfg_insecure" = 1 ] ||
        die "$cfg_url is not https: anyone on the way could read what this machine sends. FREEHOLD_INSECURE=1 allows it."
      ;;
    *) die "the address '$cfg_url' is not one of a Freehold server." ;;
  esac
  case $cfg_pinned_key in *[!A-Za-z0-9+/=\;]*) die "FREEHOLD_PINNED_KEY is of the form sha256//...=" ;; esac
}

# curl_config CALL SECRET BODY: curl's configuration, for its stdin. All builtins: nothing of it is in any argv.
curl_config() {
  printf 'url = "%s/api/agent/v1/%s"\n' "$cfg_url" "$1"
  printf 'header = "Authorization: Bearer %s"\n' "$2"
  printf 'header = "Content-Type: application/json"\nheader = "Accept: text/plain"\nheader = "Expect:"\n'
  printf 'write-out = "\\n%%{http_code}"\n'
  curl_settings
  printf 'data-binary = "%s"\n' "$(printf '%s' "$3" | sed 's/[\\"]/\\&/g')"
}

# curl_settings: what holds for every call. Redirects are not followed.
curl_settings() {
  printf 'proto = "=%s"\n' "${cfg_url%%:*}"
  printf 'user-agent = "freehold-agent/%s"\nsilent\nshow-error\n' "$VERSION"
  printf 'connect-timeout = 5\nmax-time = 20\n'
  host=$(host_of "$cfg_url")
  if is_local "$host"; then
    printf 'noproxy = "*"\n'
    case $host in # curl before 7.78 asks the resolver for *.localhost
      *.localhost) printf 'resolve = "%s:%s:127.0.0.1,[::1]"\n' "$host" "$(port_of "$cfg_url")" ;;
    esac
  fi
  [ -z "$cfg_pinned_key" ] || printf 'pinnedpubkey = "%s"\n' "$cfg_pinned_key"
  [ -z "$cacert" ] || printf 'cacert = "%s"\n' "$cacert"
}

# post CALL SECRET BODY: sets status (000 when there was no answer) and reply. Redirects are not followed.
post() {
  reply=$(curl_config "$@" | curl -q -K - 2>&1 | tr -d '\r' | head -c 65536)
  status=${reply##*"$nl"}
  case $status in
    [0-5][0-9][0-9]) reply=${reply%"$nl"*} ;;
    *) status=000 ;;
  esac
}

# word NAME: the rest of the first line of the reply that starts with NAME.
word() { printf '%s\n' "$reply" | sed -n "s/^$1 //p" | head -n 1; }

# why: for a person, what the server or curl said; control characters could drive their terminal.
why() {
  said=$(word 'error [A-Za-z0-9_.-]*' | tr -d '[:cntrl:]' | cut -c 1-300)
  if [ -n "$said" ]; then
    printf '%s' "$said"
  elif [ "$status" = 000 ]; then
    printf '%s' "$reply" | tr -d '[:cntrl:]' | cut -c 1-300
  else
    printf 'the server answered %s' "$status"
  fi
}

# take_credential: prints the credential of the reply, if there is a well-formed one.
take_credential() {
  given=$(word credential)
  [ "${#given}" -le 200 ] || return 0
  case $given in
    *[!A-Za-z0-9_-]*) ;;
    fha_?*) printf '%s' "$given" ;;
  esac
}

# take_parameters: writes the parameters of the reply, if there are any, to a file; as data, in one step.
take_parameters() {
  given=$(word parameters)
  [ -n "$given" ] || return 0
  revision=${given%% *}
  case $revision in *[!0-9a-f]* | '') return 0 ;; esac
  [ "${#revision}" = 16 ] || return 0
  case ${given#"$revision"} in *[!A-Za-z0-9+/=\ ]*) return 0 ;; esac # busybox takes what is no base64 for nothing
  command -v base64 >/dev/null 2>&1 || { log "no base64 on this machine: its parameters cannot be taken" && return 0; }
  printf '%s' "${given#"$revision"}" | tr -d ' ' | base64 -d >"$dir/.parameters.new" 2>/dev/null || {
    rm -f "$dir/.parameters.new"
    return 0
  }
  if ! mv -f "$dir/.parameters.new" "$dir/parameters" || ! put parameters-revision "$revision"; then log "cannot save the parameters"; fi
}

take_interval() {
  given=$(whole "$(word interval)" 0)
  if [ "$given" -gt 0 ] && [ "$given" -le 3600 ] && [ "$given" != "$(get interval)" ]; then put interval "$given"; fi
}

# ---- commands ---------------------------------------------------------------------------------------------------

# enrol URL, the token on stdin. Writes nothing until the server has accepted, and only then replaces an older enrolment.
cmd_enrol() {
  cfg_url=${1:-}
  cfg_insecure=${FREEHOLD_INSECURE:-}
  cfg_pinned_key=${FREEHOLD_PINNED_KEY:-}
  self_update=${FREEHOLD_SELF_UPDATE:-}
  cacert=${FREEHOLD_CACERT:-}
  check_url
  [ -z "$cacert" ] || [ -r "$cacert" ] || die "cannot read FREEHOLD_CACERT $cacert"
  case $cacert in *[!A-Za-z0-9/._-]*) die "FREEHOLD_CACERT may hold only letters, digits and / . _ -" ;; esac
  for tool in curl awk od sed tr head cut sha256sum readlink df; do
    command -v "$tool" >/dev/null 2>&1 || die "this machine has no '$tool', which the agent needs."
  done
  [ "$(command -v printf)" = printf ] || die "this shell has no builtin printf: use dash, busybox sh or bash."
  IFS= read -r token || [ -n "$token" ] || die "no enrolment token was given."
  case $token in '' | *[!A-Za-z0-9_.-]*) die "that is not an enrolment token." ;; esac
  case $self_update in '' | yes | no) ;; *) die "FREEHOLD_SELF_UPDATE is yes or no." ;; esac
  new_service=$(choose_service) || exit 1
  find_machine
  post enrol "$token" "$(facts)"
  token=''
  credential=$(take_credential)
  case $status in
    2??) [ -n "$credential" ] || die "the server accepted, but gave no credential." ;;
    *) die "not enrolled: $(why)" ;;
  esac
  accepted_host=$(word host | tr -cd '0-9a-f-' | cut -c 1-36)
  replace_enrolment
  printf 'This machine is enrolled as host %s.\n' "$accepted_host"
}

# Runs in a fresh or an older directory: what ran before is stopped first, it could write its old credential back.
replace_enrolment() {
  url=$cfg_url insecure=$cfg_insecure pinned_key=$cfg_pinned_key
  ! load_config || remove_service
  self_update=${self_update:-${cfg_self_update:-yes}}
  settle_update
  { mkdir -p "$dir" && chmod 700 "$dir"; } || die "cannot make $dir"
  rm -f "$dir/ca.pem"
  [ -z "$cacert" ] || cat "$cacert" >"$dir/ca.pem" || die "cannot copy $cacert"
  [ -z "$machine_is_new" ] || put machine-id "$machine_is_new"
  {
    put credential "$credential" && put seq "$(whole "$(get seq)" 0)" && put interval 30 && take_interval &&
      put config "url=$url${nl}host=$accepted_host${nl}service=$new_service${nl}insecure=$insecure${nl}pinned_key=$pinned_key${nl}self_update=$self_update"
  } || die "cannot write to $dir"
}

# send_report: one report. 0 taken, 1 not delivered, 2 refused, $UNINSTALLED when the server took this agent off.
send_report() {
  keep_inventory
  seq=$(($(whole "$(get seq)" 0) + 1))
  put seq "$seq" || return 1
  post report "$(get credential)" "$(facts "$seq")"
  if [ "$status" = 409 ]; then # our counter fell behind (a restored disk): go on above the server's
    theirs=$(whole "$(word seq)" 0)
    if [ "$theirs" -ge "$seq" ]; then
      seq=$((theirs + 1))
      put seq "$seq" || return 1
      post report "$(get credential)" "$(facts "$seq")"
    fi
  fi
  put last "$(date +%s) $status"
  case $status in
    2??) obey_reply ;;
    401 | 403) log "refused ($status): $(why)" && return 2 ;;
    429)
      take_interval
      log "told to slow down: $(why)"
      return 2
      ;;
    *) log "not delivered ($status): $(why)" && return 1 ;;
  esac
}

# The whole of what a server can make this agent do.
obey_reply() {
  if printf '%s\n' "$reply" | grep -qx uninstall; then
    log "the server took this machine off: uninstalling"
    remove_service self
    post goodbye "$(get credential)" '{}' # so that the server knows; gone it is in any case
    remove_files
    return "$UNINSTALLED"
  fi
  take_interval
  take_parameters
  credential=$(take_credential)
  [ -z "$credential" ] || put credential "$credential" || log "cannot save the new credential"
  settle_update
  named=$(word agent)
  ! printf '%s\n' "$reply" | grep -qx inventory || send_inventory
  take_update "${named%% *}" "${named##* }"
}

# backoff FIRST MOST: FIRST seconds after the first failure, doubled with each further one, at most MOST.
backoff() {
  wait_s=$1
  count=1
  while [ "$count" -lt "$failures" ] && [ "$wait_s" -lt "$2" ]; do
    wait_s=$((wait_s * 2))
    count=$((count + 1))
  done
  [ "$wait_s" -le "$2" ] || wait_s=$2
}

# next_wait OUTCOME: sets wait_s. A lost report is tried again sooner, a refusal later and later, up to 15 minutes;
# an eighth either way at random, so that a thousand agents do not come back in the same second.
next_wait() {
  interval=$(whole "$(get interval)" 30)
  [ "$1" = 0 ] && failures=0 || failures=$((failures + 1))
  case $1 in
    0) wait_s=$interval ;;
    1) backoff $((interval < 5 ? interval : 5)) $((interval > 60 ? interval : 60)) ;;
    *) backoff $((interval * 2)) 900 ;;
  esac
  random=$(od -An -N2 -tu2 /dev/urandom | tr -d ' \n')
  wait_s=$((wait_s - wait_s / 8 + ${random:-0} % (wait_s / 4 + 1)))
}

# Sleeps in the background, so that a signal is heard at once.
pause() {
  sleep "$1" &
  sleeper=$!
  wait "$sleeper"
  kill "$sleeper" 2>/dev/null
  sleeper=''
}

cmd_run() {
  need_config
  trap '' HUP
  trap ':' USR1
  trap '[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null; drop_lock; exit 0' TERM INT
  take_lock || {
    log "already running"
    exit 0
  }
  find_sum
  resume_update
  log "version $VERSION reports to $cfg_url"
  find_machine
  failures=0
  while holds_lock; do
    load_config || exit "$UNINSTALLED"
    [ ! -f "$dir/agent.log" ] || [ "$(wc -c <"$dir/agent.log")" -lt 262144 ] || : >"$dir/agent.log"
    send_report
    outcome=$?
    [ "$outcome" != "$UNINSTALLED" ] || exit "$gone_status"
    [ -z "$updated" ] || restart
    next_wait "$outcome"
    [ "$failures" -lt 5 ] || [ ! -f "$dir/updating" ] || go_back
    pause "$wait_s"
  done
}

cmd_report() {
  need_config
  if take_lock; then
    trap 'drop_lock; exit 1' TERM INT HUP
    find_machine
    find_sum
    send_report
    outcome=$?
    drop_lock
    [ "$outcome" != 0 ] || echo "Reported."
    return "$outcome"
  fi
  pid=$(running_pid) && kill -s USR1 "$pid" && echo "The running agent (pid $pid) reports now."
}

# One report by a script that is not in its place yet; the loop that started it holds the lock, and waits.
cmd_trial() {
  need_config
  on_trial=1
  find_machine
  find_sum
  send_report
}

cmd_status() {
  need_config
  printf 'version: %s\nserver: %s\nhost: %s\nservice: %s\n' "$VERSION" "$cfg_url" "$cfg_host" "$cfg_service"
  if updates_itself; then echo 'updates itself: yes'; else echo 'updates itself: no'; fi
  last=$(get last)
  [ -z "$last" ] || printf 'last report: %s s ago, answer %s\n' "$(($(date +%s) - $(whole "${last%% *}" 0)))" "${last##* }"
  if pid=$(running_pid); then printf 'running: pid %s\n' "$pid"; else echo 'running: no' && return 3; fi
}

cmd_uninstall() {
  need_config
  remove_service
  post goodbye "$(get credential)" '{}'
  case $status in 2??) ;; *) echo "The server was not told: $(why)" ;; esac
  remove_files
  echo "The Freehold agent is gone from this machine."
}

main() {
  find_dir
  cacert=''
  [ ! -f "$dir/ca.pem" ] || cacert=$dir/ca.pem
  command=${1:-}
  [ $# = 0 ] || shift
  case $command in
    run) cmd_run ;;
    start) cmd_start ;;
    report) cmd_report ;;
    status) cmd_status ;;
    uninstall) cmd_uninstall ;;
    facts)
      find_machine && find_sum
      ! load_config || :
      facts
      ;;
    inventory) printf '{%s}\n' "$(inventory)" ;;
    trial) cmd_trial ;;
    version) printf '%s\n' "$VERSION" ;;
    enrol) cmd_enrol "$@" ;;
    install-service) cmd_install_service ;;
    *) die "usage: freehold-agent status | report | run | start | facts | inventory | version | uninstall" ;;
  esac
}

# The last line: a script cut short on its way does nothing.
main "$@"
