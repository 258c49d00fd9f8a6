# shellcheck shell=sh
# The agent's facts: what this machine is, as one line of JSON. Part of agent.sh, put in by render.ts.

# text KEY VALUE and number KEY VALUE: one tab-separated line each; a newline or tab inside the value is marked.
text() {
  [ -n "$2" ] || return 0
  case $2 in
    *"$nl"* | *"$tab"*) printf 'S\t%s\t%s\n' "$1" "$(printf '%s' "$2" | tr '\n\t' '\036\037')" ;;
    *) printf 'S\t%s\t%s\n' "$1" "$2" ;;
  esac
}
number() { [ -z "$2" ] || printf 'N\t%s\t%s\n' "$1" "$2"; }

# The machine's id, hashed: /etc/machine-id itself is meant to stay private to the machine (machine-id(5)).
find_machine() {
  raw=''
  for file in "$etc/machine-id" /var/lib/dbus/machine-id "$dir/machine-id"; do
    [ "$file" != /var/lib/dbus/machine-id ] || [ "$etc" = /etc ] || continue
    [ ! -r "$file" ] || IFS= read -r raw <"$file" || :
    case $raw in
      *[!0-9a-f-]* | '') raw='' ;;
      ????????????????????????????????*) break ;;
      *) raw='' ;;
    esac
  done
  if [ -z "$raw" ]; then
    raw=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    machine_is_new=$raw
  fi
  machine=$(printf '%s' "$raw" | sha256sum | cut -c1-64)
}

os_facts() {
  file=$etc/os-release
  [ -r "$file" ] || file=/usr/lib/os-release
  [ ! -r "$file" ] || awk '
    /^(ID|VERSION_ID|PRETTY_NAME)=/ {
      key = $0; sub(/=.*/, "", key); value = $0; sub(/^[^=]*=/, "", value)
      if (value ~ /^".*"$/ || value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
      gsub(/\t/, " ", value); out = ""
      while ((at = index(value, "\\")) > 0) {
        out = out substr(value, 1, at - 1) substr(value, at + 1, 1); value = substr(value, at + 2)
      }
      key = key == "ID" ? "os.id" : (key == "VERSION_ID" ? "os.version" : "os.name")
      print "S\t" key "\t" out value
    }' "$file"
}

cpu_facts() {
  [ ! -r "$proc/cpuinfo" ] || awk '
    /^processor/ { count++ }
    model == "" && /^(model name|cpu model|Model|Hardware)[ \t]*:/ { model = $0; sub(/^[^:]*:[ \t]*/, "", model) }
    END {
      gsub(/\t/, " ", model)
      if (model != "") print "S\tcpu.model\t" model
      if (count > 0) print "N\tcpu.count\t" count
    }' "$proc/cpuinfo"
  # Time of all processors since the boot. The server takes the difference of two reports: nothing is kept here.
  [ ! -r "$proc/stat" ] || awk '$1 == "cpu" {
      for (i = 2; i <= 9; i++) ticks += $i
      printf "N\tcpu.ticks\t%.0f\nN\tcpu.busy\t%.0f\n", ticks, ticks - $5 - $6
      exit
    }' "$proc/stat"
}

# Bytes in and out, of the machine's own interfaces: what bridges, tunnels and guests pass on would count twice.
network_facts() {
  [ ! -r "$proc/net/dev" ] || sed -n 's/:/ /p' "$proc/net/dev" | awk '
    $1 !~ /^(lo|veth|docker|br-|br[0-9]|virbr|vmbr|lxdbr|incusbr|lxcbr|cni|flannel|cali|vnet|tap|tun|wg|bond|team|fwbr|fwpr|fwln|dummy|ifb)/ && $1 !~ /\./ {
      rx += $2; tx += $10; seen = 1
    }
    END { if (seen) printf "N\tnetwork.rx\t%.0f\nN\tnetwork.tx\t%.0f\n", rx, tx }'
}

memory_facts() {
  [ ! -r "$proc/meminfo" ] || awk '
    { kb[$1] = $2 }
    function bytes(key, name) { if (name in kb) printf "N\t%s\t%.0f\n", key, kb[name] * 1024 }
    END {
      bytes("memory.total", "MemTotal:")
      bytes("memory.available", ("MemAvailable:" in kb) ? "MemAvailable:" : "MemFree:")
      bytes("swap.total", "SwapTotal:"); bytes("swap.free", "SwapFree:")
    }' "$proc/meminfo"
}

