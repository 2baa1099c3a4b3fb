using Roma.Core;
using Roma.Models;
using Roma.Models.Qwen3Vl;
using Roma.Models.Scoring;
using Roma.Training;
using Roma.Training.Data;
using Roma.Training.Runs;
using Roma.Training.Scoring;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class ActivationMemoryTests(TinyRuns runs, ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_forward_pass_keeps_is_what_the_formula_says(bool recompute)
    {
        Skip.If(NativeHeap.InUse == 0, "The C library does not tell what it has given out.");
        using var folder = new TemporaryFolder();
        NanoModel.Create(folder.File("nano"), 1);
        TrainingSettings settings = runs.Settings("grpo", 1) with { Model = folder.File("nano"), Prompts = 32, MaxTokens = 24, Recompute = recompute };
        using var policy = Policy.Load(settings, null, null);
        policy.Model.Network.Recompute = recompute;
        var formula = new ActivationMemory(settings, policy, 0);

        Sample sample = settings.Data.Get(0);
        TokenPrompt prompt = new LengthLimit(settings, policy.Model).Prompt(sample.Question, sample.Images.Select(image => (image.Width, image.Height)));
        Assert.Equal((prompt.Ids.Length, settings.MaxTokens), (formula.PromptTokens, formula.ResponseTokens));
        var batch = PromptBatch.Of(policy.Model, [.. Enumerable.Repeat(prompt, settings.Prompts)], [.. Enumerable.Repeat(sample.Images, settings.Prompts)]);
        int[][] responses = [.. Enumerable.Repeat(Enumerable.Repeat(7, settings.MaxTokens).ToArray(), settings.Prompts * settings.Group)];
        NativeHeap.Settle();
        double share = Enumerable.Range(0, 5).Select(_ => Kept()).Order().ElementAt(2) / (double)formula.Kept; // the compiler's threads give out and take back some MB meanwhile
        output.WriteLine($"{share:0.00} of {formula.Kept:N0} bytes");
        Assert.InRange(share, 0.75, 1.25);
        Assert.Equal(recompute, formula.Again > 0);

        long Kept()
        {
            using DisposeScope scope = NewDisposeScope();
            long before = NativeHeap.InUse;
            Tensor scores = TeacherForcing.LogProbs(policy.Model.Network, batch.Prompts, batch.Encode(policy.Model.Network), responses);
            return NativeHeap.InUse - before;
        }
    }
}
