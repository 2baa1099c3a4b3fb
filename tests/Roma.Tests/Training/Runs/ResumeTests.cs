using Roma.Core;
using Roma.Training;
using Roma.Training.Runs;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class ResumeTests(TinyRuns runs)
{
    [Theory]
    [MemberData(nameof(TinyRuns.Names), MemberType = typeof(TinyRuns))]
    public void An_interrupted_run_ends_like_an_uninterrupted_one(string name)
    {
        (string whole, string parts) = ($"whole {name}", $"parts {name}");
        TrainingSettings settings = runs.Settings(name, 6) with { SaveEvery = 4, Validation = TinyRuns.Validation };
        runs.Run(whole, settings);
        using (var interrupt = new CancellationTokenSource())
            runs.Run(parts, settings, new Watch(step => { if (step == 3) interrupt.Cancel(); }), interrupt.Token);
        Assert.Equal(new TrainingState(3, 0, 0, false, 3, 0, 0), CheckpointStore.ReadState(Path.Combine(runs.Folder(parts), "checkpoints", "step-000003")) with { Seconds = 0, Best = 0, Beta = 0, Data = null, Configuration = null, Reference = null, Validated = null });
        runs.Run(parts, settings);

        string[] expected = runs.Result(whole);
        Assert.Equal(expected, runs.Result(parts));
        Assert.Equal(6 + 3, runs.Metrics(whole).Length);
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(runs.Model, "model.safetensors")), Convert.FromHexString(expected[^2]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void A_run_that_is_interrupted_in_a_validation_begins_with_it_when_it_goes_on(int at)
    {
        (string whole, string parts) = ($"whole until {at}", $"parts until {at}");
        TrainingSettings settings = runs.Settings("grpo", 6) with { SaveEvery = 4, Validation = TinyRuns.Validation };
        runs.Run(whole, settings);
        using (var interrupt = new CancellationTokenSource())
            runs.Run(parts, settings, new Watch(step => { if (step == at) interrupt.Cancel(); }), interrupt.Token);
        TrainingState state = CheckpointStore.ReadState(new CheckpointStore(Path.Combine(runs.Folder(parts), "checkpoints"), 1).Latest!);
        Assert.Equal((at, at - 2, false), (state.Step, state.Validated, state.Finished));
        runs.Run(parts, settings);
        Assert.Equal(runs.Result(whole), runs.Result(parts));
    }

    [Fact]
    public void A_run_that_died_after_its_checkpoint_does_the_lost_steps_again()
    {
        TrainingSettings settings = runs.Settings("grpo", 6) with { SaveEvery = 2, Validation = TinyRuns.Validation };
        runs.Run("unharmed", settings);
        Assert.Throws<InvalidTimeZoneException>(() => runs.Run("died", settings, new Watch(step => { if (step == 4) throw new InvalidTimeZoneException(); })));
        Assert.Equal(4 + 1, runs.Metrics("died").Length);
        File.AppendAllText(Path.Combine(runs.Folder("died"), "metrics.jsonl"), "{\"step\":5,\"rew");
        string torn = Path.Combine(runs.Folder("died"), "validation", "step-000004.jsonl");
        File.WriteAllText(torn, "{\"half");
        runs.Run("died", settings);
        Assert.Equal(runs.Result("unharmed"), runs.Result("died"));
        Assert.Equal(21, File.ReadLines(torn).Count());
    }

    [Fact]
    public void A_finished_run_stays_as_it_is()
    {
        TrainingSettings settings = runs.Settings("grpo", 1);
        runs.Run("finished", settings);
        string[] before = runs.Result("finished");
        runs.Run("finished", settings, new Watch(_ => Assert.Fail("trained on")));
        Assert.Equal(before, runs.Result("finished"));
    }

    [Fact]
    public void Half_a_checkpoint_is_ignored_and_swept_away()
    {
        TrainingSettings settings = runs.Settings("grpo", 3);
        string checkpoints = Path.Combine(runs.Folder("half"), "checkpoints");
        foreach (string left in new[] { "step-000009.tmp", "step-000009.tmp.0123.tmp" })
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(checkpoints, left)).FullName, "training_state.json"), "{");
        Directory.CreateDirectory(Path.Combine(checkpoints, "step-000008"));
        runs.Run("half", settings);
        Directory.CreateDirectory(Path.Combine(checkpoints, "step-000004", "of another program"));
        runs.Run("half", settings with { Steps = 4 });
        Assert.Equal(["step-000004", "step-000008"], Directory.GetDirectories(checkpoints).Select(Path.GetFileName).Order());
        Assert.Equal(4, new CheckpointStore(checkpoints, 1).Latest is { } latest ? CheckpointStore.ReadState(latest).Step : 0);
    }

    [Fact]
    public void Checkpoints_are_ordered_by_step_and_the_last_ones_kept()
    {
        runs.Run("kept", runs.Settings("grpo", 5) with { SaveEvery = 1, KeepLast = 2 });
        string checkpoints = Path.Combine(runs.Folder("kept"), "checkpoints"), last = Path.Combine(checkpoints, "step-000005");
        Assert.Equal(["step-000004", "step-000005"], Directory.GetDirectories(checkpoints).Select(Path.GetFileName).Order());
        Assert.True(CheckpointStore.ReadState(last).Finished);
        Directory.Move(last, Path.Combine(checkpoints, "step-1000000"));
        Assert.EndsWith("step-1000000", new CheckpointStore(checkpoints, 2).Latest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("checkpoints/step-000001/training_state.json", "{\"Step\":1,")]
    [InlineData("checkpoints/step-000001/training_state.json", "null")]
    [InlineData("checkpoints/step-000001/training_state.json", "{}")]
    [InlineData("checkpoints/step-000001/optimizer.safetensors", "half")]
    [InlineData("checkpoints/step-000001/model.safetensors", "half")]
    [InlineData("metrics.jsonl", "{\"step\":1}\n{\"ste\n{\"step\":1}\n")]
    [InlineData("metrics.jsonl", "{\"step\":\"one\"}\n")]
    public void A_damaged_file_is_named_and_the_folder_left_open_for_others(string file, string content)
    {
        TrainingSettings settings = runs.Settings("grpo", 2);
        string name = "damaged " + Guid.NewGuid(), path = Path.Combine(runs.Folder(name), file.Replace('/', Path.DirectorySeparatorChar));
        using (var interrupt = new CancellationTokenSource())
            runs.Run(name, settings, new Watch(_ => interrupt.Cancel()), interrupt.Token);
        byte[] sound = File.ReadAllBytes(path);
        File.WriteAllText(path, content);
        var fault = Assert.Throws<RomaException>(() => runs.Run(name, settings));
        Assert.Contains(Path.GetFileName(path), fault.Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, sound);
        Assert.True(CheckpointStore.ReadState(runs.Run(name, settings).Latest!).Finished);
    }
}
