using System.CommandLine;
using System.CommandLine.Help;
using Roma.Core;
using Roma.Core.Native;

namespace Roma.Cli;

/// <summary>
/// Finds the verbs, runs one and turns what happens into an exit code: 0 done, 1 a bug (with its stack trace), 2 a fault the user can mend (with its remedy),
/// 130 interrupted.
/// </summary>
internal static class Application
{
    public const int Done = 0, Bug = 1, UserFault = 2, Interrupted = 130;

    public static int Run(string[] args, Terminal terminal) => Guard(terminal, () =>
    {
        foreach (string warning in NativeLibraries.Warnings)
            terminal.Error.WriteLine($"warning: {warning}");
        ParseResult result = Commands(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
            throw UsageFault.Of(result);
        if (result.CommandResult.Command is Verb { UsesTorch: true } verb && result.Action == verb.Action)
            NativeLibraries.Require(NativeLibraries.Torch);
        return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Out, Error = terminal.Error });
    });

    /// <summary>Runs something and turns what it throws into an exit code and a message.</summary>
    internal static int Guard(Terminal terminal, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (Cause<RomaException>(e) is { } fault)
        {
            terminal.Error.WriteLine($"error: {fault.Message}");
            if (fault.Remedy is { } remedy)
                terminal.Error.WriteLine($"  remedy: {remedy}");
            return UserFault;
        }
        catch (Exception e) when (terminal.Cancellation.IsCancellationRequested && Cause<OperationCanceledException>(e) is not null)
        {
            terminal.Error.WriteLine("interrupted");
            return Interrupted;
        }
        catch (Exception e)
        {
            terminal.Error.WriteLine($"error: this is a bug in roma {Machine.Describe()["version"]} ({Machine.Commit ?? "no commit"}).\n{e}\n  remedy: please report the lines above with the command you gave.");
            return Bug;
        }
    }

    /// <summary>The root with every verb of this assembly.</summary>
    internal static RootCommand Commands(Terminal terminal)
    {
        var root = new RootCommand("Roma keeps vision-language models reasoning when the picture is bad, and proves it: corrupt, train, evaluate, compare.");
        foreach (Type verb in typeof(Verb).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Verb)) && !type.IsNested).OrderBy(type => type.Name, StringComparer.Ordinal))
            root.Add((Verb)Activator.CreateInstance(verb, terminal)!);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Parallel loops, tasks and type initialisers wrap what was thrown.</summary>
    private static T? Cause<T>(Exception? e) where T : Exception => e switch
    {
        null => null,
        T cause => cause,
        AggregateException several => several.InnerExceptions.Select(Cause<T>).FirstOrDefault(cause => cause is not null),
        System.Reflection.TargetInvocationException or TypeInitializationException => Cause<T>(e.InnerException),
        _ => null,
    };
}
