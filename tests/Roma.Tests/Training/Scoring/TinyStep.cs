using Roma.Corruptions;
using Roma.Models;
using Roma.Tests.Training.Runs;
using Roma.Training;
using Roma.Training.Data;
using Roma.Training.Methods;
using Roma.Training.Rollouts;
using Roma.Training.Scoring;

namespace Roma.Tests.Training.Scoring;

/// <summary>What a step of the tiny model scores: six questions, each with three corrupted views, and sampled responses.</summary>
internal sealed class TinyStep : IDisposable
{
    public const int Views = 3, Step = 2;

    public TinyStep(TinyRuns runs)
    {
        Model = VisionLanguageModel.Load(runs.Model);
        Settings = runs.Settings(new RomaMethod(Views), 9) with { Prompts = 6 };
        Batch = new StepSource(Settings, Catalogue.Default).Get(Step);
        Prompts = PromptBatch.Of(Model, [.. Batch.Questions.Select(question => Model.Prompt(question.Sample.Question, [Model.Processor.Images.GridOf(32, 32)]))],
            [.. Batch.Questions.Select(question => question.Sample.Images)]);
        Rollouts = new RolloutSampler(Model, Settings).Sample(Step, Prompts, [.. Batch.Questions.Select(q => q.Sample.Answer)]);
    }

    public VisionLanguageModel Model { get; }

    public TrainingSettings Settings { get; }

    public StepBatch Batch { get; }

    public PromptBatch Prompts { get; }

    public StepRollouts Rollouts { get; }

    public void Dispose() => Model.Dispose();
}
