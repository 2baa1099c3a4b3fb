<#
.SYNOPSIS
Runs Roma from its sources.
.EXAMPLE
./run.ps1 demo
.EXAMPLE
./run.ps1 corrupt photo.jpg --corruption fog
.EXAMPLE
./run.ps1 -Backend cuda doctor
#>
param(
    # cpu or cuda: which libtorch the packages bring.
    [ValidateSet('cpu', 'cuda')][string] $Backend = 'cpu',
    # An existing PyTorch installation to load libtorch from (Linux).
    [string] $LibTorch = '',
    # The verb and its arguments.
    [Parameter(ValueFromRemainingArguments)][string[]] $Arguments = @('demo')
)
if ($LibTorch) { $env:ROMA_LIBTORCH = $LibTorch }
$project = [IO.Path]::Combine($PSScriptRoot, 'src', 'Roma.Cli')
& dotnet run -c Release --project $project "-p:TorchBackend=$Backend" -- @Arguments
exit $LASTEXITCODE
