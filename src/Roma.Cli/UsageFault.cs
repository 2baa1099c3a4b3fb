using System.CommandLine;
using Roma.Core;

namespace Roma.Cli;

/// <summary>Explains a command line that does not parse: what is wrong, what was probably meant, where help is.</summary>
internal static class UsageFault
{
    public static RomaException Of(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string line = string.Join(' ', Lineage(result).Reverse().Select(c => c is RootCommand ? "roma" : c.Name));
        string remedy = $"Run `{line} --help`.";
        if (result.UnmatchedTokens.Concat(result.CommandResult.Tokens.Select(t => t.Value).Where(IsOption)).FirstOrDefault() is { } token)
        {
            bool isOption = IsOption(token);
            IEnumerable<string> names = isOption ? Lineage(result).SelectMany(c => c.Options.Where(o => c == command || o.Recursive)).Select(o => o.Name) : command.Subcommands.Select(c => c.Name);
            string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "verb" : "argument";
            return new RomaException($"`{line}` has no {kind} '{token}'{DidYouMean.Hint(token, names)}.", remedy);
        }
        if (command.Subcommands.Count > 0 && command.Action is null)
            return new RomaException($"`{line}` needs a verb. Allowed: {string.Join(", ", command.Subcommands.Select(c => c.Name))}.", remedy);
        return new RomaException(string.Join(" ", result.Errors.Select(error => error.Message).Distinct()), remedy);
    }

    /// <summary>Whether a word of the command line is meant as an option.</summary>
    public static bool IsOption(string word) => word.StartsWith('-');

    private static IEnumerable<Command> Lineage(ParseResult result)
    {
        for (System.CommandLine.Parsing.SymbolResult? at = result.CommandResult; at is not null; at = at.Parent)
            if (at is System.CommandLine.Parsing.CommandResult { Command: var command })
                yield return command;
    }
}
