using System.Diagnostics;

namespace Roma.Tests.Cli;

/// <summary>The program in a process of its own, in surroundings that lack something.</summary>
public sealed class SurroundingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_home_that_cannot_be_written_to_is_no_hindrance()
    {
        (int code, string error) = Run("exec \"$@\"", "model", "init", "--size", "nano", "--out", _folder.File("nano"));
        Assert.True(code == 0, error);
    }

    [SkippableFact]
    public void An_output_that_cannot_be_written_is_told()
    {
        (int code, string error) = Run("exec \"$@\" > /dev/full", "runs", _folder.Path);
        Assert.Equal("error: The standard output could not be written: the disk is full.", error.Split('\n')[0]);
        Assert.Equal(2, code);
    }

    private static (int Code, string Error) Run(string script, params string[] arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", Path.ChangeExtension(typeof(Roma.Cli.Application).Assembly.Location, null), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = "/proc";
        start.Environment.Remove("XDG_DATA_HOME");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
