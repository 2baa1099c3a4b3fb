using Roma.Core;
using Roma.Models;
using Roma.Models.Lora;
using Roma.Models.Processing;
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
        int[] first = new int[prompts.Count + 1];
        for (int p = 0; p < prompts.Count; p++)
            first[p + 1] = first[p] + pictures[p].Count;
        Grid[] grids = [];
        Tensor? patches = first[^1] == 0 ? null : model.Patches([.. pictures.SelectMany(images => images)], out grids);
        return new(prompts, patches, grids, first);
    }

    /// <summary>The encoded pictures, where that is done once for rollout and scoring; null: not yet.</summary>
    public VisionFeatures? Features { get; init; }

    /// <summary>A key for each prompt, by which adapters drop inputs; null: they drop nothing.</summary>
    public ulong[]? Dropout { get; init; }

    /// <summary>The batch as a pass sees it in which adapters drop inputs. The keys are of the step and of places in it: how it is cut does not matter.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    public PromptBatch WithDropout(ulong seed, int step) => this with { Dropout = [.. Prompts.Select((_, p) => DropoutKeys.OfPrompt(seed, step, p))], Features = Features is { Merged_MH.requires_grad: false } ? Features : null };

    /// <summary>Encodes the pictures, or gives what was encoded before.</summary>
    /// <param name="network">The network.</param>
    public VisionFeatures? Encode(VisionLanguageNetwork network) => Patches_PC is null ? null : Features ?? network.Encode(Patches_PC, Grids, PictureKeys());

    /// <summary>The encoded pictures without gradient, for sampling.</summary>
    /// <param name="network">The network.</param>
    public VisionFeatures? Detached(VisionLanguageNetwork network)
    {
        using IDisposable _ = no_grad();
        return Encode(network);
    }

    /// <summary>Some of the prompts of several batches as one: what was encoded is not encoded again.</summary>
    /// <param name="parts">Batches, and the prompts of them that are kept.</param>
    public static PromptBatch Join(IReadOnlyList<(PromptBatch Batch, int[] Kept)> parts)
    {
        PromptBatch[] each = [.. parts.SelectMany(part => part.Kept.Select(p => part.Batch.Slice(p, 1)))];
        int[] first = new int[each.Length + 1];
        for (int p = 0; p < each.Length; p++)
            first[p + 1] = first[p] + each[p].Grids.Length;
        PromptBatch[] shown = [.. each.Where(one => one.Patches_PC is not null)];
        return new([.. each.SelectMany(one => one.Prompts)], shown.Length == 0 ? null : cat([.. shown.Select(one => one.Patches_PC!)], 0), [.. each.SelectMany(one => one.Grids)], first)
        {
            Features = shown.Length == 0 || shown.Any(one => one.Features is null) ? null : new(cat([.. shown.Select(one => one.Features!.Merged_MH)], 0),
                [.. shown[0].Features!.Deepstack_MH.Select((_, i) => cat([.. shown.Select(one => one.Features!.Deepstack_MH[i])], 0))]),
        };
    }

    /// <summary>The prompts of a range, sharing memory.</summary>
    /// <param name="start">The first.</param>
    /// <param name="count">How many.</param>
    public PromptBatch Slice(int start, int count)
    {
        if (start == 0 && count == Prompts.Count)
            return this;
        (int from, int to) = (FirstPicture[start], FirstPicture[start + count]);
        long row = Grids[..from].Sum(grid => (long)grid.Patches), rows = Grids[from..to].Sum(grid => (long)grid.Patches);
        return new([.. Prompts.Skip(start).Take(count)], rows == 0 ? null : Patches_PC!.narrow(0, row, rows), Grids[from..to],
            [.. FirstPicture[start..(start + count + 1)].Select(first => first - from)])
        {
            Dropout = Dropout?[start..(start + count)],
            Features = Features is null || rows == 0 ? null : new(Merged(Features.Merged_MH), [.. Features.Deepstack_MH.Select(Merged)]),
        };

        Tensor Merged(Tensor all_MH) => all_MH.narrow(0, row * all_MH.shape[0] / Patches_PC!.shape[0], rows * all_MH.shape[0] / Patches_PC.shape[0]);
    }

    private ulong[]? PictureKeys() => Dropout is null ? null
        : [.. Dropout.SelectMany((key, p) => Enumerable.Range(0, FirstPicture[p + 1] - FirstPicture[p]).Select(i => DropoutKeys.OfPicture(key, i)))];
}
