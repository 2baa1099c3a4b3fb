using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Training;
using Roma.Training.Methods;
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
        Assert.Equal(new TrainingState(3, 0, 0, false, 3, 0, 0), CheckpointStore.ReadState(Path.Combine(runs.Folder(parts), "checkpoints", "step-000003")) with { Seconds = 0, Best = 0, Beta = 0, Data = null, Configuration = null, Reference = null, Validated = null, Needed = null });
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_finished_run_that_was_prolonged_and_died_is_prolonged_again(bool steps)
    {
        TrainingSettings settings = runs.Settings("grpo", steps ? 1 : 9) with { Validation = TinyRuns.Validation, Stop = new(Accuracy: steps ? null : 0) }, longer = settings with { Steps = 9, Stop = new(Accuracy: steps ? null : 1) };
        string name = $"prolonged {steps}";
        int first = CheckpointStore.ReadState(runs.Run(name, settings).Latest!).Step;
        Assert.InRange(first, 1, 2);
        runs.Run(name, settings with { SaveEvery = 7 }, new Watch(_ => Assert.Fail("trained on"))); // another setting that may change opens nothing
        for (int kill = 0; kill < 2; kill++)
            Assert.Throws<InvalidTimeZoneException>(() => runs.Run(name, longer, new Watch(_ => throw new InvalidTimeZoneException())));
        Assert.Equal(first, CheckpointStore.ReadState(runs.Run(name, settings, new Watch(_ => Assert.Fail("trained on"))).Latest!).Step);
        Assert.True(CheckpointStore.ReadState(runs.Run(name, longer).Latest!).Step > first);
    }

    [Fact]
    public void A_finished_run_of_an_earlier_version_with_fewer_settings_is_prolonged()
    {
        TrainingSettings settings = runs.Settings("grpo", 1) with { Data = new Roma.Data.DigitGrid() };
        string latest = runs.Run("earlier", settings).Latest!, config = Path.Combine(runs.Folder("earlier"), "config.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        json.Remove("rollout_tokens");
        File.WriteAllText(config, json.ToJsonString());
        string values = string.Join('\n', Values(json).Where(pair => !TrainingSettings.Free.Any(free => pair.Key == free || pair.Key.StartsWith(free + ".", StringComparison.Ordinal))).Select(pair => $"{pair.Key}: {pair.Value}"));
        TrainingState state = CheckpointStore.ReadState(latest) with { Configuration = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(values))), Steps = null, Stop = null };
        new CheckpointStore(Path.Combine(runs.Folder("earlier"), "checkpoints"), 1).SaveState(state);
        runs.Run("earlier", settings, new Watch(_ => Assert.Fail("trained on")));
        Assert.Throws<InvalidTimeZoneException>(() => runs.Run("earlier", settings with { Steps = 3 }, new Watch(_ => throw new InvalidTimeZoneException())));
        Assert.Equal(3, CheckpointStore.ReadState(runs.Run("earlier", settings with { Steps = 3 }).Latest!).Step);

        static IEnumerable<KeyValuePair<string, string>> Values(JsonObject json, string path = "") => json.SelectMany(pair =>
            pair.Value is JsonObject { Count: > 0 } inner ? Values(inner, $"{path}{pair.Key}.") : [KeyValuePair.Create(path + pair.Key, pair.Value?.ToJsonString() ?? "null")]);
    }

    [Fact]
    public void Fewer_steps_than_were_done_are_refused_and_change_nothing()
    {
        TrainingSettings settings = runs.Settings("grpo", 2);
        runs.Run("shortened", settings);
        string config = Path.Combine(runs.Folder("shortened"), "config.json"), before = File.ReadAllText(config);
        Assert.Contains("has done 2 steps", Assert.Throws<RomaException>(() => runs.Run("shortened", settings with { Steps = 1 })).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(config));
    }

    [Fact]
    public void A_run_that_is_open_elsewhere_is_left_alone_whatever_its_checkpoints_look_like()
    {
        TrainingSettings settings = runs.Settings("grpo", 2);
        string latest = runs.Run("open", settings).Latest!;
        File.WriteAllText(Path.Combine(latest, "training_state.json"), "{"); // as met while it is replaced
        using (new RunDirectory(runs.Folder("open"), settings, settings.Seed, resume: true, TrainingSettings.Free))
        {
            Assert.Contains("open in another process", Assert.Throws<RomaException>(() => runs.Run("open", settings)).Message, StringComparison.Ordinal);
            Assert.Contains("open in another process", Assert.Throws<RomaException>(() => Trainer.Check(settings, runs.Folder("open"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Half_a_checkpoint_is_ignored_and_swept_away()
    {
        TrainingSettings settings = runs.Settings("grpo", 3);
        string checkpoints = Path.Combine(runs.Folder("half"), "checkpoints");
        foreach (string left in new[] { "step-000009.tmp", "step-000009.tmp.0123.tmp", "best.tmp.0123.tmp" })
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
    [InlineData("checkpoints/step-000001/optimizer.safetensors", null)]
    [InlineData("checkpoints/step-000001/average.safetensors", null)]
    [InlineData("checkpoints/step-000001/model.safetensors", "half")]
    [InlineData("metrics.jsonl", "{\"step\":1}\n{\"ste\n{\"step\":1}\n")]
    [InlineData("metrics.jsonl", "{\"step\":\"one\"}\n")]
    public void A_damaged_file_is_named_and_the_folder_left_open_for_others(string file, string? content)
    {
        TrainingSettings settings = runs.Settings("grpo", 2) with { Ema = 0.5 };
        string name = "damaged " + Guid.NewGuid(), path = Path.Combine(runs.Folder(name), file.Replace('/', Path.DirectorySeparatorChar));
        using (var interrupt = new CancellationTokenSource())
            runs.Run(name, settings, new Watch(_ => interrupt.Cancel()), interrupt.Token);
        byte[] sound = File.ReadAllBytes(path);
        if (content is null)
            File.Delete(path);
        else
            File.WriteAllText(path, content);
        var fault = Assert.Throws<RomaException>(() => runs.Run(name, settings));
        Assert.Contains(Path.GetFileName(path), fault.Message, StringComparison.Ordinal);
        Assert.Contains(file.StartsWith("checkpoints", StringComparison.Ordinal) ? "the run goes on from the checkpoint before" : "Delete that line", fault.Remedy, StringComparison.Ordinal);
        File.WriteAllBytes(path, sound);
        Assert.True(CheckpointStore.ReadState(runs.Run(name, settings).Latest!).Finished);
    }

    [Fact]
    public void A_checkpoint_that_is_deleted_as_told_is_done_again()
    {
        TrainingSettings settings = runs.Settings("grpo", 4) with { SaveEvery = 1, KeepLast = 2 };
        string latest = runs.Run("deleted", settings).Latest!;
        string[] before = runs.Result("deleted");
        Directory.Delete(latest, recursive: true);
        runs.Run("deleted", settings);
        Assert.Equal(before, runs.Result("deleted"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_that_a_run_needs_besides_its_own_are_the_same_when_it_goes_on(bool lora)
    {
        string name = $"needs lora {lora}", needed = runs.Folder($"needed {lora}"), weights = Path.Combine(needed, "model.safetensors");
        Directory.CreateDirectory(needed);
        foreach (string file in Directory.GetFiles(runs.Untrained))
            File.Copy(file, Path.Combine(needed, Path.GetFileName(file)));
        TrainingSettings settings = lora ? runs.Settings("grpo", 2) with { Model = needed, Lora = new(rank: 2, alpha: 4) } : runs.Settings(new GrpoMethod(new(Beta: 0.1)), 2) with { Reference = needed };
        using (var interrupt = new CancellationTokenSource())
            runs.Run(name, settings, new Watch(_ => interrupt.Cancel()), interrupt.Token);
        File.Copy(Path.Combine(runs.Model, "model.safetensors"), weights, overwrite: true);
        var fault = Assert.Throws<RomaException>(() => runs.Run(name, settings));
        Assert.Contains($"The models in {needed} are not those", fault.Message, StringComparison.Ordinal);
        Directory.Move(needed, needed + " moved");
        fault = Assert.Throws<RomaException>(() => runs.Run(name, settings));
        Assert.Contains(needed, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith("Restore th", fault.Remedy, StringComparison.Ordinal);
        Directory.Move(needed + " moved", needed);
        File.Copy(Path.Combine(runs.Untrained, "model.safetensors"), weights, overwrite: true);
        Assert.True(CheckpointStore.ReadState(runs.Run(name, settings).Latest!).Finished);
    }
}
