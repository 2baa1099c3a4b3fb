using System.CommandLine;
using Roma.Core;
using Roma.Training;
using Roma.Training.Runs;
using Spectre.Console;
using TorchSharp;

namespace Roma.Cli.Verbs;

/// <summary>Runs a recipe.</summary>
internal sealed class TrainVerb : Verb
{
    public TrainVerb(Terminal terminal) : base("train", "Train a model as a recipe says. A run that stands in the folder goes on from its last checkpoint, bit for bit; Ctrl-C finishes the step and saves.",
        "roma train recipes/digit-grid-roma.yaml model=runs/digit-grid-warm-start",
        "roma train recipes/digit-grid-roma.yaml --dry-run      # what the settings amount to",
        "roma train recipes/digit-grid-grpo.yaml optimizer.lr=1e-4 seed=2 --out runs/grpo-2")
    {
        var recipe = new Argument<string>("recipe") { Description = "A recipe (YAML), of yours or shipped." };
        Add(recipe);
        Argument<string[]> overrides = Overrides();
        Add(overrides);
        Option<string?> output = Option<string>("--out", "The run's folder; runs/<recipe> if not given.");
        Option<bool> dryRun = Option("--dry-run", "Check everything and show the sizes that follow; train nothing and write nothing.", false);
        Option<string> device = Option("--device", "Where to compute: cpu, cuda, cuda:1, ...", "cpu");
        SetAction(result => Run(terminal, result.GetRequiredValue(recipe), result.GetValue(overrides)!, result.GetValue(output), result.GetValue(device)!, result.GetValue(dryRun)));
    }

    private static int Run(Terminal terminal, string recipe, string[] overrides, string? output, string device, bool dryRun)
    {
        TrainingSettings settings = StrictYaml.Load<TrainingSettings>(Shipped.Find(recipe), overrides);
        output ??= Path.Combine("runs", Path.GetFileNameWithoutExtension(recipe));
        if (dryRun)
            return DryRun(terminal, settings, Devices.Parse(device));
        using var trainer = new Trainer(settings, output, Devices.Parse(device));
        Write(terminal, trainer.Plan);
        if (trainer.State.Step > 0)
            terminal.WriteLine($"going on after step {trainer.State.Step} of {output}");
        trainer.Run(terminal.Progress, terminal.Cancellation);
        terminal.WriteLine(FormattableString.Invariant(
            $"{(trainer.State.Finished ? "finished" : "interrupted")} after step {trainer.State.Step}, {trainer.State.Seconds:F0} s of training: {trainer.Checkpoints.Latest}"));
        return Application.Done;
    }

    private static int DryRun(Terminal terminal, TrainingSettings settings, torch.Device device)
    {
        string folder = Directory.CreateTempSubdirectory("roma-dry-run-").FullName;
        try
        {
            using var trainer = new Trainer(settings, folder, device);
            Write(terminal, trainer.Plan);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return Application.Done;
    }

    private static void Write(Terminal terminal, RunPlan plan)
    {
        Table table = new Table().AddColumns("this run", "").HideHeaders().Border(TableBorder.Simple);
        foreach ((string name, string value) in plan.Rows)
            table.AddRow(new Text(name), new Text(value));
        terminal.Console.Write(table);
    }
}
