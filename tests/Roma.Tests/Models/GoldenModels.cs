using System.Text.Json.Nodes;
using Roma.Models;

namespace Roma.Tests.Models;

/// <summary>Rows of the golden models whose architecture, as their config.json names it, is implemented.</summary>
internal static class GoldenModels
{
    public static TheoryData<string> Folders(string pattern) => Implemented(Golden.Folders("models", pattern));

    public static TheoryData<string> Files(string pattern) => Implemented(Golden.Files("models", pattern));

    public static bool IsImplemented(string folder) =>
        VisionLanguageModel.Architectures.Contains((string)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "checkpoint", "config.json")))!["architectures"]![0]!);

    private static TheoryData<string> Implemented(IEnumerable<object[]> rows) => new(rows.Select(row => (string)row[0])
        .Where(row => !row.StartsWith("models", StringComparison.Ordinal) || IsImplemented(Path.Combine(Golden.Root, "models", row.Split(Path.DirectorySeparatorChar)[1]))));
}
