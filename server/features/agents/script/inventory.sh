# shellcheck shell=sh
# What is installed and what runs here: packages and services. Gathered every quarter of an hour, sent when the server does not
# have it. Part of agent.sh, put in by render.ts.

run_dir=${FREEHOLD_RUN:-/run}
INVENTORY_EVERY=900 # seconds

package_manager() {
  if [ -r /var/lib/dpkg/status ]; then
    printf dpkg
  elif [ -r /lib/apk/db/installed ]; then
    printf apk
  elif [ -d /var/lib/pacman/local ]; then
    printf pacman
  elif command -v rpm >/dev/null 2>&1; then
    printf rpm
  fi
}

# P NAME VERSION of each installed package.
# shellcheck disable=SC2016 # ${...} is dpkg-query's
installed_packages() {
  case $1 in
    dpkg)
      native=$(dpkg-query -W -f '${Architecture}' dpkg 2>/dev/null)
      dpkg-query -W -f '${db:Status-Abbrev}\t${binary:Package}\t${Version}\n' 2>/dev/null | awk -F '\t' -v native=":$native" '
        $1 ~ /^.i/ { if (length(native) > 1) sub(native "$", "", $2); print "P\t" $2 "\t" $3 }'
      ;;
    apk) awk '/^P:/ { name = substr($0, 3) } /^V:/ { print "P\t" name "\t" substr($0, 3) }' /lib/apk/db/installed ;;
    pacman) pacman -Q 2>/dev/null | awk '{ print "P\t" $1 "\t" $2 }' ;;
    rpm) rpm -qa --qf 'P\t%{NAME}\t%{VERSION}-%{RELEASE}\n' 2>/dev/null ;;
  esac
}

# U NAME VERSION of each update that the machine's own lists know of, and K if they tell; nothing is downloaded.
package_updates() {
  case $1 in
    dpkg)
      simulated=$(apt-get -s -q -o Debug::NoLocking=true -o APT::Get::Show-User-Simulation-Note=false upgrade </dev/null 2>/dev/null) || return 0
      echo K
      printf '%s\n' "$simulated" | awk '$1 == "Inst" {
        for (i = 3; i <= 4; i++) if ($i ~ /^\(/) { print "U\t" $2 "\t" substr($i, 2); next } }'
      ;;
    apk)
      simulated=$(apk list -u 2>/dev/null) || return 0
      echo K
      printf '%s\n' "$simulated" | awk 'match($1, /-[0-9][^-]*-r[0-9]+$/) { print "U\t" substr($1, 1, RSTART - 1) "\t" substr($1, RSTART + 1) }'
      ;;
    pacman)
      echo K
      pacman -Qu 2>/dev/null | awk '$3 == "->" { print "U\t" $1 "\t" $4 }'
      ;;
  esac
}

# As package_updates, from the last answer while neither packages nor the lists of them have changed: apt takes seconds to say it.
known_updates() {
  # shellcheck disable=SC2012 # names of ours, and no name is read
  of=$(LC_ALL=C ls -ld /var/lib/dpkg/status /var/lib/apt/lists /lib/apk/db/installed /var/cache/apk /var/lib/pacman/local /var/lib/pacman/sync 2>/dev/null | cksum)
  if [ ! -f "$dir/config" ]; then
    package_updates "$1"
  elif [ "$(get updates)" != "$of" ]; then
    answer=$(package_updates "$1")
    printf '%s\n' "$answer"
    put updates "$of$nl$answer" 2>/dev/null || :
  else
    sed 1d "$dir/updates"
  fi
}

# The packages, those with an update first; how many there are in all stands before them.
packages_inventory() {
  manager=$(package_manager)
  [ -n "$manager" ] || return 0
  text packages.manager "$manager"
  { known_updates "$manager"; installed_packages "$manager"; } | awk -F '\t' '
    $1 == "K" { known = 1 }
    $1 == "U" { update[$2] = $3 }
    $1 == "P" && $2 != "" {
      total++; due = ($2 in update); updates += due
      print due ? 0 : 1, $2, $3, due ? update[$2] : ""
    }
    END { print "#", total + 0, known ? updates + 0 : "" }' OFS='\t' | sort | head -n 1001 | awk -F '\t' '
    $1 == "#" { print "N\tpackages.total\t" $2; if ($3 != "") print "N\tpackages.updates\t" $3; next }
    { print "P\t" $2 "\t" $3 "\t" $4 }'
}

# NAME STATE of each service: failed, running, active (did its work), starting, stopping, stopped.
systemd_services() {
  systemctl list-units --type=service --all --plain --no-legend --no-pager 2>/dev/null | awk '
    { sub(/^[^A-Za-z0-9_@.:\\-]+/, "") }
    $2 == "not-found" || $2 == "masked" || NF < 4 { next }
    {
      name = $1; sub(/\.service$/, "", name)
      state = $3 == "activating" || $3 == "reloading" ? "starting" : ($3 == "deactivating" ? "stopping" : "stopped")
      if ($3 == "failed") state = "failed"
      if ($3 == "active") state = $4 == "running" ? "running" : "active"
      print name "\t" state
    }'
}