# Local filesystems only: asking a dead network mount for its size would hang the agent.
disk_facts() {
  [ ! -r "$proc/mounts" ] || awk '
    $3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|nilfs2|ubifs|vfat|exfat|ntfs3?|fuseblk|hfsplus|ufs)$/ ||
    ($3 == "overlay" && $2 == "/") {
      if (!($1 in mount)) order[++n] = $1
      if (!($1 in mount) || length($2) < length(mount[$1])) { mount[$1] = $2; fs[$1] = $3 }
    }
    END { for (i = 1; i <= n; i++) print fs[order[i]] "\t" mount[order[i]] }' "$proc/mounts" |
    sed 's/\\/\\0/g' | while IFS=$tab read -r fs mount; do
    mount=$(printf '%b.' "$mount") # /proc/mounts writes a blank as \040, printf %b wants \0040
    mount=${mount%.}
    [ -d "$mount" ] || continue
    usage=$(df -P -k "$mount" 2>/dev/null | awk 'NR == 2 && match($0, / [0-9]+ +[0-9]+ +-?[0-9]+ +[0-9-]+%? /) {
      split(substr($0, RSTART), f, " "); print f[1] "\t" f[2] }')
    [ -n "$usage" ] || continue
    case $mount in
      *"$nl"* | *"$tab"*) mount=$(printf '%s' "$mount" | tr '\n\t' '\036\037') ;;
    esac
    printf 'D\t%s\t%s\t%s\n' "$usage" "$fs" "$mount"
  done
}

address_facts() {
  if command -v ip >/dev/null 2>&1; then
    ip -o addr show 2>/dev/null | awk '$3 == "inet" || $3 == "inet6" {
      sub(/@.*/, "", $2); sub(/\/.*/, "", $4)
      print "A\t" $2 "\t" $4 "\t" ($3 == "inet" ? "ipv4" : "ipv6") }'
    return 0
  fi
  [ ! -r "$proc/net/fib_trie" ] || awk '/^Local:/ { exit }
    /\|--/ { address = $2 } /\/32 host LOCAL/ { print "A\t\t" address "\tipv4" }' "$proc/net/fib_trie"
  [ ! -r "$proc/net/if_inet6" ] || awk '{
      out = ""
      for (i = 0; i < 8; i++) {
        group = substr($1, i * 4 + 1, 4); sub(/^0+/, "", group)
        out = out (i ? ":" : "") (group == "" ? "0" : group)
      }
      print "A\t" $6 "\t" out "\tipv6"
    }' "$proc/net/if_inet6"
}

virtualization() {
  if command -v systemd-detect-virt >/dev/null 2>&1; then
    systemd-detect-virt 2>/dev/null
  elif [ -f /.dockerenv ]; then
    echo docker
  elif [ -f /run/.containerenv ]; then
    echo podman
  elif grep -q '^flags.* hypervisor' "$proc/cpuinfo" 2>/dev/null; then
    cat /sys/class/dmi/id/sys_vendor 2>/dev/null || echo vm
  else
    echo none
  fi
}

package_facts() {
  if [ -r /var/lib/dpkg/status ]; then
    text packages.manager dpkg
    number packages.count "$(grep -c '^Status: install ok installed' /var/lib/dpkg/status)"
    if [ -e /run/reboot-required ]; then number reboot_required true; else number reboot_required false; fi
  elif [ -r /lib/apk/db/installed ]; then
    text packages.manager apk
    number packages.count "$(grep -c '^P:' /lib/apk/db/installed)"
  elif [ -d /var/lib/pacman/local ]; then
    text packages.manager pacman
    number packages.count "$(find /var/lib/pacman/local -mindepth 1 -maxdepth 1 -type d | wc -l | tr -d ' ')"
  elif command -v rpm >/dev/null 2>&1; then
    text packages.manager rpm # counting them takes a second of CPU: not worth it twice a minute
  fi
}

gather() {
  text agent_version "$VERSION"
  text machine_id "$machine"
  text agent_sha256 "$my_sum"
  updates_itself || number self_update false
  text inventory_revision "$(get inventory-revision)"
  text parameters_revision "$(get parameters-revision)"
  text boot_id "$(cat "$proc/sys/kernel/random/boot_id" 2>/dev/null)"
  name=$(hostname 2>/dev/null)
  text hostname "${name:-$(uname -n)}"
  text kernel "$(uname -r)"
  text arch "$(uname -m)"
  number clock "$(date +%s)"
  os_facts
  cpu_facts
  memory_facts
  disk_facts
  address_facts
  network_facts
  package_facts
  text virtualization "$(virtualization)"
  if [ -r "$proc/uptime" ]; then number uptime_seconds "$(sed 's/[. ].*//' "$proc/uptime")"; fi
  if [ -r "$proc/loadavg" ]; then number load "$(cut -d ' ' -f 1-3 "$proc/loadavg")"; fi
}

