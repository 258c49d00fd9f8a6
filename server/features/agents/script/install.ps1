# Installs the Freehold agent on this Windows machine, or enrols it anew. In an elevated PowerShell:
#   $env:FREEHOLD_TOKEN = '...'; irm @@ORIGIN@@/agent/install.ps1 | iex
# Not tested on Windows by us. More settings, all optional:
#   FREEHOLD_INSECURE=1      allow http to a server that is not this machine
#   FREEHOLD_SELF_UPDATE=no  the agent does not replace itself by newer versions of the server
# Uninstall: & "$env:ProgramData\Freehold\agent\agent.ps1" uninstall
function Install-FreeholdAgent {
  $ErrorActionPreference = 'Stop'
  $url = '@@ORIGIN@@'
  $agent = @'
@@AGENT@@
'@
  $token = $env:FREEHOLD_TOKEN
  Remove-Item Env:FREEHOLD_TOKEN -ErrorAction SilentlyContinue
  $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
  if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Write-Host 'Run this in an elevated PowerShell (Run as administrator).'
    return
  }
  if (-not $token) {
    $asked = Read-Host 'Enrolment token' -AsSecureString
    $token = [Net.NetworkCredential]::new('', $asked).Password
  }
  $dir = Join-Path $env:ProgramData 'Freehold\agent'
  $isNew = -not (Test-Path $dir)
  [void](New-Item -ItemType Directory -Path $dir -Force)
  # SYSTEM and administrators alone, by their well-known ids.
  & icacls.exe $dir /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "cannot keep $dir to administrators" }
  $bin = Join-Path $dir 'agent.ps1'
  $new = Join-Path $dir 'agent.install.ps1'
  $text = ($agent -replace "`r`n", "`n") + "`n"
  [IO.File]::WriteAllText($new, $text, (New-Object System.Text.UTF8Encoding($false)))
  $shell = Join-Path $PSHOME 'powershell.exe'
  $flags = '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'
  $token | & $shell @flags $new enrol $url
  if ($LASTEXITCODE -ne 0) {
    Remove-Item -LiteralPath $new -Force
    if ($isNew) { Remove-Item -LiteralPath $dir -Recurse -Force }
    return
  }
  Stop-ScheduledTask -TaskName 'Freehold agent' -ErrorAction SilentlyContinue
  Move-Item -LiteralPath $new -Destination $bin -Force
  & $shell @flags $bin install-task
  Write-Host "Installed $bin. To remove, in an elevated PowerShell: & '$bin' uninstall"
}

# The last line: a script cut short on its way does nothing.
Install-FreeholdAgent
