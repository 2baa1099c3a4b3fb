using Roma.Core;
using Roma.Training;
using Roma.Training.Losses;
using Roma.Training.Methods;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class RunPlanTests(TinyRuns runs)
{
    [Fact]
    public void A_run_is_checked_from_headers_alone()
    {
        using var folder = new TemporaryFolder();
        string model = folder.File("damaged"), weights = Path.Combine(model, "model.safetensors");
        Directory.CreateDirectory(model);
        foreach (string file in Directory.GetFiles(runs.Model))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        byte[] bytes = File.ReadAllBytes(weights);
        Array.Fill<byte>(bytes, 0xFF, (int)BitConverter.ToInt64(bytes) + 8, 4000); // NaN
        File.WriteAllBytes(weights, bytes);
        TrainingSettings settings = runs.Settings("roma, one view of half of the prompts", 2);
        Assert.Equal(Trainer.Check(settings).Rows, Trainer.Check(settings with { Model = model }).Rows);
        Assert.Contains("NaN", Assert.Throws<RomaException>(() => new Trainer(settings with { Model = model }, folder.File("run"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(weights, bytes[..^4]);
        Assert.Throws<RomaException>(() => Trainer.Check(settings with { Model = model }));
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void A_check_looks_into_the_folder_of_the_run()
    {
        TrainingSettings settings = runs.Settings("grpo", 1);
        string folder = runs.Folder("checked again");
        runs.Run("checked again", settings);
        string[] before = Directory.GetFiles(folder);
        Assert.NotEmpty(Trainer.Check(settings with { Steps = 2 }, folder).Rows);
        Assert.Contains("seed was", Assert.Throws<RomaException>(() => Trainer.Check(settings with { Seed = 9 }, folder)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder));
    }

    [Fact]
    public void What_does_not_fit_the_machine_is_refused_before_it_is_loaded()
    {
        long parameters = Parameters(runs.Settings("grpo", 1)), bytes = 16 * parameters; // fp32: weights, gradients, two means
        RunPlan(new GrpoMethod()).RefuseIfMoreThan(bytes);
        Assert.Throws<RomaException>(() => RunPlan(new GrpoMethod()).RefuseIfMoreThan(bytes - 1));
        Roma.Training.Runs.RunPlan reference = RunPlan(new GrpoMethod(new PolicySettings(Beta: 0.1)));
        Assert.Throws<RomaException>(() => reference.RefuseIfMoreThan(bytes));
        reference.RefuseIfMoreThan(bytes + 4 * parameters);

        Roma.Training.Runs.RunPlan RunPlan(GrpoMethod method) => Trainer.Check(runs.Settings(method, 1));
    }

    [Fact]
    public void Derived_sizes_follow_the_settings()
    {
        TrainingSettings settings = runs.Settings("roma, one view of half of the prompts", 2) with { Prompts = 10, Updates = 3, Iterations = 2, MicroPrompts = 3 };
        Dictionary<string, string> rows = Trainer.Check(settings).Rows.ToDictionary(row => row.Name, row => row.Value);
        Assert.Equal("6, of 4 prompts each, every prompt 2 times", rows["updates a step"]);
        Assert.Equal("2", rows["micro-batches an update"]);
        Assert.Contains("1 without gradient before the first update", rows["forward passes a response"], StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_passes_are_those_that_the_terms_need()
    {
        Assert.Equal("1", Passes(new GrpoMethod()));
        Assert.Equal("1 + 1 of the reference policy", Passes(new GrpoMethod(new PolicySettings(Beta: 0.1))));
        Assert.Equal("1, on the corrupted view", Passes(new GrpoAugmentedMethod()));
        Assert.Equal("1 + 1", Passes(new FilteredViewsMethod(Views: 4)));
        Assert.Equal("1 + 4", Passes(new DracMethod(Views: 4)));
        Assert.Equal("1 + 1", Passes(new RomaMethod(Views: 1)));
        Assert.Equal("1 + 4 without gradient + 1 on the worst view", Passes(new RomaMethod(Views: 4)));
        Assert.Equal("1 + 4 without gradient + 1 on the worst view", Passes(new RomaMethod(Views: 4, LambdaKl: 0)));
        Assert.Equal("1 + 1", Passes(new RomaMethod(Views: 4, LambdaKl: 0, View: AuxiliaryView.Random)));
        Assert.Equal("1 + 4 without gradient + 1 on the worst view + 1 on a drawn one", Passes(new RomaMethod(Views: 4, View: AuxiliaryView.Random)));
        Assert.Equal("1 + 4 without gradient by 2 of 4 responses + 1 on the worst view", Passes(new RomaMethod(Views: 4, WorstBy: WorstBy.Prompt, SelectOn: 2)));
        Assert.Equal("1", Passes(new RomaMethod(Views: 4, LambdaKl: 0, LambdaPg: 0)));

        string Passes(IMethod method) => Trainer.Check(runs.Settings(method, 1)).Rows.Single(row => row.Name == "forward passes a response").Value;
    }

    private static long Parameters(TrainingSettings settings)
    {
        using var model = Roma.Models.VisionLanguageModel.Load(settings.Model);
        return model.Network.parameters().Sum(parameter => parameter.numel());
    }
}