# Bytes (as numbers, from od) to lines of ASCII that may stand between JSON quotes: UTF-8 becomes \uXXXX, a broken
# sequence \ufffd, a marked newline or tab its escape. A field ends after 255 UTF-16 units.
# shellcheck disable=SC2016 # awk's $i, not the shell's
ESCAPE='
function put(s, units) { if (used + units > 255) used = 999; else { line = line s; used += units } }
function code(c) {
  if (c == 10) { print line; line = ""; used = 0 }
  else if (c == 9) { line = line "\t"; used = 0 }
  else if (c == 30) put("\\n", 1)
  else if (c == 31) put("\\t", 1)
  else if (c == 34) put("\\\"", 1)
  else if (c == 92) put("\\\\", 1)
  else if (c > 65535) { c -= 65536; put(sprintf("\\u%04x\\u%04x", 55296 + int(c / 1024), 56320 + c % 1024), 2) }
  else if (c < 32 || c > 126) put(sprintf("\\u%04x", c), 1)
  else put(sprintf("%c", c), 1)
}
function byte(b) {
  if (need > 0) {
    if (b >= low && b <= high) {
      point = point * 64 + b - 128; low = 128; high = 191
      if (--need == 0) code(point)
      return
    }
    need = 0; code(65533)
  }
  low = 128; high = 191
  if (b < 128) code(b)
  else if (b >= 194 && b <= 223) { need = 1; point = b - 192 }
  else if (b >= 224 && b <= 239) { need = 2; point = b - 224; if (b == 224) low = 160; if (b == 237) high = 159 }
  else if (b >= 240 && b <= 244) { need = 3; point = b - 240; if (b == 240) low = 144; if (b == 244) high = 143 }
  else code(65533)
}
{ for (i = 1; i <= NF; i++) byte($i + 0) }'

# Escaped lines to one JSON object. What is not a number where one belongs is left out; lists are cut so that the
# whole stays under the 64 kB the server takes.
# shellcheck disable=SC2016
ASSEMBLE='
BEGIN { FS = "\t" }
function add(list, item) { return item == "" ? list : (list == "" ? item : list "," item) }
function str(name, key) { return (key in s) ? "\"" name "\":\"" s[key] "\"" : "" }
function num(name, key) { return (key in v) ? "\"" name "\":" v[key] : "" }
function obj(name, inner) { return inner == "" ? "" : "\"" name "\":{" inner "}" }
$1 == "S" && !($2 in s) { s[$2] = $3 }
$1 == "N" && $2 == "load" && $3 ~ /^[0-9]+\.[0-9]+ [0-9]+\.[0-9]+ [0-9]+\.[0-9]+$/ { gsub(/ /, ",", $3); v["load"] = "[" $3 "]" }
$1 == "N" && ($2 == "reboot_required" || $2 == "self_update") { v[$2] = $3 == "true" ? "true" : "false" }
$1 == "N" && $3 ~ /^[0-9]+$/ && length($3) < 16 && !($2 in v) { sub(/^0+/, "", $3); v[$2] = $3 == "" ? "0" : $3 }
$1 == "D" && disk_count < 32 && $2 ~ /^[0-9]+$/ && $3 ~ /^[0-9]+$/ && length(disks) < 20000 {
  disk_count++
  disks = add(disks, "{\"mount\":\"" $5 "\",\"fs\":\"" $4 "\"," sprintf("\"size\":%.0f,\"used\":%.0f}", $2 * 1024, $3 * 1024))
}
$1 == "A" && address_count < 64 && length(addresses) < 20000 && $2 != "lo" && $3 !~ /^127\./ && $3 ~ /^[0-9a-fA-F:.]+$/ && $3 !~ /^(0:)*:*1$/ && !(($2, $3) in seen) {
  seen[$2, $3] = 1; address_count++
  addresses = add(addresses, "{" ($2 == "" ? "" : "\"interface\":\"" $2 "\",") "\"address\":\"" $3 "\",\"family\":\"" $4 "\"}")
}
END {
  out = add(num("seq", "seq"), str("agent_version", "agent_version"))
  out = add(add(out, str("agent_sha256", "agent_sha256")), num("self_update", "self_update"))
  out = add(out, str("machine_id", "machine_id")); out = add(out, str("boot_id", "boot_id"))
  out = add(out, str("hostname", "hostname")); out = add(out, num("clock", "clock"))
  out = add(out, obj("os", add(add(str("id", "os.id"), str("version", "os.version")), str("name", "os.name"))))
  out = add(out, str("kernel", "kernel")); out = add(out, str("arch", "arch"))
  out = add(out, obj("cpu", add(add(add(str("model", "cpu.model"), num("count", "cpu.count")), num("ticks", "cpu.ticks")), num("busy", "cpu.busy"))))
  out = add(out, obj("memory", add(num("total", "memory.total"), num("available", "memory.available"))))
  out = add(out, obj("swap", add(num("total", "swap.total"), num("free", "swap.free"))))
  out = add(out, "\"disks\":[" disks "]"); out = add(out, "\"addresses\":[" addresses "]")
  out = add(out, obj("network", add(num("rx", "network.rx"), num("tx", "network.tx"))))
  out = add(out, num("uptime_seconds", "uptime_seconds")); out = add(out, num("load", "load"))
  out = add(out, str("virtualization", "virtualization"))
  out = add(out, obj("packages", add(str("manager", "packages.manager"), num("count", "packages.count"))))
  out = add(out, str("parameters_revision", "parameters_revision")); out = add(out, str("inventory_revision", "inventory_revision"))
  print "{" add(out, num("reboot_required", "reboot_required")) "}"
}'

# facts [SEQ]: this machine as one line of JSON.
facts() {
  {
    number seq "${1:-}"
    gather
  } | od -An -v -tu1 | awk "$ESCAPE" | awk "$ASSEMBLE"
}
