using Roma.Corruptions;
using Roma.Models;
using Roma.Tests.Training.Runs;
using Roma.Training;
using Roma.Training.Methods;
using Roma.Training.Methods.Annealing;
using Roma.Training.Rollouts;
using Roma.Training.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Rollouts;

[Collection(nameof(TinyRuns))]
public class StepCollectorTests(TinyRuns runs) : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly VisionLanguageModel _model = VisionLanguageModel.Load(runs.Untrained);

    [Fact]
    public void Noise_reaches_the_second_half_of_every_group_alone()
    {
        StepRollouts clean = Collect(new GrpoMethod(), 1).Rollouts, noised = Collect(new NoisyRolloutMethod(Noise: new(999, new NoAnnealing())), 1).Rollouts;
        int[][] rows = [.. Enumerable.Range(0, 2).Select(half => Enumerable.Range(0, clean.Tokens.Count).Where(i => i % 4 / 2 == half).ToArray())];
        Assert.All(rows[0], i => Assert.Equal(clean.Tokens[i], noised.Tokens[i]));
        Assert.Contains(rows[1], i => !clean.Tokens[i].SequenceEqual(noised.Tokens[i]));
    }

    [Theory]
    [InlineData(999, 2, true)] // a quarter of the noise is left in the third step of four, none in the fourth
    [InlineData(999, 3, false)]
    [InlineData(1, 0, false)] // three quarters of the first diffusion step are none
    [InlineData(2, 0, true)]
    public void Noise_fades_by_steps_that_are_counted_from_one(int strength, int step, bool isNoised) =>
        Assert.Equal(isNoised, Collect(new NoisyRolloutMethod(Noise: new(strength, new LinearAnnealing())), step).Rollouts.LogProbs is null);

    [Fact]
    public void Naive_augmentation_samples_and_learns_on_the_corrupted_pictures()
    {
        CollectedStep step = Collect(new GrpoAugmentedMethod(), 0, share: 0.5);
        Assert.Equal([1, 1, 0, 0], step.Batch.Questions.Select(question => question.Views.Count));
        var expected = PromptBatch.Of(_model, step.Prompts.Prompts, [.. step.Batch.Questions.Select((question, p) => p < 2 ? question.Pictures[0] : question.Sample.Images)]);
        var clean = PromptBatch.Of(_model, step.Prompts.Prompts, [.. step.Batch.Questions.Select(question => question.Sample.Images)]);
        Assert.True(step.Prompts.Patches_PC!.equal(expected.Patches_PC!).all().item<bool>());
        Assert.False(step.Prompts.Patches_PC!.equal(clean.Patches_PC!).all().item<bool>());
        Assert.True(step.Prompts.Features!.Merged_MH.equal(expected.Detached(_model.Network)!.Merged_MH).all().item<bool>());
        Assert.Equal(Sample(expected).Tokens, step.Rollouts.Tokens);

        StepRollouts Sample(PromptBatch prompts) => new RolloutSampler(_model, Settings(new GrpoAugmentedMethod(), 0.5)).Sample(0, prompts, [.. step.Batch.Questions.Select(question => question.Sample.Answer)]);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _model.Dispose();
    }

    private TrainingSettings Settings(IMethod method, double share) => runs.Settings(method, 4) with { MaxTokens = 16, Views = new(Share: share) };

    private CollectedStep Collect(IMethod method, int step, double share = 1) => new StepCollector(_model, Settings(method, share), new(Settings(method, share), Catalogue.Default)).Collect(step, step, new());
}
