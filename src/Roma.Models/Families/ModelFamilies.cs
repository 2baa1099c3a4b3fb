using Roma.Core;

namespace Roma.Models.Families;

/// <summary>Every family that is implemented.</summary>
public static class ModelFamilies
{
    /// <summary>The families by name, for example <c>qwen3_vl</c>.</summary>
    public static IReadOnlyDictionary<string, IModelFamily> All { get; } =
        NamedTypes.Of(typeof(IModelFamily)).ToDictionary(pair => pair.Key, pair => (IModelFamily)Activator.CreateInstance(pair.Value)!);

    /// <summary>The family of an architecture.</summary>
    /// <param name="architecture">The first of <c>architectures</c> in <c>config.json</c>.</param>
    /// <param name="where">The file that names it, for the message.</param>
    /// <exception cref="RomaException">None is implemented; those that are are named.</exception>
    public static IModelFamily Of(string architecture, string where = "config.json") => All.Values.FirstOrDefault(family => family.Architecture == architecture)
        ?? throw new RomaException($"{where} names the architecture {architecture}; supported are {string.Join(", ", All.Values.Select(family => family.Architecture))}.",
            $"Use a dense model of one of the families {string.Join(", ", All.Keys)}.");
}
