# Freehold agent for Windows: tells one Freehold server about this machine, and does nothing else. It is replaced by the server's own
# version of itself, unless "self_update=no" stands in its config. Needs Windows PowerShell 5.1 or later. Not tested on Windows by us.
# The server answers with a closed list of words (interval, credential, seq, parameters, inventory, agent, uninstall); it cannot send commands.
# State (ProgramData\Freehold\agent, for SYSTEM and administrators only): config, credential, seq, interval, last, boot, parameters, inventory.
param([string]$Command = '', [string]$Url = '')
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$Version = '1.3.0'
$Uninstalled = 86
$TaskName = 'Freehold agent'
$InventoryEvery = 900
$UpdateEvery = 600
$RefusedFor = 86400
$Dir = if ($env:FREEHOLD_DIR) { $env:FREEHOLD_DIR } else { Join-Path $env:ProgramData 'Freehold\agent' }
$Bin = Join-Path $Dir 'agent.ps1'
$Own = @('config', 'credential', 'seq', 'interval', 'last', 'boot', 'parameters', 'parameters-revision', 'inventory', 'inventory-at',
  'inventory-revision', 'updating', 'update-starts', 'update-at', 'update-refused', 'agent.previous', 'agent.next.ps1', 'agent.log', 'agent.ps1')
$Utf8 = New-Object System.Text.UTF8Encoding($false)
$Config = @{}
$OnTrial = $false
$Updated = $false

function Write-Log([string]$Text) {
  $line = '{0} freehold-agent: {1}' -f [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ'), ($Text -replace '[\x00-\x1f\x7f]', ' ')
  Write-Host $line
  $log = Join-Path $Dir 'agent.log'
  try {
    if ((Test-Path $log) -and (Get-Item $log).Length -gt 262144) { Remove-Item $log -Force }
    [IO.File]::AppendAllText($log, "$line`r`n", $Utf8)
  } catch { Write-Host 'cannot write the log' }
}

# ---- state ------------------------------------------------------------------------------------------------------

function Get-State([string]$Name) {
  $path = Join-Path $Dir $Name
  if (Test-Path $path) { return ([IO.File]::ReadAllText($path, $Utf8) -split "`n")[0].Trim() }
  return ''
}

# Replaces a state file in one step, so that a crash leaves the old or the new one.
function Set-State([string]$Name, [string]$Value) {
  $path = Join-Path $Dir $Name
  [IO.File]::WriteAllText("$path.new", "$Value`n", $Utf8)
  Move-Item -LiteralPath "$path.new" -Destination $path -Force
}

function Remove-State([string[]]$Names) {
  foreach ($name in $Names) {
    foreach ($path in (Join-Path $Dir $name), (Join-Path $Dir "$name.new")) {
      if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Force }
    }
  }
}

# A whole number of at most 15 digits, else the default.
function Get-Whole([string]$Text, [long]$Default) {
  if ($Text -match '^[0-9]{1,15}$') { return [long]$Text }
  return $Default
}

