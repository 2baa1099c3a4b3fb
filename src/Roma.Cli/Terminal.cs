using System.Runtime.InteropServices;
using Roma.Core;
using Spectre.Console;

namespace Roma.Cli;

/// <summary>What a verb talks to: results go to <see cref="Out"/>, faults and progress to <see cref="Error"/>; Ctrl-C asks it to stop through <see cref="Cancellation"/>.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly ProgressDisplay _progress;
    private readonly List<PosixSignalRegistration> _signals = [];

    public Terminal(TextWriter output, TextWriter error, ProgressDisplay? progress = null)
    {
        (Out, Error) = (output, error);
        _progress = progress ?? new ProgressDisplay(error, isLive: false, TimeProvider.System);
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
    }

    /// <summary>Where results go.</summary>
    public TextWriter Out { get; }

    /// <summary>Where faults, warnings and progress go.</summary>
    public TextWriter Error { get; }

    /// <summary>The same as <see cref="Out"/>, for tables.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Shows how far long work is.</summary>
    public IProgressSink Progress => _progress;

    /// <summary>Set by Ctrl-C and by the system's request to end.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>The process's own console: live progress on a terminal, plain lines elsewhere or where NO_COLOR or CI is set.</summary>
    public static Terminal OfConsole()
    {
        bool isLive = !System.Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb"
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));
        System.Console.SetOut(new StandardOutput(System.Console.Out)); // tables ask the console whether they are written to it
        var terminal = new Terminal(System.Console.Out, System.Console.Error, new ProgressDisplay(System.Console.Error, isLive, TimeProvider.System));
        if (System.Console.IsOutputRedirected)
            terminal.Console.Profile.Width = 200; // a pipe has no width; wrapped tables are of no use to the next program
        terminal._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, terminal.Stop));
        terminal._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, terminal.Stop));
        return terminal;
    }

    /// <summary>Writes a line of results without tearing the progress bar.</summary>
    public void WriteLine(string text = "")
    {
        lock (_progress)
        {
            _progress.Erase();
            Out.WriteLine(text);
        }
    }

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _progress.Dispose();
        _cancellation.Dispose();
    }

    /// <summary>The first signal asks, the second one ends the process at once.</summary>
    private void Stop(PosixSignalContext context)
    {
        if (_cancellation.IsCancellationRequested)
            return;
        context.Cancel = true;
        Error.WriteLine("\nstopping after the step at hand; again: at once");
        _cancellation.Cancel();
    }
}
