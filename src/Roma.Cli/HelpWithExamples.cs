using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Roma.Cli;

/// <summary>The usual help, followed by the verb's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true; // `roma corrupt --help` lacks its argument rightly

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
            parseResult.InvocationConfiguration.Output.WriteLine($"Examples:\n{string.Concat(verb.Examples.Select(example => $"  {example}\n"))}");
        return code;
    }
}