function Get-Now { return [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() }

function Read-Config {
  $path = Join-Path $Dir 'config'
  if (-not (Test-Path $path)) { return $false }
  $script:Config = @{}
  foreach ($line in [IO.File]::ReadAllLines($path, $Utf8)) {
    $at = $line.IndexOf('=')
    if ($at -gt 0) { $script:Config[$line.Substring(0, $at)] = $line.Substring($at + 1) }
  }
  return [bool]$script:Config['url']
}

function Get-Sha256([byte[]]$Bytes) {
  $sha = [Security.Cryptography.SHA256]::Create()
  try { return -join ($sha.ComputeHash($Bytes) | ForEach-Object { $_.ToString('x2') }) } finally { $sha.Dispose() }
}

$MySum = ''
if ($PSCommandPath -and (Test-Path -LiteralPath $PSCommandPath)) { $MySum = Get-Sha256 ([IO.File]::ReadAllBytes($PSCommandPath)) }

# ---- facts ------------------------------------------------------------------------------------------------------

function Limit-Text($Value) {
  $text = [string]$Value
  if ($text.Length -gt 255) { return $text.Substring(0, 255) }
  return $text
}

# What cannot be found out is left out.
function Get-Fact([scriptblock]$Block) {
  try { return & $Block } catch { return $null }
}

# The machine's id, hashed: the one of Windows is meant to stay private to the machine.
function Get-MachineId {
  $id = (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Cryptography').MachineGuid
  return Get-Sha256 ($Utf8.GetBytes($id))
}

function Get-Uptime { return [long]([Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency) }

# Windows names no boot: one begins where the time since the boot is shorter than it was.
function Get-BootId {
  $uptime = Get-Uptime
  $known = (Get-State 'boot') -split ' '
  $id = $known[0]
  if ($known.Count -ne 2 -or $uptime -lt (Get-Whole $known[1] 0)) { $id = [Guid]::NewGuid().ToString() }
  Set-State 'boot' "$id $uptime"
  return $id
}

function Get-Disks {
  foreach ($disk in (Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3' | Select-Object -First 32)) {
    if ($disk.Size) {
      @{ mount = Limit-Text $disk.DeviceID; fs = Limit-Text $disk.FileSystem; size = [long]$disk.Size; used = [long]($disk.Size - $disk.FreeSpace) }
    }
  }
}

function Get-Addresses {
  $all = Get-NetIPAddress | Where-Object { $_.IPAddress -notmatch '^(127\.|::1$)' } | Select-Object -First 64
  foreach ($one in $all) {
    $family = if ($one.AddressFamily -eq 'IPv6') { 'ipv6' } else { 'ipv4' }
    @{ interface = Limit-Text $one.InterfaceAlias; address = ($one.IPAddress -replace '%.*$', ''); family = $family }
  }
}

# Time of all processors, all of it and that in which they worked, in hundredths of a second.
function Get-CpuTimes {
  $raw = Get-CimInstance Win32_PerfRawData_PerfOS_Processor -Filter "Name='_Total'"
  $ticks = [Math]::Floor([double]$raw.Timestamp_Sys100NS / 100000)
  return @{ ticks = [long]$ticks; busy = [long]($ticks - [Math]::Floor([double]$raw.PercentProcessorTime / 100000)) }
}

function Get-Virtualization {
  $system = Get-CimInstance Win32_ComputerSystem
  $made = "$($system.Manufacturer) $($system.Model)"
  if ($made -match 'VMware') { return 'vmware' }
  if ($made -match 'QEMU|KVM') { return 'kvm' }
  if ($made -match 'VirtualBox') { return 'oracle' }
  if ($system.Model -eq 'Virtual Machine') { return 'microsoft' }
  return 'none'
}

function Test-RebootDue {
  return (Test-Path 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending') -or
    (Test-Path 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired')
}

# Not over a connection that others could change: what came that way would run as the system.
function Test-SelfUpdate { return $Config['self_update'] -ne 'no' -and $Config['insecure'] -ne '1' }

function Get-Facts([long]$Seq) {
  $os = Get-CimInstance Win32_OperatingSystem
  $facts = [ordered]@{}
  if ($Seq -gt 0) { $facts.seq = $Seq }
  $facts.agent_version = $Version
  $facts.agent_script = 'ps1'
  if ($MySum) { $facts.agent_sha256 = $MySum }
  if (-not (Test-SelfUpdate)) { $facts.self_update = $false }
  $facts.machine_id = Get-MachineId
  if (Test-Path $Dir) { $facts.boot_id = Get-BootId }
  $facts.hostname = Limit-Text ([Net.Dns]::GetHostName())
  $facts.clock = Get-Now
  $facts.os = @{ id = 'windows'; version = Limit-Text $os.Version; name = Limit-Text $os.Caption }
  $facts.kernel = Limit-Text $os.Version
  $facts.arch = Limit-Text $env:PROCESSOR_ARCHITECTURE
  $cpu = Get-Fact { Get-CpuTimes }
  if ($null -eq $cpu) { $cpu = @{} }
  $cpu.count = [Environment]::ProcessorCount
  $model = Get-Fact { (Get-CimInstance Win32_Processor | Select-Object -First 1).Name }
  if ($model) { $cpu.model = Limit-Text $model.Trim() }
  $facts.cpu = $cpu
  $facts.memory = @{ total = [long]$os.TotalVisibleMemorySize * 1024; available = [long]$os.FreePhysicalMemory * 1024 }
  $page = Get-Fact { Get-CimInstance Win32_PageFileUsage | Measure-Object -Property @('AllocatedBaseSize', 'CurrentUsage') -Sum }
  if ($page) { $facts.swap = @{ total = [long]$page[0].Sum * 1048576; free = [long]($page[0].Sum - $page[1].Sum) * 1048576 } }
  $facts.disks = @(Get-Fact { Get-Disks } | Where-Object { $_ })
  $facts.addresses = @(Get-Fact { Get-Addresses } | Where-Object { $_ })
  $traffic = Get-Fact { Get-NetAdapter -Physical | Get-NetAdapterStatistics | Measure-Object -Property @('ReceivedBytes', 'SentBytes') -Sum }
  if ($traffic) { $facts.network = @{ rx = [long]$traffic[0].Sum; tx = [long]$traffic[1].Sum } }
  $facts.uptime_seconds = Get-Uptime
  $kind = Get-Fact { Get-Virtualization }
  if ($kind) { $facts.virtualization = $kind }
  $facts.reboot_required = [bool](Get-Fact { Test-RebootDue })
  $revision = Get-State 'parameters-revision'
  if ($revision) { $facts.parameters_revision = $revision }
  $revision = Get-State 'inventory-revision'
  if ($revision) { $facts.inventory_revision = $revision }
  return ConvertTo-Json $facts -Compress -Depth 6
}

function Get-PackageList {
  $keys = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*', 'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*'
  return @(Get-ItemProperty $keys -ErrorAction SilentlyContinue | Where-Object { $_.DisplayName } | Sort-Object -Property @('DisplayName', 'DisplayVersion') -Unique)
}

# How many updates Windows knows of; nothing is downloaded.
function Get-UpdateCount {
  $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
  $searcher.Online = $false
  return $searcher.Search('IsInstalled=0 and IsHidden=0').Updates.Count
}

# failed: should run, and ended with an error. 1077: was not started since the boot.
function Get-ServiceState($Service) {
  switch ($Service.State) {
    'Running' { return 'running' }
    'Start Pending' { return 'starting' }
    'Stop Pending' { return 'stopping' }
  }
  if ($Service.StartMode -eq 'Auto' -and $Service.ExitCode -ne 0 -and $Service.ExitCode -ne 1077) { return 'failed' }
  return 'stopped'
}

# Packages and services, as the inside of a JSON object. Lists are cut so that the whole stays under the 64 kB the server takes.
function Get-Inventory {
  $installed = Get-PackageList
  $list = New-Object Collections.ArrayList
  $size = 0
  foreach ($one in $installed) {
    $size += [Math]::Min(255, $one.DisplayName.Length) * 6 + 60
    if ($list.Count -ge 1000 -or $size -gt 150000) { break }
    [void]$list.Add(@((Limit-Text $one.DisplayName), (Limit-Text $one.DisplayVersion)))
  }
  $packages = [ordered]@{ manager = 'windows'; total = $installed.Count }
  $updates = Get-Fact { Get-UpdateCount }
  if ($null -ne $updates) { $packages.updates = [int]$updates }
  $services = @(Get-CimInstance Win32_Service | ForEach-Object { , @((Limit-Text $_.Name), (Get-ServiceState $_)) })
  $failed = @($services | Where-Object { $_[1] -eq 'failed' })
  $sorted = @($services | Sort-Object -Property @({ if ($_[1] -eq 'failed') { 0 } else { 1 } }, { $_[0] }) | Select-Object -First 200)
  do {
    $packages.list = $list.ToArray()
    $json = ConvertTo-Json ([ordered]@{
        packages = $packages
        services = [ordered]@{ manager = 'windows'; total = $services.Count; failed = $failed.Count; list = $sorted }
      }) -Compress -Depth 6
    $drop = [Math]::Max(1, [int]($list.Count / 10))
    if ($Utf8.GetByteCount($json) -gt 60000 -and $list.Count -gt 0) { $list.RemoveRange($list.Count - $drop, $drop); continue }
    return $json.Substring(1, $json.Length - 2)
  } while ($true)
}

function Update-Inventory {
  $age = (Get-Now) - (Get-Whole (Get-State 'inventory-at') 0)
  if ($age -ge 0 -and $age -lt $InventoryEvery) { return }
  $found = Get-Inventory
  Set-State 'inventory' $found
  Set-State 'inventory-revision' (Get-Sha256 ($Utf8.GetBytes($found))).Substring(0, 16)
  Set-State 'inventory-at' (Get-Now)
}

# ---- wire -------------------------------------------------------------------------------------------------------

function Assert-Url {
  $url = [string]$Config['url']
  if ($url -cnotmatch '^https?://[A-Za-z0-9.\[\]:_-]+(/t/[a-z0-9-]+)?$') { throw "the address '$url' is not one of a Freehold server." }
  $name = ([Uri]$url).DnsSafeHost
  $isLocal = $name -eq 'localhost' -or $name -like '*.localhost' -or $name -eq '127.0.0.1' -or $name -eq '::1'
  if ($url.StartsWith('http://') -and -not $isLocal -and $Config['insecure'] -ne '1') {
    throw "$url is not https: anyone on the way could read what this machine sends. FREEHOLD_INSECURE=1 allows it."
  }
}

# Sends one request; redirects are not followed, and of an answer at most 1 MiB is read. Status 0: there was no answer.
function Send-Request([string]$Method, [string]$Path, [string]$Secret, [string]$Body) {
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  $request = [Net.HttpWebRequest][Net.WebRequest]::Create("$($Config['url'])$Path")
  $request.Method = $Method
  $request.AllowAutoRedirect = $false
  $request.Timeout = 20000
  $request.ReadWriteTimeout = 20000
  $request.UserAgent = "freehold-agent/$Version"
  $request.ServicePoint.Expect100Continue = $false
  $response = $null
  try {
    if ($Method -eq 'POST') {
      $request.Headers['Authorization'] = "Bearer $Secret"
      $request.ContentType = 'application/json'
      $request.Accept = 'text/plain'
      $bytes = $Utf8.GetBytes($Body)
      $request.ContentLength = $bytes.Length
      $stream = $request.GetRequestStream()
      $stream.Write($bytes, 0, $bytes.Length)
      $stream.Dispose()
    }
    $response = $request.GetResponse()
  } catch [Net.WebException] {
    $response = $_.Exception.Response
    if ($null -eq $response) { return @{ status = 0; text = $_.Exception.Message; bytes = @() } }
  }
  try {
    $memory = New-Object IO.MemoryStream
    $buffer = New-Object byte[] 8192
    $stream = $response.GetResponseStream()
    while ($memory.Length -lt 1048576 -and ($read = $stream.Read($buffer, 0, $buffer.Length)) -gt 0) { $memory.Write($buffer, 0, $read) }
    $bytes = $memory.ToArray()
    return @{ status = [int]$response.StatusCode; text = $Utf8.GetString($bytes); bytes = $bytes }
  } finally { $response.Dispose() }
}

function Send-Call([string]$Call, [string]$Secret, [string]$Body) { return Send-Request 'POST' "/api/agent/v1/$Call" $Secret $Body }

# The rest of the first line of the answer that starts with this word.
function Get-Word($Answer, [string]$Name) {
  foreach ($line in ($Answer.text -split "`r?`n")) { if ($line.StartsWith("$Name ")) { return $line.Substring($Name.Length + 1) } }
  return ''
}

function Get-Why($Answer) {
  $said = (Get-Word $Answer 'error') -replace '^\S+ ', ''
  if (-not $said) { $said = if ($Answer.status -eq 0) { $Answer.text } else { "the server answered $($Answer.status)" } }
  return Limit-Text ($said -replace '[\x00-\x1f\x7f]', ' ')
}

function Get-NewCredential($Answer) {
  $given = Get-Word $Answer 'credential'
  if ($given -cmatch '^fha_[A-Za-z0-9_-]{1,196}$') { return $given }
  return ''
}

# Writes the parameters of the answer, if there are any, to a file; as data, in one step.
function Save-Parameters($Answer) {
  if ((Get-Word $Answer 'parameters') -notmatch '^([0-9a-f]{16}) ?([A-Za-z0-9+/=]*)$') { return }
  $revision = $Matches[1]
  try { $bytes = [Convert]::FromBase64String($Matches[2]) } catch { return }
  $path = Join-Path $Dir 'parameters'
  [IO.File]::WriteAllBytes("$path.new", $bytes)
  Move-Item -LiteralPath "$path.new" -Destination $path -Force
  Set-State 'parameters-revision' $revision
}

function Save-Interval($Answer) {
  $given = Get-Whole (Get-Word $Answer 'interval') 0
  if ($given -gt 0 -and $given -le 3600) { Set-State 'interval' $given }
}

# ---- updates ----------------------------------------------------------------------------------------------------

function Deny-Update([string]$Sum) {
  Set-State 'update-refused' "$Sum $(Get-Now)"
  Remove-State 'agent.next.ps1'
}

function Complete-Update {
  if (Test-Path (Join-Path $Dir 'updating')) { Remove-State 'updating', 'update-starts', 'agent.previous' }
}

# Fetches, checks and tries the server's script; what reports takes this one's place. The one before stays until the new one has
# reported from there.
function Install-Update([string]$Word) {
  if ($Word -cnotmatch '^([0-9]+\.[0-9]+\.[0-9]+) ([0-9a-f]{64})$') { return }
  $to = $Matches[1]
  $sum = $Matches[2]
  if ($OnTrial -or -not (Test-SelfUpdate) -or -not $MySum -or $sum -eq $MySum) { return }
  $refused = (Get-State 'update-refused') -split ' '
  if ($refused[0] -eq $sum -and $refused.Count -eq 2 -and (Get-Now) - (Get-Whole $refused[1] 0) -lt $RefusedFor) { return }
  $age = (Get-Now) - (Get-Whole (Get-State 'update-at') 0)
  if ($age -ge 0 -and $age -lt $UpdateEvery) { return }
  Set-State 'update-at' (Get-Now)
  $answer = Send-Request 'GET' '/agent/agent.ps1' '' ''
  if ($answer.status -ne 200 -or (Get-Sha256 $answer.bytes) -ne $sum) {
    Write-Log "what the server sent as version $to does not have the checksum that it named: not taken"
    return
  }
  $next = Join-Path $Dir 'agent.next.ps1'
  [IO.File]::WriteAllBytes($next, $answer.bytes)
  $problems = $null
  [void][Management.Automation.Language.Parser]::ParseFile($next, [ref]$null, [ref]$problems)
  if ($problems.Count -gt 0) {
    Write-Log "version $to is no script for this PowerShell: not taken"
    Deny-Update $sum
    return
  }
  Start-Sleep -Seconds 2 # the server takes no two reports of one second
  & (Join-Path $PSHOME 'powershell.exe') -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $next trial | Out-Null
  if ($LASTEXITCODE -ne 0) {
    Write-Log "version $to could not report: stayed with $Version"
    Deny-Update $sum
    return
  }
  Copy-Item -LiteralPath $Bin -Destination (Join-Path $Dir 'agent.previous') -Force
  Set-State 'updating' $sum
  Move-Item -LiteralPath $next -Destination $Bin -Force
  Write-Log "updated from version $Version to $to"
  $script:Updated = $true
}

function Undo-Update {
  $previous = Join-Path $Dir 'agent.previous'
  if (Test-Path $previous) {
    Write-Log "version $Version does not report: back to the one before"
    Deny-Update $MySum
    Move-Item -LiteralPath $previous -Destination $Bin -Force
    $script:Updated = $true
  }
  Complete-Update
}

# A new script that ended without having reported is not given a second start.
function Resume-Update {
  $sum = Get-State 'updating'
  if (-not $sum) { return }
  if ($sum -ne $MySum) { Complete-Update }
  elseif (Get-State 'update-starts') { Undo-Update }
  else { Set-State 'update-starts' '1' }
}

# ---- commands ---------------------------------------------------------------------------------------------------

function Remove-Task {
  Get-ScheduledTask -TaskName $TaskName -ErrorAction SilentlyContinue | Unregister-ScheduledTask -Confirm:$false
}

# Only what is ours: the folder may hold more.
function Remove-Files {
  Remove-State $Own
  if (-not (Get-ChildItem -LiteralPath $Dir -Force)) { Remove-Item -LiteralPath $Dir -Force }
}

# The loop is started at boot, and again within a minute should it ever end.
function Install-Task {
  $shell = Join-Path $PSHOME 'powershell.exe'
  $action = New-ScheduledTaskAction -Execute $shell -Argument "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$Bin`" run"
  $again = New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 1)
  $settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
  $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount
  [void](Register-ScheduledTask -TaskName $TaskName -Action $action -Trigger (New-ScheduledTaskTrigger -AtStartup), $again -Settings $settings -Principal $principal -Force)
  Start-ScheduledTask -TaskName $TaskName
}

# The token comes on standard input. Writes nothing until the server has accepted.
function Invoke-Enrol {
  $token = [Console]::In.ReadLine()
  if ($token -cnotmatch '^[A-Za-z0-9_.-]+$') { throw 'that is not an enrolment token.' }
  $before = if (Read-Config) { $Config['self_update'] } else { '' }
  $update = if ($env:FREEHOLD_SELF_UPDATE) { $env:FREEHOLD_SELF_UPDATE } elseif ($before) { $before } else { 'yes' }
  if ($update -ne 'yes' -and $update -ne 'no') { throw 'FREEHOLD_SELF_UPDATE is yes or no.' }
  $script:Config = @{ url = $Url; insecure = $env:FREEHOLD_INSECURE; self_update = $update }
  Assert-Url
  $answer = Send-Call 'enrol' $token (Get-Facts 0)
  $credential = Get-NewCredential $answer
  if ($answer.status -lt 200 -or $answer.status -gt 299) { throw "not enrolled: $(Get-Why $answer)" }
  if (-not $credential) { throw 'the server accepted, but gave no credential.' }
  $accepted = (Get-Word $answer 'host') -replace '[^0-9a-f-]', ''
  Set-State 'credential' $credential
  Set-State 'seq' (Get-Whole (Get-State 'seq') 0)
  Set-State 'interval' 30
  Save-Interval $answer
  Set-State 'config' "url=$Url`nhost=$accepted`ninsecure=$($env:FREEHOLD_INSECURE)`nself_update=$update"
  Write-Host "This machine is enrolled as host $accepted."
}

# One report: 0 taken, 1 not delivered, 2 refused, 86 the server took this agent off.
function Send-Report {
  Update-Inventory
  $seq = (Get-Whole (Get-State 'seq') 0) + 1
  Set-State 'seq' $seq
  $answer = Send-Call 'report' (Get-State 'credential') (Get-Facts $seq)
  if ($answer.status -eq 409) {
    $theirs = Get-Whole (Get-Word $answer 'seq') 0
    if ($theirs -ge $seq) {
      $seq = $theirs + 1
      Set-State 'seq' $seq
      $answer = Send-Call 'report' (Get-State 'credential') (Get-Facts $seq)
    }
  }
  Set-State 'last' "$(Get-Now) $($answer.status)"
  if ($answer.status -ge 200 -and $answer.status -le 299) { return Invoke-Answer $answer $seq }
  if ($answer.status -eq 429) { Save-Interval $answer }
  Write-Log "not taken ($($answer.status)): $(Get-Why $answer)"
  if ($answer.status -in 401, 403, 429) { return 2 }
  return 1
}

# The whole of what a server can make this agent do.
function Invoke-Answer($Answer, [long]$Seq) {
  if (($Answer.text -split "`r?`n") -ccontains 'uninstall') {
    Write-Log 'the server took this machine off: uninstalling'
    Remove-Task
    [void](Send-Call 'goodbye' (Get-State 'credential') '{}')
    Remove-Files
    return $Uninstalled
  }
  Save-Interval $Answer
  Save-Parameters $Answer
  $credential = Get-NewCredential $Answer
  if ($credential) { Set-State 'credential' $credential }
  Complete-Update
  if (($Answer.text -split "`r?`n") -ccontains 'inventory') {
    $body = '{"seq":' + $Seq + ',"machine_id":"' + (Get-MachineId) + '","revision":"' + (Get-State 'inventory-revision') + '",' + (Get-State 'inventory') + '}'
    $told = Send-Call 'inventory' (Get-State 'credential') $body
    if ($told.status -ne 200) { Write-Log "packages and services not delivered ($($told.status)): $(Get-Why $told)" }
  }
  Install-Update (Get-Word $Answer 'agent')
  return 0
}

# A lost report is tried again sooner, a refusal later and later, up to 15 minutes; an eighth either way at random.
function Get-Wait([int]$Outcome, [int]$Failures) {
  $interval = Get-Whole (Get-State 'interval') 30
  $wait = $interval
  $most = 900
  if ($Outcome -eq 1) { $wait = [Math]::Min(5, $interval); $most = [Math]::Max(60, $interval) }
  if ($Outcome -eq 2) { $wait = $interval * 2 }
  for ($i = 1; $i -lt $Failures -and $wait -lt $most; $i++) { $wait *= 2 }
  $wait = [Math]::Min($wait, $most)
  return [Math]::Max(1, $wait * (0.875 + 0.25 * (Get-Random -Minimum 0.0 -Maximum 1.0)))
}

function Invoke-Loop {
  $mutex = New-Object Threading.Mutex($false, 'Global\FreeholdAgent')
  try { if (-not $mutex.WaitOne(0)) { Write-Log 'already running'; return 0 } } catch [Threading.AbandonedMutexException] { Write-Log 'the one before was killed' }
  Resume-Update
  $failures = 0
  # After an update the task starts the new script within a minute.
  while (-not $Updated) {
    if (-not (Read-Config)) { return $Uninstalled }
    $outcome = 1
    try { $outcome = Send-Report } catch { Write-Log "report failed: $($_.Exception.Message)" }
    if ($outcome -eq $Uninstalled) { return $Uninstalled }
    if ($Updated) { break }
    $failures = if ($outcome -eq 0) { 0 } else { $failures + 1 }
    if ($failures -ge 5 -and (Test-Path (Join-Path $Dir 'updating'))) { Undo-Update; break }
    Start-Sleep -Milliseconds ([int](1000 * (Get-Wait $outcome $failures)))
  }
  return 0
}

function Invoke-Status {
  Write-Host "version: $Version`nserver: $($Config['url'])`nhost: $($Config['host'])`nupdates itself: $(if (Test-SelfUpdate) { 'yes' } else { 'no' })"
  $last = (Get-State 'last') -split ' '
  if ($last.Count -eq 2) { Write-Host "last report: $((Get-Now) - (Get-Whole $last[0] 0)) s ago, answer $($last[1])" }
  $task = Get-ScheduledTask -TaskName $TaskName -ErrorAction SilentlyContinue
  Write-Host "task: $(if ($task) { $task.State } else { 'none' })"
}

function Invoke-Uninstall {
  Stop-ScheduledTask -TaskName $TaskName -ErrorAction SilentlyContinue
  Remove-Task
  $answer = Send-Call 'goodbye' (Get-State 'credential') '{}'
  if ($answer.status -ne 200) { Write-Host "The server was not told: $(Get-Why $answer)" }
  Remove-Files
  Write-Host 'The Freehold agent is gone from this machine.'
}

function Invoke-Main {
  if ($Command -eq 'version') { Write-Host $Version; return 0 }
  if ($Command -eq 'enrol') { Invoke-Enrol; return 0 }
  $known = Read-Config
  if ($Command -eq 'facts') { Write-Output (Get-Facts 0); return }
  if ($Command -eq 'inventory') { Write-Output "{$(Get-Inventory)}"; return }
  if (-not $known) { throw "nothing is enrolled in $Dir." }
  Assert-Url
  switch ($Command) {
    'run' { return Invoke-Loop }
    'report' { return Send-Report }
    'trial' { $script:OnTrial = $true; return Send-Report }
    'status' { Invoke-Status; return 0 }
    'install-task' { Install-Task; return 0 }
    'uninstall' { Invoke-Uninstall; return 0 }
  }
  throw 'usage: agent.ps1 status | report | run | facts | inventory | version | uninstall'
}

# The last lines: a script cut short on its way does nothing.
try {
  $outcome = Invoke-Main
  if ($outcome -is [int] -or $outcome -is [long]) { exit [int]$outcome }
  if ($null -ne $outcome) { Write-Output $outcome }
} catch {
  Write-Host "freehold-agent: $($_.Exception.Message)"
  exit 1
}
