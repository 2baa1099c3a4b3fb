using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Training.Data;
using Roma.Training.Losses;
using static TorchSharp.torch;

namespace Roma.Training.Runs;

/// <summary>
/// What a step holds beside weights, gradients and optimiser, in bytes, for prompts like the first sample's and responses of full length. For the backward pass a row leaves
/// 4 H + 3 (Hq + Hkv) D + 3 I elements in each decoder layer (inputs of norms and products, queries and keys before and after rotation, values) and outside them 4 H and one H for each deepstack layer,
/// a patch 10 W + 2 I in each vision block; where layers are computed again their input alone, and the whole of one layer at a time. Buffers of single operations are not in it.
/// </summary>
public sealed record ActivationMemory
{
    private const long MostLogits = 64 << 20;

    /// <summary>Derives the bytes.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="policy">What it trains.</param>
    /// <param name="first">The first sample's index.</param>
    public ActivationMemory(TrainingSettings settings, Policy policy, long first)
    {
        (VisionLanguageModel model, ObjectiveSettings objective) = (policy.Model, settings.Method.Objective);
        (TextConfig text, VisionConfig vision) = (model.Config.Text, model.Config.Vision);
        (string question, IEnumerable<(int Width, int Height)> sizes) = settings.Data.Outline(first) is { } outline
            ? (outline.Question, outline.Sizes) : settings.Data.Get(first) is var sample ? (sample.Question, sample.Images.Select(image => (image.Width, image.Height))) : default;
        bool samples = settings.Method.Sampling is not null;
        PromptTokens = new LengthLimit(settings, model).Prompt(question, sizes).Ids.Length;
        ResponseTokens = samples ? settings.MaxTokens : model.Processor.Tokenizer.Encode(settings.Data.Response(first)).Length + 1;
        long responses = samples ? settings.Group : 1, tokens = PromptTokens + responses * ResponseTokens, patches = sizes.Sum(size => (long)model.Processor.Images.GridOf(size.Width, size.Height).Patches);
        int update = (settings.Prompts + settings.Updates - 1) / settings.Updates;
        double prompts = Math.Min(settings.MicroPrompts ?? update, settings.MicroTokens is { } budget ? Math.Clamp(budget / tokens, 1, update) : update);

        double passes = 1 + settings.Views.Share * objective.ViewPasses(settings.Method.Views).Learning;
        int element = model.Network.ComputeType == ScalarType.Float32 ? sizeof(float) : sizeof(short);
        long layer = 4L * text.HiddenSize + 3L * (text.Heads + text.KeyValueHeads) * text.HeadDim + 3L * text.IntermediateSize, block = model.Network.VisionLearns ? 10L * vision.HiddenSize + 2L * vision.IntermediateSize : 0;
        long outside = (4L + vision.DeepstackLayers.Count) * text.HiddenSize;
        double rows = settings.Recompute
            ? tokens * (outside + text.Layers * text.HiddenSize) + patches * vision.Depth * (block == 0 ? 0 : vision.HiddenSize)
            : tokens * (outside + text.Layers * layer) + patches * vision.Depth * block;
        Kept = (long)(passes * (prompts * rows * element + Math.Min(MostLogits, prompts * responses * ResponseTokens * text.VocabSize * sizeof(float))));
        Again = settings.Recompute ? (long)(prompts * Math.Max(tokens * layer, patches * block) * element) : 0;
        long sampled = settings.RolloutTokens is { } held ? Math.Clamp(held / tokens, 1, settings.Prompts) : settings.Prompts;
        Cache = samples ? sampled * tokens * text.Layers * 2 * text.KeyValueHeads * text.HeadDim * element : 0;
    }

    /// <summary>Tokens of the first sample's prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>Tokens of a response at most; where nothing is sampled, of the first one.</summary>
    public int ResponseTokens { get; }

    /// <summary>What the forward passes of a micro-batch keep for the backward pass.</summary>
    public long Kept { get; }

    /// <summary>The layer that the backward pass computes again at a time; 0 where none is.</summary>
    public long Again { get; }

    /// <summary>Keys and values that a rollout holds at once.</summary>
    public long Cache { get; }

    /// <summary>The most at a time: a rollout is over when its responses are scored.</summary>
    public long Peak => Math.Max(Kept + Again, Cache);
}
