using Roma.Core;
using Roma.Models;
using Roma.Tests.Training.Runs;
using Roma.Training;
using Roma.Training.Methods;
using Roma.Training.Rewards;
using Roma.Training.Rollouts;
using Roma.Training.Scoring;

namespace Roma.Tests.Training.Rollouts;

[Collection(nameof(TinyRuns))]
public class RolloutSamplerTests(TinyRuns runs) : IDisposable
{
    private readonly VisionLanguageModel _model = VisionLanguageModel.Load(runs.Model);
    private readonly Sample[] _samples = [.. Enumerable.Range(0, 6).Select(i => new LetterData().Get(i))];

    [Fact]
    public void Only_a_right_and_finished_response_is_rewarded()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 1) with { Group = 16 };
        StepRollouts rollouts = Sample(settings, 0, _samples, ["a", "bb", "a", "bb", "a", "bb"]);
        Assert.All(Enumerable.Range(0, rollouts.Owners.Length), i => Assert.Equal(
            _model.EndTokens.Contains(rollouts.Tokens[i][^1]) && rollouts.Texts[i].Trim().Equals(i / 16 % 2 == 0 ? "a" : "bb", StringComparison.OrdinalIgnoreCase) ? 1 : 0, rollouts.Trajectories.Reward[i]));
        Assert.InRange(rollouts.Trajectories.Reward.Average(), 0.1, 0.9);
    }

    [Fact]
    public void Rewards_are_weighted_sums_and_accuracy_is_the_answer_alone()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 1) with { Temperature = 2, Rewards = [new LengthPenalty(Free: 1, Weight: 0.5), new AnswerReward(Weight: 3)] };
        StepRollouts rollouts = Sample(settings, 0, _samples, ["a", "bb", "a", "bb", "a", "bb"]);
        double[] right = [.. rollouts.Texts.Select((text, i) => rollouts.Finished[i] && text.Trim() == (i / 4 % 2 == 0 ? "a" : "bb") ? 1.0 : 0)];
        Assert.Equal(right, rollouts.Trajectories.Accuracy);
        Assert.Equal(right.Select((value, i) => 3 * value - 0.5 * Math.Max(0, rollouts.Tokens[i].Length - 1) / 3), rollouts.Trajectories.Reward); // of at most four tokens
        Assert.Equal(2, right.Distinct().Count());
        Assert.True(rollouts.Tokens.Select(tokens => tokens.Length).Distinct().Count() > 1);
    }

    [Fact]
    public void The_second_half_of_a_group_is_sampled_on_the_noised_pictures()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 1) with { Temperature = 3, Group = 5, MaxTokens = 16 };
        string[] answers = [.. _samples.Select(sample => sample.Answer)];
        PromptBatch shown = Batch(_samples), black = Batch([.. _samples.Select(sample => sample with { Images = [new RgbImage(32, 32)] })]);
        StepRollouts clean = Of(shown), noised = Of(black), both = Of(shown, black);
        Assert.All(Enumerable.Range(0, 30), i => Assert.Equal((i % 5 < 3 ? clean : noised).Tokens[i], both.Tokens[i]));
        Assert.Contains(Enumerable.Range(0, 30), i => i % 5 >= 3 && !clean.Tokens[i].SequenceEqual(noised.Tokens[i]));
        Assert.Null(both.LogProbs);

        StepRollouts Of(PromptBatch batch, PromptBatch? other = null) => new RolloutSampler(_model, settings).Sample(0, batch, answers, other);
    }

    [Fact]
    public void A_response_that_was_cut_off_is_not_rewarded_though_its_text_is_right()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 1) with { Group = 16, MaxTokens = 1 };
        StepRollouts cut = Sample(settings, 0, _samples, ["a", "a", "a", "a", "a", "a"]);
        Assert.Contains("a", cut.Texts);
        Assert.All(cut.Trajectories.Reward, reward => Assert.Equal(0, reward));
    }

    [Fact]
    public void Draws_depend_on_seed_step_and_place_and_not_on_what_else_is_in_the_batch()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 1) with { Temperature = 3 };
        string[] answers = [.. _samples.Select(sample => sample.Answer)];
        StepRollouts all = Sample(settings, 4, _samples, answers), few = Sample(settings, 4, _samples[..2], answers[..2]);
        Assert.Equal(all.Tokens.Take(few.Tokens.Count), few.Tokens);
        foreach (int held in new[] { 1, 60, 100, 10_000 }) // parts of one, of a few, of all prompts
            Assert.Equal(all.Tokens, Sample(settings with { RolloutTokens = held }, 4, _samples, answers).Tokens);
        Assert.NotEqual(all.Tokens, Sample(settings, 5, _samples, answers).Tokens);
        Assert.NotEqual(all.Tokens, Sample(settings with { Seed = 4 }, 4, _samples, answers).Tokens);
    }

    [Fact]
    public void A_given_response_ends_with_the_end_token_and_counts_as_right()
    {
        StepRollouts rollouts = new RolloutSampler(_model, runs.Settings(new SftMethod(), 1)).Imitate(["a", "bb"]);
        Assert.All(rollouts.Tokens, tokens => Assert.Equal(_model.EndTokens[0], tokens[^1]));
        Assert.Equal(["a", "bb"], rollouts.Tokens.Select(tokens => _model.Processor.Tokenizer.Decode(tokens, skipSpecial: true)));
        Assert.Equal([1.0, 1], rollouts.Trajectories.Accuracy);
        Assert.Null(rollouts.Trajectories.Advantage);
    }

    public void Dispose() => _model.Dispose();

    private StepRollouts Sample(TrainingSettings settings, int step, Sample[] samples, string[] answers) =>
        new RolloutSampler(_model, settings).Sample(step, Batch(samples), answers);

    private PromptBatch Batch(Sample[] samples) =>
        PromptBatch.Of(_model, [.. samples.Select(sample => _model.Prompt(sample.Question, [_model.Processor.Images.GridOf(32, 32)]))], [.. samples.Select(sample => sample.Images)]);
}
