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
        "roma train --resume runs/digit-grid-roma steps=1000     # goes on, for more steps",
        "roma train recipes/digit-grid-grpo.yaml optimizer.lr=1e-4 seed=2 --out runs/grpo-2")
    {
        var recipe = new Argument<string?>("recipe") { Description = "A recipe (YAML), of yours or shipped; with --resume the run's own configuration if not given.", Arity = ArgumentArity.ZeroOrOne };
        Add(recipe);
        Argument<string[]> overrides = Overrides();
        Add(overrides);
        Option<string?> output = Option<string>("--out", "The run's folder; runs/<recipe> if not given.");
        Option<string?> resume = Option<string>("--resume", "Go on with the run in this folder, also with other values of what may change: steps, stop, save_every, ...");
        Option<bool> acceptData = Option("--accept-data", "Go on although the data changed since the last checkpoint, for example a picture that was mended.", false);
        Option<bool> dryRun = Option("--dry-run", "Check everything, decode every picture of the data, and show the sizes that follow; train nothing and write nothing.", false);
        Option<string> device = Option("--device", "Where to compute: cpu, cuda, cuda:1, ...", "cpu");
        SetAction(result => Run(terminal, result.GetValue(recipe), result.GetValue(overrides)!, result.GetValue(output), result.GetValue(resume), result.GetValue(device)!, result.GetValue(dryRun), result.GetValue(acceptData)));
    }

    private static int Run(Terminal terminal, string? recipe, string[] overrides, string? output, string? resume, string device, bool dryRun, bool acceptData)
    {
        if (resume is not null)
        {
            if (recipe is not null && recipe.Contains('=', StringComparison.Ordinal)) // the first override
            {
                overrides = [recipe, .. overrides];
                recipe = null;
            }
            string configuration = Path.Combine(resume, "config.json");
            if (output is not null || !File.Exists(configuration))
                throw new RomaException(output is not null ? "--resume names the run's folder already; --out names another one." : $"No run stands in {resume}.", output is not null ? "Leave one of them out." : "roma runs lists runs.");
            (recipe, output) = (recipe ?? configuration, resume);
        }
        if (recipe is null)
            throw new RomaException("A recipe is missing.", "Name one, for example recipes/digit-grid-roma.yaml, or a run to go on with: --resume RUN.");
        TrainingSettings settings = StrictYaml.Load<TrainingSettings>(Shipped.Find(recipe), overrides);
        output ??= Path.Combine("runs", Path.GetFileNameWithoutExtension(recipe));
        torch.Device where = Devices.Parse(device);
        if (dryRun)
        {
            RunPlan plan = Trainer.Check(settings, output, acceptData, decode: true);
            Write(terminal, plan);
            if (where.type == DeviceType.CPU)
                plan.RefuseIfMoreThan(Machine.TotalMemory);
            terminal.WriteLine(CheckpointStore.ModelOf(output) is var latest && latest != output ? $"would go on from {latest}" : $"would run in {output}");
            return Application.Done;
        }
        using var trainer = new Trainer(settings, output, where, acceptData);
        Write(terminal, trainer.Plan);
        foreach (string folder in trainer.Needed.Folders)
            terminal.WriteLine($"needs {folder} for as long as it goes on");
        if (trainer.State.Step > 0)
            terminal.WriteLine($"going on after step {trainer.State.Step} of {output}");
        trainer.Run(terminal.Progress, terminal.Cancellation);
        terminal.WriteLine(FormattableString.Invariant(
            $"{(trainer.State.Finished ? "finished" : "interrupted")} after step {trainer.State.Step}, {trainer.State.Seconds:F0} s of training: {trainer.Checkpoints.Latest}"));
        return Application.Done;
    }

    private static void Write(Terminal terminal, RunPlan plan)
    {
        Table table = new Table().AddColumns("this run", "").HideHeaders().Border(TableBorder.Simple);
        foreach ((string name, string value) in plan.Rows)
            table.AddRow(new Text(name), new Text(value));
        if (plan.Pool.Unjudged > 0)
            table.AddRow(new Text("not judged"), new Text($"responses to {plan.Pool.Unjudged} of {plan.Pool.All} samples, by whose reference answers the answer rule cannot judge"));
        terminal.Console.Write(table);
    }
}
