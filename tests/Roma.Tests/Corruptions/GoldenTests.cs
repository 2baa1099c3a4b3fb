using System.Globalization;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Operators;
using Roma.Corruptions.Weather;
using Roma.Models.Checkpoints;
using static TorchSharp.torch;

namespace Roma.Tests.Corruptions;

/// <summary>Against imagecorruptions: the deterministic types on their pictures, the stochastic ones on their recorded draws.</summary>
[Trait("Category", "Golden")]
public class GoldenTests
{
    public static TheoryData<string> Exact()
    {
        IEnumerable<string> rows = ((IEnumerable<object[]>)Golden.Files("corruptions", "exact/*.png")).Select(row => (string)row[0]);
        return new(rows.Where(row => !row.EndsWith(".png", StringComparison.Ordinal) || GoldenCorruptions.Has(Path.GetFileName(row).Split("__")[1])));
    }

    public static TheoryData<string> Controlled() => GoldenCorruptions.Entries("controlled/index.json", entry => GoldenCorruptions.Has((string)entry["type"]!));

    public static TheoryData<string> Fogs() => GoldenCorruptions.Entries("controlled/index.json", entry => (string)entry["type"]! == "fog");

    [SkippableTheory, MemberData(nameof(Exact))]
    public void AgreesOnThePicture(string row)
    {
        RgbImage expected = ImageCodec.Load(Golden.PathOf(row));
        string[] parts = Path.GetFileNameWithoutExtension(row).Split("__");
        RgbImage input = GoldenCorruptions.Image($"images/{parts[0]}.png");
        var view = new View(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture), 0);
        GoldenCorruptions.AssertClose(expected, Catalogue.Default.Apply(input, view, "", fidelity: Fidelity.Parity), GoldenCorruptions.Tolerance(view.Corruption), input);
    }

    [SkippableTheory, MemberData(nameof(Controlled))]
    public void AgreesOnRecordedDraws(string row)
    {
        Skip.IfNot(row.StartsWith('{'), "No golden set.");
        JsonNode entry = JsonNode.Parse(row)!;
        string type = (string)entry["type"]!;
        int severity = (int)entry["severity"]!;
        RgbImage input = GoldenCorruptions.Image((string)entry["input"]!), expected = GoldenCorruptions.Image($"controlled/{(string)entry["output"]!}");
        using Fields fields = Recorded(entry, severity);
        var corruption = Assert.IsAssignableFrom<StochasticCorruption>(Catalogue.Default[type].Severities[severity - 1]);
        GoldenCorruptions.AssertClose(expected, corruption.Apply(input, fields, Fidelity.Parity), GoldenCorruptions.Tolerance(type), input);
    }

    [SkippableTheory, MemberData(nameof(Fogs))]
    public void AgreesOnTheCloudMap(string row)
    {
        Skip.IfNot(row.StartsWith('{'), "No golden set.");
        JsonNode entry = JsonNode.Parse(row)!;
        int severity = (int)entry["severity"]!;
        using Fields fields = Recorded(entry, severity);
        ReadOnlySpan<float> expected = fields["plasma"];
        double[] map = new double[expected.Length];
        PlasmaFractal.Fill(fields["uniform"], (int)Math.Sqrt(map.Length), ((Fog)Catalogue.Default["fog"].Severities[severity - 1]).Decay, map);
        for (int i = 0; i < map.Length; i++)
            Assert.InRange(map[i], expected[i] - 1e-6, expected[i] + 1e-6);
    }

    [SkippableFact]
    public void EveryPublishedTypeIsCompared()
    {
        IEnumerable<string> exact = Directory.GetFiles(Golden.PathOf("corruptions/exact"), "*.png").Select(file => Path.GetFileName(file).Split("__")[1]);
        IEnumerable<string> controlled = JsonNode.Parse(File.ReadAllText(Golden.PathOf("corruptions/controlled/index.json")))!["entries"]!.AsArray().Select(entry => (string)entry!["type"]!);
        IEnumerable<string> published = Catalogue.Default.Names.Where(name => Catalogue.Default[name].Source.StartsWith("imagecorruptions", StringComparison.Ordinal));
        Assert.Empty(published.Except(exact.Concat(controlled)));
    }

    private static Fields Recorded(JsonNode entry, int severity)
    {
        var fields = new Fields();
        foreach ((string name, JsonNode? value) in entry["scalars"]?.AsObject() ?? [])
            fields.Add(name, 1)[0] = (float)value!;
        if (entry["arrays"] is not { } arrays)
            return fields;
        using SafetensorsFile recorded = SafetensorsFile.Open(Golden.PathOf($"corruptions/controlled/{(string)arrays["file"]!}"));
        string suffix = $"_{severity}";
        foreach (string name in arrays["names"]!.AsArray().Select(name => (string)name!))
        {
            using Tensor values = recorded.Read(name);
            values.data<float>().CopyTo(fields.Add(name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name, (int)values.numel()));
        }
        return fields;
    }
}
