using System.Globalization;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Distortion;
using Roma.Corruptions.Operators;
using Roma.Corruptions.Weather;
using Roma.Models.Checkpoints;
using static TorchSharp.torch;

namespace Roma.Tests.Corruptions;

/// <summary>Against imagecorruptions, ImageNet-C and ImageNet-C-bar: the deterministic types on their pictures, the stochastic ones on their recorded draws.</summary>
[Trait("Category", "Golden")]
public class GoldenTests
{
    public static TheoryData<string> Exact()
    {
        IEnumerable<string> rows = ((IEnumerable<object[]>)Golden.Files("corruptions", "exact/*.png")).Select(row => (string)row[0]);
        return new(rows.Where(row => !row.EndsWith(".png", StringComparison.Ordinal) || GoldenCorruptions.Has(Path.GetFileName(row).Split("__")[1])));
    }

    public static TheoryData<string> Controlled() => GoldenCorruptions.Entries("controlled/index.json", entry => GoldenCorruptions.Has((string)entry["type"]!));

    [SkippableTheory, MemberData(nameof(Exact))]
    public void AgreesOnThePicture(string row)
    {
        RgbImage expected = ImageCodec.Load(Golden.PathOf(row));
        string[] parts = Path.GetFileNameWithoutExtension(row).Split("__");
        RgbImage input = GoldenCorruptions.Image($"images/{parts[0]}.png");
        var view = new View(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture), 0);
        GoldenCorruptions.AssertClose(expected, Catalogue.Default.Apply(input, view, "", fidelity: Fidelity.Parity), GoldenCorruptions.Tolerance(view.Corruption, view.Severity), input);
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
        GoldenCorruptions.AssertClose(expected, corruption.Apply(input, fields, Fidelity.Parity), GoldenCorruptions.Tolerance(type, severity), input);
    }

    [SkippableTheory, MemberData(nameof(Controlled))]
    public void AgreesOnRecordedStages(string row)
    {
        Skip.IfNot(row.StartsWith('{'), "No golden set.");
        JsonNode entry = JsonNode.Parse(row)!;
        int severity = (int)entry["severity"]!;
        RgbImage input = GoldenCorruptions.Image((string)entry["input"]!);
        (int width, int height) = (input.Width, input.Height);
        using Fields fields = Recorded(entry, severity);
        switch (Catalogue.Default[(string)entry["type"]!].Severities[severity - 1])
        {
            case Fog fog:
                int side = PlasmaFractal.Side(width, height);
                AssertStage(fields["plasma"], map => PlasmaFractal.Fill(fields, "uniform", side, fog.Decay, side, side, map));
                break;
            case Snow snow:
                AssertStage(fields["zoomed"], zoomed => snow.Enlarge(ScipyZoom.OfMiddle(width, snow.Zoom), ScipyZoom.OfMiddle(height, snow.Zoom), fields, zoomed));
                break;
            case Spatter spatter:
                AssertStage(fields["liquid"], liquid => spatter.Pour(width, height, fields, Fidelity.Parity, liquid));
                if (fields.Has("mask"))
                    AssertStage(fields["mask"], mask => spatter.Rims(fields["liquid"], width, height, mask));
                break;
            case ElasticTransform elastic:
                AssertStage(fields["dx"], dx => elastic.Displace("uniform_dx", width, height, fields, Fidelity.Parity, dx));
                AssertStage(fields["dy"], dy => elastic.Displace("uniform_dy", width, height, fields, Fidelity.Parity, dy));
                break;
            case ElasticImageNetC elastic:
                AssertStage(fields["dx"], dx => elastic.Displace("uniform_dx", width, height, fields, Fidelity.Parity, dx));
                AssertStage(fields["dy"], dy => elastic.Displace("uniform_dy", width, height, fields, Fidelity.Parity, dy));
                break;
            default:
                break; // has no stages
        }
    }

    [SkippableFact]
    public void EveryPublishedTypeIsComparedAndEveryComparedTypeExists()
    {
        string root = Golden.PathOf("corruptions"), exact = Path.Combine(root, "exact"), controlled = Path.Combine(root, "controlled", "index.json"), statistics = Path.Combine(root, "statistics.json");
        bool whole = !Golden.Root.StartsWith(Path.Combine(Golden.Repository, "tests"), StringComparison.Ordinal); // the repository holds a small part
        IEnumerable<string> compared = [];
        if (Directory.Exists(exact))
            compared = compared.Concat(Directory.GetFiles(exact, "*.png").Select(file => Path.GetFileName(file).Split("__")[1]));
        if (File.Exists(controlled))
            compared = compared.Concat(JsonNode.Parse(File.ReadAllText(controlled))!["entries"]!.AsArray().Select(entry => (string)entry!["type"]!));
        if (File.Exists(statistics))
            compared = compared.Concat(JsonNode.Parse(File.ReadAllText(statistics))!["results"]!.AsObject().Select(row => row.Key.Split('/')[1]));
        string[] types = [.. compared.Distinct()];
        Assert.NotEmpty(types);
        Assert.Empty(types.Except(Catalogue.Default.Names));
        if (whole)
            Assert.Empty(Catalogue.Default.Suite("imagenet-c").Concat(Catalogue.Default.Suite("imagenet-c-bar")).Except(types));
    }

    private delegate void Stage(Span<float> values);

    private static void AssertStage(ReadOnlySpan<float> expected, Stage stage)
    {
        float[] values = new float[expected.Length];
        stage(values);
        for (int i = 0; i < values.Length; i++)
            Assert.InRange(values[i], expected[i] - 1e-6, expected[i] + 1e-6);
    }

    private static Fields Recorded(JsonNode entry, int severity)
    {
        var fields = new Fields();
        foreach ((string name, JsonNode? value) in entry["scalars"]?.AsObject() ?? [])
        {
            float[] values = [.. Numbers(value!)];
            values.CopyTo(fields.Add(name, values.Length));
        }
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

    private static IEnumerable<float> Numbers(JsonNode node) => node is JsonArray array ? array.SelectMany(item => Numbers(item!)) : [(float)node];
}
