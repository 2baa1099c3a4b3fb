using System.CommandLine;
using Roma.Core;
using Roma.Corruptions;
using Spectre.Console;

namespace Roma.Cli.Verbs;

/// <summary>Says what the catalogue holds.</summary>
internal sealed class CorruptionsVerb : Verb
{
    public CorruptionsVerb(Terminal terminal) : base("corruptions", "List the corruptions of the catalogue, or show one with its parameters.",
        "roma corruptions list --suite seen     # the corruptions that training shows",
        "roma corruptions show fog              # parameters at severities 1 to 5, and where they come from")
    {
        Add(new List(terminal));
        Add(new Show(terminal));
    }

    public override bool UsesTorch => false;

    private sealed class List : Verb
    {
        public List(Terminal terminal) : base("list", "List corruptions with family, kin and suites.", "roma corruptions list", "roma corruptions list --suite unseen")
        {
            Option<string?> suite = Option<string>("--suite", "Only those of this suite.");
            SetAction(result => Run(terminal, Catalogue.Default, result.GetValue(suite)));
        }

        public override bool UsesTorch => false;

        private static int Run(Terminal terminal, Catalogue catalogue, string? suite)
        {
            Table table = new Table().AddColumns("corruption", "family", "kin", "suites", "may change the answer by").Border(TableBorder.Simple);
            foreach (CorruptionType type in (suite is null ? catalogue.Names : catalogue.Suite(suite)).Select(name => catalogue[name]))
                table.AddRow([.. new[] { type.Name, type.Family, type.Kin, string.Join(", ", SuitesOf(catalogue, type)), Changes(type) }.Select(cell => new Text(cell))]);
            terminal.Console.Write(table);
            terminal.WriteLine($"suites: {string.Join(", ", catalogue.Suites.Select(name => $"{name} ({catalogue.Suite(name).Count})"))}");
            return Application.Done;
        }
    }

    private sealed class Show : Verb
    {
        public Show(Terminal terminal) : base("show", "Show a corruption's parameters at every severity.", "roma corruptions show gaussian_noise", "roma corruptions show fog")
        {
            var name = new Argument<string>("corruption") { Description = "A name of the catalogue." };
            Add(name);
            SetAction(result => Run(terminal, Catalogue.Default, result.GetRequiredValue(name)));
        }

        public override bool UsesTorch => false;

        private static int Run(Terminal terminal, Catalogue catalogue, string name)
        {
            CorruptionType type = catalogue[name];
            terminal.WriteLine($"{type.Name}\n  family    {type.Family}\n  kin       {type.Kin}\n  suites    {string.Join(", ", SuitesOf(catalogue, type))}\n  source    {type.Source}\n  may change the answer by    {Changes(type)}");
            foreach ((int severity, ICorruption corruption) in type.Severities.Index())
                terminal.WriteLine($"  severity {severity + 1}  {StrictYaml.ToJson(corruption)}");
            return Application.Done;
        }
    }

    private static IEnumerable<string> SuitesOf(Catalogue catalogue, CorruptionType type) => catalogue.Suites.Where(suite => catalogue.Suite(suite).Contains(type.Name));

    private static string Changes(CorruptionType type) => type.Changes.Count == 0 ? "nothing" : string.Join(", ", type.Changes).ToLowerInvariant();
}
