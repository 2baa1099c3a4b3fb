using System.Globalization;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Tests.Corruptions;

/// <summary>Against the distribution of the references' own results over seeds.</summary>
[Trait("Category", "Golden")]
public class StatisticsTests
{
    private const int Seeds = 8;
    private static readonly Lazy<JsonNode> Table = new(() => JsonNode.Parse(File.ReadAllText(Golden.PathOf("corruptions/statistics.json")))!);

    public static TheoryData<string> Rows() => File.Exists(Path.Combine(Golden.Root, "corruptions/statistics.json"))
        ? new(Table.Value["results"]!.AsObject().Select(row => row.Key).Where(key => GoldenCorruptions.Has(key.Split('/')[1])))
        : Golden.Files("corruptions", "statistics.json");

    [SkippableTheory, MemberData(nameof(Rows))]
    public void AgreesInDistribution(string row)
    {
        Skip.If(row.StartsWith("absent", StringComparison.Ordinal), "No golden set.");
        string[] parts = row.Split('/');
        RgbImage input = GoldenCorruptions.Image($"images/{parts[0]}.png");
        int severity = int.Parse(parts[2], CultureInfo.InvariantCulture);
        Dictionary<string, double[]>[] measured = [.. Enumerable.Range(0, Seeds).Select(seed =>
            Measures.Of(input, Catalogue.Default.Apply(input, new View(parts[1], severity, (ulong)seed), row, fidelity: Fidelity.Parity)))];
        double references = (double)Table.Value["seeds"]!;
        foreach ((string measure, JsonNode? expected) in Table.Value["results"]![row]!.AsObject())
        {
            double[] average = Values(expected!["avg"]!), deviation = Values(expected["std"]!);
            for (int i = 0; i < average.Length; i++)
            {
                double mine = measured.Average(values => values[measure][i]), bound = 4 * deviation[i] * Math.Sqrt(1 / references + 1.0 / Seeds) + 0.001 * Math.Abs(average[i]);
                Assert.True(Math.Abs(mine - average[i]) <= bound, $"{measure}[{i}]: {mine} against {average[i]}, bound {bound}");
            }
        }
    }

    private static double[] Values(JsonNode node) => node is JsonArray array ? [.. array.Select(value => (double)value!)] : [(double)node];
}
