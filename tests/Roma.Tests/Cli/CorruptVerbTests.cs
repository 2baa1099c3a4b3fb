using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Parquet.Schema;
using Roma.Cli;
using Roma.Core;
using Roma.Corruptions;
using Roma.Data;
using Roma.Data.Tables;
using Roma.Tests.Corruptions;
using Roma.Tests.Data.Tables;

namespace Roma.Tests.Cli;

public sealed class CorruptVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;

    public CorruptVerbTests()
    {
        _terminal = new Terminal(_out, _error);
        ImageCodec.SavePng(TestImages.Textured(40, 30), _folder.File("in/a.png"));
        AtomicFile.WriteBytes(_folder.File("in/deep/b.jpg"), ImageCodec.EncodeJpeg(TestImages.Textured(30, 40), 90));
    }

    public void Dispose()
    {
        _terminal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Writes_every_cell_and_a_manifest_that_can_make_it_again()
    {
        Assert.Equal((Application.Done, ""), (Run("in", "--corruption", "fog,gaussian_noise:2", "--severity", "1,5", "--seed", "7"), _error.ToString()));
        string[] names = [.. new[] { "a", "deep/b" }.SelectMany(stem => new[] { "fog__1", "fog__5", "gaussian_noise__2" }.Select(cell => $"{stem}__{cell}.png"))];
        Assert.Equal(names, Pictures());
        JsonNode[] lines = Manifest();
        Assert.Equal(names, lines.Select(line => (string)line["output"]!));
        foreach (JsonNode line in lines)
        {
            string source = _folder.File($"in/{line["source"]}"), output = _folder.File($"out/{line["output"]}");
            Assert.Equal(Sha(source), (string)line["source_sha256"]!);
            Assert.Equal(Sha(output), (string)line["output_sha256"]!);
            var view = new View((string)line["corruption"]!, (int)line["severity"]!, (ulong)line["seed"]!);
            RgbImage clean = ImageCodec.Load(source), written = ImageCodec.Load(output);
            Assert.Equal(Catalogue.Default.Apply(clean, view, (string)line["source_sha256"]!).Pixels, written.Pixels);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(StrictYaml.ToJson(Catalogue.Default[view.Corruption].Severities[view.Severity - 1])), line["parameters"]));
            var difference = ImageDifference.Between(clean, written);
            Assert.Equal((difference.Psnr, difference.Ssim, difference.ChangedShare), ((double)line["psnr"]!, (double)line["ssim"]!, (double)line["changed_share"]!));
            Assert.Equal((clean.Width, clean.Height), ((int)line["width"]!, (int)line["height"]!));
        }
    }

    [Fact]
    public void Goes_on_where_it_stopped_with_the_same_bytes_on_any_number_of_threads()
    {
        Run("in", "--suite", "seen", "--threads", "4");
        byte[] manifest = File.ReadAllBytes(_folder.File("out/manifest.jsonl"));
        Dictionary<string, byte[]> first = Pictures().ToDictionary(name => name, name => File.ReadAllBytes(_folder.File($"out/{name}")));
        File.Delete(_folder.File($"out/{first.Keys.Order().First()}"));
        string[] lines = File.ReadAllLines(_folder.File("out/manifest.jsonl"));
        File.WriteAllText(_folder.File("out/manifest.jsonl"), string.Concat(lines[..^3].Select(line => line + "\n")) + lines[^3][..20]); // killed within a line
        string kept = _folder.File($"out/{(string)JsonNode.Parse(lines[1])!["output"]!}");
        File.SetLastWriteTimeUtc(kept, DateTime.UnixEpoch);
        Assert.Equal(Application.Done, Run("in", "--suite", "seen", "--threads", "1"));
        Assert.Contains($"4 images written to", _out.ToString());
        Assert.Contains($"{first.Count - 4} were there already", _out.ToString());
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(kept));
        Assert.Equal(manifest, File.ReadAllBytes(_folder.File("out/manifest.jsonl")));
        Assert.All(first, pair => Assert.Equal(pair.Value, File.ReadAllBytes(_folder.File($"out/{pair.Key}"))));
        // Other settings are other work: nothing stale is kept.
        Run("in", "--suite", "seen", "--seed", "1");
        Assert.Contains($"{first.Count} images written to", _out.ToString());
    }

    [Fact]
    public void A_bad_picture_is_told_and_does_not_spoil_the_others()
    {
        File.WriteAllText(_folder.File("in/c.png"), "no picture");
        Assert.Equal(Application.UserFault, Run("in", "--corruption", "fog:1"));
        Assert.Contains("c.png cannot be decoded", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a__fog__1.png", "deep/b__fog__1.png"], Pictures());
    }

    [Fact]
    public void Files_folders_and_patterns_name_pictures()
    {
        Run("in/a.png", "--corruption", "fog:1");
        Assert.Equal(["a__fog__1.png"], Pictures());
        Run("in/**/*.jp*g", "--corruption", "fog:2");
        Run("in/*", "--corruption", "fog:3");
        Run("in/deep/?.jpg", "--corruption", "fog:4");
        Assert.Equal(["a__fog__1.png", "a__fog__3.png", "b__fog__4.png", "deep/b__fog__2.png"], Pictures());
        Assert.Equal(Application.UserFault, Run("in/*.webp", "--corruption", "fog:1"));
        File.Copy(_folder.File("in/deep/b.jpg"), _folder.File("in/a.jpg"));
        Assert.Equal(Application.UserFault, Run("in", "--corruption", "fog:1"));
        Assert.Contains("under one name", _error.ToString());
    }

    [Fact]
    public void Its_own_results_are_no_input()
    {
        Assert.Equal(Application.Done, Application.Run(["corrupt", _folder.Path, "--corruption", "fog:1", "--out", _folder.File("out")], _terminal));
        Assert.Equal(Application.Done, Application.Run(["corrupt", _folder.Path, "--corruption", "fog:1", "--out", _folder.File("out")], _terminal));
        Assert.Equal(["in/a__fog__1.png", "in/deep/b__fog__1.png"], Pictures());
    }

    [Fact]
    public void Parity_cuts_fractions_off_and_no_ops_are_told()
    {
        Run("in/a.png", "--corruption", "contrast:3");
        byte[] rounded = ImageCodec.Load(_folder.File("out/a__contrast__3.png")).Pixels;
        Run("in/a.png", "--corruption", "contrast:3", "--parity");
        Assert.True(rounded.Average(level => level) > ImageCodec.Load(_folder.File("out/a__contrast__3.png")).Pixels.Average(level => level));
        Assert.Equal("parity", (string)Manifest().Single()["fidelity"]!);
        ImageCodec.SavePng(TestImages.Constant(20, 20, 200), _folder.File("flat.png"));
        Assert.Equal(Application.Done, Run("flat.png", "--corruption", "pixelate:3"));
        Assert.Contains("note: pixelate at severity 3 changed nothing in 1 of 1 pictures", _out.ToString());
        JsonNode flat = Manifest().Single(line => (string)line["source"]! == "flat.png");
        Assert.Equal((true, 1.0, 0.0), (flat["psnr"] is null, (double)flat["ssim"]!, (double)flat["changed_share"]!));
    }

    [Fact]
    public void Lists_and_shows_as_json()
    {
        Application.Run(["corruptions", "list", "--suite", "seen", "--json"], _terminal);
        JsonArray list = JsonNode.Parse(_out.ToString())!.AsArray();
        Assert.Equal(Catalogue.Default.Suite("seen"), list.Select(type => (string)type!["name"]!));
        _out.GetStringBuilder().Clear();
        Application.Run(["corruptions", "show", "fog", "--json"], _terminal);
        JsonNode fog = JsonNode.Parse(_out.ToString())!;
        Assert.Equal(("fog", 5), ((string)fog["name"]!, fog["severities"]!.AsArray().Count));
    }

    [Fact]
    public void Previews_as_a_sheet_and_as_a_page()
    {
        string sheet = _folder.File("sheet.png"), page = _folder.File("sheet.html");
        Assert.Equal(Application.Done, Application.Run(["corruptions", "preview", _folder.File("in/a.png"), "--suite", "seen", "--corruption", "fog:2", "--size", "20", "--out", sheet], _terminal));
        RgbImage drawn = ImageCodec.Load(sheet);
        Assert.True(drawn.Width > 6 * 20 && drawn.Height > (Catalogue.Default.Suite("seen").Count + 1) * 15);
        Assert.Equal(Application.Done, Application.Run(["corruptions", "preview", _folder.File("in/a.png"), "--corruption", "fog", "--out", page], _terminal));
        string html = File.ReadAllText(page);
        Assert.Equal(5, html.Split("<img ").Length - 1);
        Assert.DoesNotContain("http://", html);
        Assert.DoesNotContain("https://", html);
        string data = html.Split("src=\"data:image/png;base64,")[5].Split('"')[0];
        string key = Sha(_folder.File("in/a.png"));
        Assert.Equal(Catalogue.Default.Apply(ImageCodec.Load(_folder.File("in/a.png")), new View("fog", 5, 0), key).Pixels, ImageCodec.Decode(Convert.FromBase64String(data), "preview").Pixels);
    }

    [Fact]
    public void Corrupts_a_table_in_its_own_schema()
    {
        byte[][] pictures = [.. Enumerable.Range(10, 3).Select(side => ImageCodec.EncodePng(TestImages.Textured(side, side)))];
        string table = ParquetFiles.Write(_folder.File("test.parquet"), 2, (ParquetFiles.Images("images"), [new[] { pictures[0] }, new[] { pictures[1], pictures[2] }, null]),
            (new DataField<string>("problem"), ["a", "b", "c"]), (new DataField<string>("answer"), ["1", "2", "3"]));
        Assert.Equal(Application.Done, Run("test.parquet", "--corruption", "fog:3,contrast", "--severity", "1"));
        Assert.DoesNotContain("error", _error.ToString(), StringComparison.OrdinalIgnoreCase); // a slow machine shows its progress
        Assert.Equal(["manifest.jsonl", "test__contrast__1.parquet", "test__fog__3.parquet"], Directory.GetFiles(_folder.File("out")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        IDataset clean = new TableDataset(table), foggy = new TableDataset(_folder.File("out/test__fog__3.parquet"));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal((clean.Get(i).Question, clean.Get(i).Answer, clean.Get(i).Images.Count), (foggy.Get(i).Question, foggy.Get(i).Answer, foggy.Get(i).Images.Count));
            for (int k = 0; k < clean.Get(i).Images.Count; k++)
                Assert.Equal(Catalogue.Default.Apply(clean.Get(i).Images[k], new View("fog", 3, 0), Convert.ToHexStringLower(SHA256.HashData(pictures[i + k]))).Pixels, foggy.Get(i).Images[k].Pixels);
        }
        Assert.Equal(["test__contrast__1.parquet", "test__contrast__1.parquet#0/0", "test__contrast__1.parquet#1/0", "test__contrast__1.parquet#1/1", "test__fog__3.parquet"], Manifest().Take(5).Select(line => (string)line["output"]!));
        DateTime written = File.GetLastWriteTimeUtc(_folder.File("out/test__fog__3.parquet"));
        string single = _folder.File("fog.parquet");
        Assert.Equal(Application.Done, Application.Run(["corrupt", table, "--corruption", "fog:3", "--out", single, "--threads", "1"], _terminal));
        Assert.Equal(File.ReadAllBytes(_folder.File("out/test__fog__3.parquet")), File.ReadAllBytes(single));
        Run("test.parquet", "--suite", "seen", "--corruption", "fog:3", "--severity", "2");
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder.File("out/test__fog__3.parquet")));
        Assert.Contains("1 were there already", _out.ToString());
        Assert.Equal(Application.UserFault, Application.Run(["corrupt", table, "--corruption", "fog", "--out", single], _terminal));
        Assert.Contains("1 x 5 tables do not fit into the one file", _error.ToString());
        File.Copy(table, _folder.File("test-2.parquet"));
        Assert.Equal(Application.Done, Run("test*.parquet", "--corruption", "fog:4"));
        Assert.True(File.Exists(_folder.File("out/test__fog__4.parquet")) && File.Exists(_folder.File("out/test-2__fog__4.parquet")));
        Assert.Equal(Application.UserFault, Application.Run(["corrupt", table, _folder.File("in"), "--corruption", "fog", "--out", _folder.File("out")], _terminal));
        Assert.Contains("Run the command once for pictures and once for tables.", _error.ToString());
        File.WriteAllText(_folder.File("own.jsonl"), "{}");
        Assert.Equal(Application.UserFault, Run("own.jsonl", "--corruption", "fog:1"));
        Assert.Contains("own.jsonl holds paths, not pictures: only .parquet and .tsv can be copied", _error.ToString());
    }

    [Fact]
    public void A_table_with_a_bad_picture_names_it_and_leaves_nothing()
    {
        File.WriteAllText(_folder.File("t.tsv"), $"index\timage\n0\t{Convert.ToBase64String(new byte[90])}\n");
        Assert.Equal(Application.UserFault, Run("t.tsv", "--corruption", "fog:1"));
        Assert.Contains("t.tsv, picture 0/0 cannot be decoded", _error.ToString());
        Assert.Empty(Directory.GetFiles(_folder.File("out"), "*.tsv*"));
    }

    private int Run(string input, params string[] options) => Application.Run(["corrupt", _folder.File(input), .. options, "--out", _folder.File("out")], _terminal);

    private string[] Pictures() => [.. Directory.GetFiles(_folder.File("out"), "*.png", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.File("out"), file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private JsonNode[] Manifest() => [.. File.ReadLines(_folder.File("out/manifest.jsonl")).Select(line => JsonNode.Parse(line)!)];

    private static string Sha(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
