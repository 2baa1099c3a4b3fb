using System.CommandLine;
using System.Globalization;
using Roma.Core;
using Roma.Models;
using Roma.Models.Verification;
using Spectre.Console;
using TorchSharp;

namespace Roma.Cli.Verbs;

internal sealed partial class ModelVerb
{
    private sealed class Verify : Verb
    {
        public Verify(Terminal terminal) : base("verify", "Compare a model, stage by stage, with what the reference implementation computes; fails where a stage departs.",
            "roma model verify checkpoint --reference cases/image",
            "roma model verify models/nano --reference reference/cases     # every case of a folder")
        {
            var directory = new Argument<string>("directory") { Description = "The model folder." };
            Add(directory);
            Option<string?> reference = Option<string>("--reference", "A case: a folder with case.json and tensors.safetensors; or a folder of cases.");
            reference.Required = true;
            SetAction(result => Run(terminal, result.GetRequiredValue(directory), result.GetValue(reference)!));
        }

        private static int Run(Terminal terminal, string directory, string reference)
        {
            string[] folders = File.Exists(Path.Combine(reference, "case.json")) ? [reference]
                : Directory.Exists(reference) ? [.. Directory.GetDirectories(reference).Where(folder => File.Exists(Path.Combine(folder, "case.json"))).Order(StringComparer.Ordinal)] : [];
            if (folders.Length == 0)
                throw new RomaException($"{reference} is no reference case and holds none.", "Give a folder with case.json and tensors.safetensors, or a folder of such folders.");
            using VisionLanguageModel model = VisionLanguageModel.Load(directory, type: torch.ScalarType.Float32);
            var departures = new List<string>();
            foreach (string folder in folders)
            {
                terminal.Cancellation.ThrowIfCancellationRequested();
                using ReferenceCase values = ReferenceCase.Open(folder);
                IReadOnlyList<StageDifference> stages = ReferenceCheck.Run(model, values);
                Table table = new Table().Title(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))).AddColumns("stage", "measure", "difference", "allowed", "").Border(TableBorder.Simple);
                foreach (StageDifference stage in stages)
                    table.AddRow([.. new[] { stage.Stage, stage.Measure, Text(stage.Difference), Text(stage.Tolerance), stage.Holds ? "ok" : "DEPARTS" }.Select(cell => new Text(cell))]);
                terminal.Console.Write(table);
                if (stages.FirstOrDefault(stage => !stage.Holds) is { } first)
                    departures.Add($"{folder} departs first at {first.Stage}: {first.Measure} {Text(first.Difference)}, allowed {Text(first.Tolerance)}");
            }
            return departures.Count == 0 ? Application.Done
                : throw new RomaException($"{directory} does not compute what the reference does. {string.Join("; ", departures)}.", "Check that these weights belong to the reference; if they do, the named stage is wrong.");
        }

        private static string Text(double value) => value == 0 ? "0" : value.ToString("0.0E+0", CultureInfo.InvariantCulture);
    }
}
