# shellcheck shell=sh
# The agent as a process: one instance, and what starts it (systemd, cron, a loop). Part of agent.sh, put in by render.ts.

# started PID: since when that process runs, in ticks after boot; nothing if there is no such process, or only its zombie.
started() {
  [ -r "/proc/$1/stat" ] && IFS= read -r stat <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # fields, counted after the ")" that ends the command's name
  set -- ${stat##*) }
  [ $# -ge 20 ] && [ "$1" != Z ] || return 1
  shift 19
  printf '%s' "$1"
}

# identity PID: names an agent's process beyond the reuse of its number. Without the boot id: a unit in a container may
# see another one than the administrator's shell does.
identity() {
  ticks=$(started "$1") && grep -q freehold-agent "/proc/$1/cmdline" 2>/dev/null || return 1
  printf '%s_%s' "$1" "$ticks"
}

# running_pid: the pid of the agent that holds the lock; fails if none does. The lock is a symbolic link to nowhere:
# made in one step together with its owner's identity.
running_pid() {
  owner=$(readlink "$dir/lock" 2>/dev/null) || return 1
  pid=${owner%%_*}
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  [ "$(identity "$pid")" = "$owner" ] || return 1
  printf '%s' "$pid"
}

take_lock() {
  me=$(identity $$) || die "cannot read /proc/$$/stat."
  for attempt in 1 2 3; do
    ! ln -s "$me" "$dir/lock" 2>/dev/null || return 0
    ! running_pid >/dev/null || return 1
    rm -f "$dir/lock" # its owner is dead
  done
  die "cannot write $dir/lock (attempt $attempt)."
}

holds_lock() { [ "$(readlink "$dir/lock" 2>/dev/null)" = "$me" ]; }

drop_lock() { ! holds_lock || rm -f "$dir/lock"; }

# A fifth of a second, or one where sleep takes whole ones only.
nap() { sleep 0.2 2>/dev/null || sleep 1; }

# stop_running: ends the loop, and the curl it may be waiting for.
stop_running() {
  pid=$(running_pid) || return 0
  [ "$pid" != $$ ] || return 0
  kill -s TERM -- "-$pid" 2>/dev/null || kill -s TERM "$pid" 2>/dev/null || return 0
  tries=0
  while [ "$tries" -lt 40 ]; do
    running_pid >/dev/null || return 0
    nap
    tries=$((tries + 1))
  done
  log "the agent did not stop by itself: killed"
  kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid" 2>/dev/null
  rm -f "$dir/lock"
}

cmd_start() {
  need_config
  ! running_pid >/dev/null || return 0
  # A session of its own, so that it outlives the terminal and can be ended together with its children.
  if command -v setsid >/dev/null 2>&1; then
    setsid sh "$bin" run </dev/null >>"$dir/agent.log" 2>&1 &
  else
    nohup sh "$bin" run </dev/null >>"$dir/agent.log" 2>&1 &
  fi
  tries=0
  while [ "$tries" -lt 25 ]; do
    [ -f "$dir/config" ] || return 0 # its first answer was "uninstall"
    ! running_pid >/dev/null || return 0
    nap
    tries=$((tries + 1))
  done
  die "the agent did not start; see $dir/agent.log"
}

choose_service() {
  case ${FREEHOLD_SERVICE:-} in
    none | loop | cron | systemd)
      printf '%s' "$FREEHOLD_SERVICE"
      return 0
      ;;
    '') ;;
    *) die "FREEHOLD_SERVICE is none, loop, cron or systemd." ;;
  esac
  if [ "$(id -u)" != 0 ]; then
    printf loop
  elif [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
    printf systemd
  elif command -v crontab >/dev/null 2>&1 && cat /proc/[0-9]*/comm 2>/dev/null | grep -qE '^(cron|crond)$'; then
    printf cron
  else
    printf loop
  fi
}

# No capability but looking up paths; /usr, /boot and /etc read-only but for the two places "uninstall" has to clear.
unit_text() {
  cat <<EOF
[Unit]
Description=Freehold agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/bin/sh $bin run
Environment=FREEHOLD_DIR=$dir
UMask=0077
Restart=always
RestartSec=10
SuccessExitStatus=$UNINSTALLED
RestartPreventExitStatus=$UNINSTALLED
CapabilityBoundingSet=CAP_DAC_READ_SEARCH
NoNewPrivileges=yes
ProtectSystem=full
ReadWritePaths=$unit_dir $(dirname "$bin")
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
MemoryMax=256M
TasksMax=32

[Install]
WantedBy=multi-user.target
EOF
}

# The loop is started at boot, and again within a minute should it ever end.
cron_lines() {
  printf '@reboot /bin/sh %s start >/dev/null 2>&1 # freehold-agent\n' "$bin"
  printf '* * * * * /bin/sh %s start >/dev/null 2>&1 # freehold-agent\n' "$bin"
}

other_cron_lines() { crontab -l 2>/dev/null | grep -vF "/bin/sh $bin start >/dev/null 2>&1 # freehold-agent"; }

# Starts what enrol chose; called by the installer once the script is in its place.
cmd_install_service() {
  need_config
  case $cfg_service in
    systemd)
      {
        unit_text >"$unit" && chmod 644 "$unit" && systemctl daemon-reload &&
          systemctl enable --quiet freehold-agent.service && systemctl restart freehold-agent.service
      } || die "systemd did not take the unit $unit"
      ;;
    cron)
      { other_cron_lines; cron_lines; } | crontab - || die "crontab did not take the agent's lines"
      cmd_start
      ;;
    loop)
      cmd_start
      echo "There is no systemd or cron to start the agent after a reboot: let your start-up script run '/bin/sh $bin start'."
      ;;
  esac
}

# remove_service [self]: "self" when the agent removes itself from within its own unit, which may not call systemctl stop.
remove_service() {
  case $cfg_service in
    systemd)
      [ "${1:-}" = self ] || systemctl disable --quiet --now freehold-agent.service 2>/dev/null
      rm -f "$unit" "$unit_dir/multi-user.target.wants/freehold-agent.service"
      # Once systemd has forgotten the unit it restarts nothing; until then only the agreed status keeps it from that.
      systemctl daemon-reload 2>/dev/null || gone_status=$UNINSTALLED
      ;;
    cron)
      rest=$(other_cron_lines)
      if [ -n "$rest" ]; then printf '%s\n' "$rest" | crontab -; else crontab -r 2>/dev/null; fi
      ;;
  esac
  stop_running
}

# Only what is ours: FREEHOLD_DIR may be a directory that holds more.
remove_files() {
  for file in config credential seq interval last machine-id parameters parameters-revision inventory inventory-at inventory-revision updates \
    updating update-starts update-at update-refused agent.previous ca.pem agent.log lock; do
    rm -f "$dir/$file" "$dir/.$file.new"
  done
  rm -f "$bin" "$bin.new" "$bin.next"
  rmdir "$dir" 2>/dev/null || :
}
