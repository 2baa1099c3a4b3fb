using System.IO.Enumeration;
using Roma.Core;
using TorchSharp.Modules;

namespace Roma.Training.Optimization;

/// <summary>Which parameters are trained.</summary>
public static class TrainedPart
{
    /// <summary>Freezes the parameters that a pattern names and returns the others.</summary>
    /// <param name="parameters">All parameters by name.</param>
    /// <param name="freeze">Names with * for any characters and ? for one.</param>
    /// <exception cref="RomaException">A pattern names no parameter, or nothing is left to train.</exception>
    public static IReadOnlyList<(string Name, Parameter Parameter)> Select(IEnumerable<(string Name, Parameter Parameter)> parameters, IReadOnlyList<string> freeze)
    {
        (string Name, Parameter Parameter)[] all = [.. parameters];
        string[] idle = [.. freeze.Where(pattern => !all.Any(entry => Matches(pattern, entry.Name)))];
        if (idle.Length > 0)
            throw new RomaException($"freeze: {string.Join(", ", idle)} name(s) no parameter.", $"Parameters are named like {all[0].Name} and {all[^1].Name}; * stands for any characters.");
        (string Name, Parameter Parameter)[] trained = [.. all.Where(entry => !freeze.Any(pattern => Matches(pattern, entry.Name)))];
        if (trained.Length == 0)
            throw new RomaException("freeze leaves nothing to train.", "Name fewer parameters.");
        foreach ((string name, Parameter parameter) in all)
            parameter.requires_grad = !freeze.Any(pattern => Matches(pattern, name));
        return trained;
    }

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
