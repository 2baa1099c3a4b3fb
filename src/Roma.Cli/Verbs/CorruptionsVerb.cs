using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;
using Spectre.Console;

namespace Roma.Cli.Verbs;

/// <summary>Says what the catalogue holds, and shows it on a picture.</summary>
internal sealed partial class CorruptionsVerb : Verb
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public CorruptionsVerb(Terminal terminal) : base("corruptions", "List the corruptions of the catalogue, show one with its parameters, or show what they make of a picture.",
        "roma corruptions list --suite seen                              # the corruptions that training shows",
        "roma corruptions show fog                                       # parameters at severities 1 to 5, and where they come from",
        "roma corruptions preview photo.jpg --suite seen --out sheet.html")
    {
        Add(new List(terminal));
        Add(new Show(terminal));
        Add(new Preview(terminal));
    }

    public override bool UsesTorch => false;

    private static IEnumerable<string> SuitesOf(Catalogue catalogue, CorruptionType type) => catalogue.Suites.Where(suite => catalogue.Suite(suite).Contains(type.Name));

    private static string Changes(CorruptionType type) => type.Changes.Count == 0 ? "nothing" : string.Join(", ", type.Changes).ToLowerInvariant();

    private static JsonObject Json(Catalogue catalogue, CorruptionType type) => new()
    {
        ["name"] = type.Name,
        ["family"] = type.Family,
        ["kin"] = type.Kin,
        ["source"] = type.Source,
        ["changes"] = new JsonArray([.. type.Changes.Select(aspect => JsonValue.Create(JsonNamingPolicy.SnakeCaseLower.ConvertName($"{aspect}")))]),
        ["suites"] = new JsonArray([.. SuitesOf(catalogue, type).Select(suite => JsonValue.Create(suite))]),
        ["severities"] = new JsonArray([.. type.Severities.Select(corruption => JsonNode.Parse(StrictYaml.ToJson(corruption)))]),
    };

    private sealed class List : Verb
    {
        public List(Terminal terminal) : base("list", "List corruptions with family, kin and suites.", "roma corruptions list", "roma corruptions list --suite unseen --json")
        {
            Option<string?> suite = Option<string>("--suite", "Only those of this suite.");
            Option<bool> json = Option("--json", "For programs: a list with all parameters.", false);
            SetAction(result => Run(terminal, Catalogue.Default, result.GetValue(suite), result.GetValue(json)));
        }

        public override bool UsesTorch => false;

        private static int Run(Terminal terminal, Catalogue catalogue, string? suite, bool json)
        {
            IEnumerable<CorruptionType> types = (suite is null ? catalogue.Names : catalogue.Suite(suite)).Select(name => catalogue[name]);
            if (json)
            {
                terminal.WriteLine(new JsonArray([.. types.Select(type => Json(catalogue, type))]).ToJsonString(Indented));
                return Application.Done;
            }
            Table table = new Table().AddColumns("corruption", "family", "kin", "suites", "may change the answer by").Border(TableBorder.Simple);
            foreach (CorruptionType type in types)
                table.AddRow([.. new[] { type.Name, type.Family, type.Kin, string.Join(", ", SuitesOf(catalogue, type)), Changes(type) }.Select(cell => new Text(cell))]);
            terminal.Console.Write(table);
            terminal.WriteLine($"suites: {string.Join(", ", catalogue.Suites.Select(name => $"{name} ({catalogue.Suite(name).Count})"))}");
            return Application.Done;
        }
    }

    private sealed class Show : Verb
    {
        public Show(Terminal terminal) : base("show", "Show a corruption's parameters at every severity.", "roma corruptions show gaussian_noise", "roma corruptions show fog --json")
        {
            var name = new Argument<string>("corruption") { Description = "A name of the catalogue." };
            Add(name);
            Option<bool> json = Option("--json", "For programs.", false);
            SetAction(result => Run(terminal, Catalogue.Default, result.GetRequiredValue(name), result.GetValue(json)));
        }

        public override bool UsesTorch => false;

        private static int Run(Terminal terminal, Catalogue catalogue, string name, bool json)
        {
            CorruptionType type = catalogue[name];
            if (json)
            {
                terminal.WriteLine(Json(catalogue, type).ToJsonString(Indented));
                return Application.Done;
            }
            terminal.WriteLine($"{type.Name}\n  family    {type.Family}\n  kin       {type.Kin}\n  suites    {string.Join(", ", SuitesOf(catalogue, type))}");
            terminal.WriteLine($"  source    {type.Source}\n  may change the answer by    {Changes(type)}");
            foreach ((int severity, ICorruption corruption) in type.Severities.Index())
                terminal.WriteLine($"  severity {severity + 1}  {StrictYaml.ToJson(corruption)}");
            return Application.Done;
        }
    }
}