openrc_services() {
  rc-status --all --nocolor 2>/dev/null | awk 'match($0, /\[ *[a-z]+/) && !($1 in seen) {
    seen[$1] = 1; word = substr($0, RSTART + 1, RLENGTH - 1); gsub(/ /, "", word)
    print $1 "\t" (word == "started" ? "running" : (word == "crashed" ? "failed" : (word ~ /^(starting|stopping)$/ ? word : "stopped")))
  }'
}

runit_services() {
  for service in "$1"/*; do
    [ -d "$service" ] || continue
    case $(sv status "$service" 2>/dev/null) in
      run:*) state=running ;;
      down:*'want up'*) state=failed ;;
      down:*) state=stopped ;;
      *) state=failed ;;
    esac
    printf '%s\t%s\n' "${service##*/}" "$state"
  done
}

services_inventory() {
  found='' manager=''
  if [ -d "$run_dir/systemd/system" ] && command -v systemctl >/dev/null 2>&1; then
    manager=systemd found=$(systemd_services)
  elif command -v rc-status >/dev/null 2>&1; then
    manager=openrc found=$(openrc_services)
  elif command -v sv >/dev/null 2>&1; then
    for place in "$run_dir/runit/service" /var/service "$etc/service"; do
      if [ -d "$place" ] && [ -z "$manager" ]; then manager=runit found=$(runit_services "$place"); fi
    done
  fi
  [ -n "$manager" ] || return 0
  text services.manager "$manager"
  printf '%s\n' "$found" | awk -F '\t' '
    NF == 2 { total++; if ($2 == "failed") failed++; print ($2 == "failed" ? 0 : 1), $1, $2 }
    END { print "#", total + 0, failed + 0 }' OFS='\t' | sort | head -n 201 | awk -F '\t' '
    $1 == "#" { print "N\tservices.total\t" $2 "\nN\tservices.failed\t" $3; next }
    { print "V\t" $2 "\t" $3 }'
}

# Lists are cut so that the whole stays under the 64 kB the server takes.
# shellcheck disable=SC2016
ASSEMBLE_INVENTORY='
BEGIN { FS = "\t" }
function add(list, item) { return item == "" ? list : (list == "" ? item : list "," item) }
function str(name, key) { return (key in s) ? "\"" name "\":\"" s[key] "\"" : "" }
function num(name, key) { return (key in v) ? "\"" name "\":" v[key] : "" }
$1 == "S" && !($2 in s) { s[$2] = $3 }
$1 == "N" && $3 ~ /^[0-9]+$/ && length($3) < 9 { v[$2] = $3 }
$1 == "P" && count < 1000 && length(packages) < 28000 {
  count++; packages = add(packages, "[\"" $2 "\",\"" $3 "\"" ($4 == "" ? "" : ",\"" $4 "\"") "]")
}
$1 == "V" && length(services) < 14000 { services = add(services, "[\"" $2 "\",\"" $3 "\"]") }
END {
  out = ""
  if ("packages.manager" in s) out = "\"packages\":{" add(add(add(str("manager", "packages.manager"), num("total", "packages.total")), num("updates", "packages.updates")), "\"list\":[" packages "]") "}"
  if ("services.manager" in s) out = add(out, "\"services\":{" add(add(add(str("manager", "services.manager"), num("total", "services.total")), num("failed", "services.failed")), "\"list\":[" services "]") "}")
  print out
}'

# inventory: packages and services, as the inside of a JSON object.
inventory() {
  { packages_inventory; services_inventory; } | od -An -v -tu1 | awk "$ESCAPE" | awk "$ASSEMBLE_INVENTORY"
}

# keep_inventory: gathers it anew when it is time, for the next report to name.
keep_inventory() {
  gathered=$(whole "$(get inventory-at)" 0)
  now=$(date +%s)
  [ "$now" -lt "$gathered" ] || [ $((now - gathered)) -ge "$INVENTORY_EVERY" ] || return 0
  found=$(inventory)
  put inventory "$found" && put inventory-revision "$(printf '%s' "$found" | sha256sum | cut -c 1-16)" && put inventory-at "$now"
}

# send_inventory: what the last report named.
send_inventory() {
  found=$(get inventory)
  post inventory "$(get credential)" "{\"seq\":$seq,\"machine_id\":\"$machine\",\"revision\":\"$(get inventory-revision)\"${found:+,$found}}"
  case $status in
    2??) ;;
    *) log "packages and services not delivered ($status): $(why)" ;;
  esac
}
