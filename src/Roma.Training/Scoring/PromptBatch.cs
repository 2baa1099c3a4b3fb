using Roma.Core;
using Roma.Models;
using Roma.Models.Kernels;
using Roma.Models.Lora;
using Roma.Models.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Scoring;

/// <summary>Prompts and their pictures' patches, ready for the model.</summary>
/// <param name="Prompts">The prompts.</param>
/// <param name="Patches_PC">Patches of all pictures in order; null without pictures.</param>
/// <param name="Grids">One grid a picture.</param>
/// <param name="FirstPicture">Where each prompt's pictures start in <paramref name="Grids"/>, and the end.</param>
public sealed record PromptBatch(IReadOnlyList<TokenPrompt> Prompts, Tensor? Patches_PC, Grid[] Grids, int[] FirstPicture)
{
    /// <summary>Makes a batch.</summary>
    /// <param name="model">Whose processor cuts and tokenises.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="pictures">The pictures of each.</param>
    public static PromptBatch Of(VisionLanguageModel model, IReadOnlyList<TokenPrompt> prompts, IReadOnlyList<IReadOnlyList<RgbImage>> pictures)
    {
        int[] first = Starts(pictures.Select(images => images.Count));
        Grid[] grids = [];
        Tensor? patches = first[^1] == 0 ? null : model.Patches([.. pictures.SelectMany(images => images)], out grids);
        return new(prompts, patches, grids, first);
    }

    /// <summary>The encoded pictures without gradient, where that is done once for rollout and scoring; null: not yet.</summary>
    public VisionFeatures? Features { get; init; }

    /// <summary>A key for each prompt, by which adapters drop inputs; null: they drop nothing.</summary>
    public ulong[]? Dropout { get; init; }

    /// <summary>The batch as a pass sees it in which adapters drop inputs. The keys are of the step and of places in it: how it is cut does not matter.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    public PromptBatch WithDropout(ulong seed, int step) => this with { Dropout = [.. Prompts.Select((_, p) => DropoutKeys.OfPrompt(seed, step, p))] };

    /// <summary>Encodes the pictures, or gives what was encoded before, unless the vision tower learns from it or drops inputs.</summary>
    /// <param name="network">The network.</param>
    public VisionFeatures? Encode(VisionLanguageNetwork network) => Patches_PC is null ? null : Features is { } known && !(network.VisionLearns && (is_grad_enabled() || Dropout is not null)) ? known : network.Encode(Patches_PC, Grids, PictureKeys());

    /// <summary>The encoded pictures without gradient, for sampling.</summary>
    /// <param name="network">The network.</param>
    public VisionFeatures? Detached(VisionLanguageNetwork network)
    {
        int pieces = Patches_PC is null ? 1 : Math.Min(network.Shards, Prompts.Count);
        if (pieces == 1)
            return Constant(this);
        var parts = new VisionFeatures?[pieces];
        Shards.Run(pieces, i =>
        {
            using DisposeScope scope = NewDisposeScope();
            parts[i] = Constant(Take([.. Enumerable.Range(0, Prompts.Count).Skip(Prompts.Count * i / pieces).SkipLast(Prompts.Count - Prompts.Count * (i + 1) / pieces)]));
            scope.Detach(Tensors(parts[i]));
        });
        VisionFeatures all = Joined([.. parts.OfType<VisionFeatures>()]);
        foreach (Tensor part in parts.SelectMany(Tensors))
            part.Dispose();
        return all;

        VisionFeatures? Constant(PromptBatch batch)
        {
            using IDisposable _ = no_grad();
            return batch.Encode(network);
        }

        static IEnumerable<Tensor> Tensors(VisionFeatures? features) => features is null ? [] : [features.Merged_MH, .. features.Deepstack_MH];
    }

    /// <summary>Some of the prompts of several batches as one: what was encoded is not encoded again.</summary>
    /// <param name="parts">Batches, and the prompts of them that are kept.</param>
    public static PromptBatch Join(IReadOnlyList<(PromptBatch Batch, int[] Kept)> parts)
    {
        PromptBatch[] each = [.. parts.Select(part => part.Batch.Take(part.Kept))], shown = [.. each.Where(one => one.Patches_PC is not null)];
        return new([.. each.SelectMany(one => one.Prompts)], shown.Length == 0 ? null : cat([.. shown.Select(one => one.Patches_PC!)], 0), [.. each.SelectMany(one => one.Grids)], Starts(each.SelectMany(one => one.Prompts.Select((_, p) => one.PicturesOf(p)))))
        {
            Features = shown.Length == 0 || shown.Any(one => one.Features is null) ? null : Joined([.. shown.Select(one => one.Features!)]),
        };
    }

    /// <summary>Some of the prompts with their pictures, encoded or not.</summary>
    /// <param name="prompts">Their numbers.</param>
    public PromptBatch Take(IReadOnlyList<int> prompts)
    {
        if (prompts.Count == Prompts.Count && prompts.Select((p, i) => p == i).All(same => same))
            return this;
        int[] pictures = [.. prompts.SelectMany(p => Enumerable.Range(FirstPicture[p], PicturesOf(p)))], start = Starts(Grids.Select(grid => grid.Patches));
        PromptBatch taken = new([.. prompts.Select(p => Prompts[p])], null, [.. pictures.Select(i => Grids[i])], Starts(prompts.Select(PicturesOf))) { Dropout = Dropout is { } keys ? [.. prompts.Select(p => keys[p])] : null };
        if (pictures.Length == 0)
            return taken;
        int merge = Features is null ? 1 : start[^1] / (int)Features.Merged_MH.shape[0];
        return taken with
        {
            Patches_PC = Rows(Patches_PC!, 1),
            Features = Features is null ? null : new(Rows(Features.Merged_MH, merge), [.. Features.Deepstack_MH.Select(layer => Rows(layer, merge))]),
        };

        Tensor Rows(Tensor all, int merged) => all.index_select(0, tensor(pictures.SelectMany(i => Enumerable.Range(0, Grids[i].Patches / merged).Select(row => (long)(start[i] / merged + row))).ToArray(), device: all.device));
    }

    private static VisionFeatures Joined(IReadOnlyList<VisionFeatures> parts) =>
        new(cat([.. parts.Select(part => part.Merged_MH)], 0), [.. parts[0].Deepstack_MH.Select((_, i) => cat([.. parts.Select(part => part.Deepstack_MH[i])], 0))]);

    private int PicturesOf(int prompt) => FirstPicture[prompt + 1] - FirstPicture[prompt];

    /// <summary>Where each of several runs starts, and the end.</summary>
    private static int[] Starts(IEnumerable<int> counts)
    {
        int end = 0;
        return [0, .. counts.Select(count => end += count)];
    }

    private ulong[]? PictureKeys() => Dropout is null ? null
        : [.. Dropout.SelectMany((key, p) => Enumerable.Range(0, PicturesOf(p)).Select(i => DropoutKeys.OfPicture(key, i)))];
}
