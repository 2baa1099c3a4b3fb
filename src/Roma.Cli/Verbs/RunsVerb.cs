using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Training.Runs;
using Spectre.Console;

namespace Roma.Cli.Verbs;

/// <summary>Lists training runs.</summary>
internal sealed class RunsVerb : Verb
{
    public RunsVerb(Terminal terminal) : base("runs", "List training runs with their state, newest first, and what their last validation said.",
        "roma runs",
        "roma runs runs/demo      # runs below another folder")
    {
        var folder = new Argument<string>("folder") { Description = "Where runs lie, at any depth.", DefaultValueFactory = _ => "runs" };
        Add(folder);
        SetAction(result => Run(terminal, result.GetRequiredValue(folder)));
    }

    private static int Run(Terminal terminal, string folder)
    {
        if (!Directory.Exists(folder))
            throw new RomaException($"There is no folder {folder}.", "Train something first: roma train recipes/digit-grid-roma.yaml");
        (string Folder, string Metrics)[] runs = [.. Directory.EnumerateFiles(folder, "metrics.jsonl", SearchOption.AllDirectories)
            .Select(file => (Path.GetDirectoryName(file)!, file)).OrderByDescending(run => File.GetLastWriteTimeUtc(run.file))];
        Table table = new Table().AddColumns("run", "method", "state", "step", "best score", "last validation").Border(TableBorder.Simple);
        foreach ((string run, string metrics) in runs)
        {
            string[] cells;
            try
            {
                cells = Describe(run, metrics);
            }
            catch (Exception e) when (e is RomaException or JsonException or IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
            {
                cells = [run, "", $"damaged: {e.Message.Split('\n')[0]}", "", "", ""];
            }
            table.AddRow(cells.Select(cell => new Text(cell)));
        }
        terminal.Console.Write(table);
        return Application.Done;
    }

    private static string[] Describe(string run, string metrics)
    {
        string? latest = new CheckpointStore(Path.Combine(run, "checkpoints"), 1).Latest;
        TrainingState? state = latest is null ? null : CheckpointStore.ReadState(latest);
        JsonNode? configuration = File.Exists(Path.Combine(run, "config.json")) ? JsonNode.Parse(File.ReadAllText(Path.Combine(run, "config.json"))) : null;
        JsonNode? method = configuration?["method"];
        return [run, (method is JsonObject ? method["name"] : method)?.ToString() ?? "", RunDirectory.IsOpen(run) ? "running" : state is null ? "no checkpoint" : state.Finished ? "finished" : "unfinished",
            $"{state?.Step ?? 0} of {configuration?["steps"]}", Percent(state?.Best), Validation(metrics)];
    }

    private static string Validation(string metrics)
    {
        string? line = File.ReadLines(metrics).LastOrDefault(text => text.Contains("\"validation_clean\"", StringComparison.Ordinal));
        return line is null || JsonNode.Parse(line) is not JsonObject values ? "" : string.Join(", ", values.Where(pair => pair.Key.StartsWith("validation_", StringComparison.Ordinal) && pair.Key != "validation_worst_category")
            .Select(pair => $"{pair.Key["validation_".Length..]} {Percent((double?)pair.Value)}"));
    }

    private static string Percent(double? share) => share is { } value ? (100 * value).ToString("F1", CultureInfo.InvariantCulture) + " %" : "";
}
