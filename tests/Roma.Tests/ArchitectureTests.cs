using System.Text.RegularExpressions;
using System.Xml.Linq;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Suites;
using Roma.Training;

namespace Roma.Tests;

/// <summary>The house's rules, read off the files.</summary>
public partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Roma.Core"] = [],
        ["Roma.Corruptions"] = ["Roma.Core"],
        ["Roma.Data"] = ["Roma.Core"],
        ["Roma.Models"] = ["Roma.Core"],
        ["Roma.Evaluation"] = ["Roma.Core", "Roma.Corruptions", "Roma.Data", "Roma.Models"],
        ["Roma.Training"] = ["Roma.Core", "Roma.Corruptions", "Roma.Data", "Roma.Models", "Roma.Evaluation"],
        ["Roma.Cli"] = ["Roma.Core", "Roma.Corruptions", "Roma.Data", "Roma.Models", "Roma.Evaluation", "Roma.Training"],
    };

    [Fact]
    public void Projects_refer_one_way()
    {
        string[] projects = Directory.GetFiles(Path.Combine(Golden.Repository, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(MayReference.Keys.Order(), projects.Select(p => Path.GetFileNameWithoutExtension(p)).Order());
        foreach (string project in projects)
        {
            IEnumerable<string> references = XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
            Assert.Empty(references.Except(MayReference[Path.GetFileNameWithoutExtension(project)]));
        }
    }

    [Theory]
    [InlineData("OpenCvSharp", "Roma.Core", "Roma.Corruptions")]
    [InlineData("TorchSharp", "Roma.Models", "Roma.Evaluation", "Roma.Training", "Roma.Cli")]
    public void Native_wrappers_stay_in_their_projects(string wrapper, params string[] projects) =>
        Assert.Empty(Sources().Where(file => File.ReadLines(file).Any(line => line.StartsWith($"using {wrapper}", StringComparison.Ordinal) || line.StartsWith($"using static {wrapper}", StringComparison.Ordinal)))
            .Where(file => !projects.Contains(ProjectOf(file))).Select(file => Path.GetRelativePath(Golden.Repository, file)));

    [Fact]
    public void A_file_holds_one_public_type_and_is_named_after_it() =>
        Assert.Empty(Sources().Select(file => (File: Path.GetRelativePath(Golden.Repository, file), Types: PublicType().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value).ToArray()))
            .Where(pair => pair.Types.Length > 1 || pair.Types.Length == 1 && pair.Types[0] != Path.GetFileName(pair.File).Split('.')[0])
            .Select(pair => $"{pair.File}: {string.Join(", ", pair.Types)}"));

    [Fact]
    public void No_file_names_a_place_on_one_machine() =>
        Assert.Empty(Files("*").Where(file => Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".targets" or ".yaml" or ".md" or ".ps1" or ".ipynb" or ".dib" or ".json" or "")
            .Where(file => new FileInfo(file).Length < 1 << 20 && AbsolutePath().IsMatch(File.ReadAllText(file))).Select(file => Path.GetRelativePath(Golden.Repository, file)));

    [Fact]
    public void The_corruption_catalogue_is_whole() => Assert.NotEmpty(Catalogue.Load(Path.Combine(Golden.Repository, "corruptions")).Names);

    public static TheoryData<string> Recipes => Named("recipes");

    public static TheoryData<string> Suites => Named("eval-suites");

    [Theory, MemberData(nameof(Recipes))]
    public void A_recipe_parses_and_says_how_it_is_run(string file)
    {
        using var folder = new TemporaryFolder();
        string published = folder.File("questions.jsonl"), path = Path.Combine(Golden.Repository, file);
        File.WriteAllLines(published, Enumerable.Range(0, 100).Select(i => $$"""{"problem":"{{i}}","answer":"{{i}}"}"""));
        TrainingSettings settings = StrictYaml.Load<TrainingSettings>(path, File.ReadAllText(path).Contains("geometry3k/data/validation", StringComparison.Ordinal) ? [$"validation.suite.data.file={published}"] : []);
        if (settings.Validation is { } validation)
            Assert.Equal((settings.Prompt, settings.Answer ?? validation.Suite.Answer), (validation.Suite.Prompt, validation.Suite.Answer));
        Assert.Contains(settings.Views.Suite, Catalogue.Default.Suites);
        Assert.Contains($"roma train {file}", string.Join('\n', File.ReadLines(Path.Combine(Golden.Repository, file)).TakeWhile(line => line.StartsWith('#'))));
    }

    [Theory, MemberData(nameof(Suites))]
    public void A_benchmark_parses_and_says_how_it_is_run(string file)
    {
        EvaluationSuite suite = StrictYaml.Load<EvaluationSuite>(Path.Combine(Golden.Repository, file));
        Assert.NotEmpty(CorruptionMatrix.Of(suite, Catalogue.Default).Cells);
        Assert.Contains($"roma eval {file}", string.Join('\n', File.ReadLines(Path.Combine(Golden.Repository, file)).TakeWhile(line => line.StartsWith('#'))));
    }

    private static TheoryData<string> Named(string folder) =>
        new(Directory.GetFiles(Path.Combine(Golden.Repository, folder), "*.yaml").Select(file => Path.GetRelativePath(Golden.Repository, file).Replace('\\', '/')).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Sources() => Files("*.cs").Where(file => Path.GetRelativePath(Golden.Repository, file).StartsWith("src", StringComparison.Ordinal));

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Golden.Repository, pattern, SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Golden.Repository, file).Split(Path.DirectorySeparatorChar).Any(part => part is ".git" or "bin" or "obj" or "runs" or "artifacts" or "TestResults" or "BenchmarkDotNet.Artifacts"));

    private static string ProjectOf(string file) => Path.GetRelativePath(Path.Combine(Golden.Repository, "src"), file).Split(Path.DirectorySeparatorChar)[0];

    [GeneratedRegex(@"^public (?:(?:sealed|static|abstract|readonly|partial|ref|unsafe) )*(?:record struct|record|class|struct|interface|enum|delegate \S+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"(?<![\w.~])/(?:home|root|work|Users)/\w|\b[A-Z]:\\\\?\w")]
    private static partial Regex AbsolutePath();
}
