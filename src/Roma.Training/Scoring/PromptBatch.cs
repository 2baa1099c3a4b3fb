using Roma.Core;
using Roma.Models;
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

    /// <summary>Encodes the pictures, or gives what was encoded before.</summary>
    /// <param name="network">The network.</param>
    public VisionFeatures? Encode(VisionLanguageNetwork network) => Patches_PC is null ? null : Features ?? network.Encode(Patches_PC, Grids);

    /// <summary>The encoded pictures without gradient, for sampling.</summary>
    /// <param name="network">The network.</param>
    public VisionFeatures? Detached(VisionLanguageNetwork network)
    {
        using IDisposable _ = no_grad();
        return Encode(network);
    }

    /// <summary>Some of the prompts with their pictures, encoded or not.</summary>
    /// <param name="prompts">Their numbers.</param>
    public PromptBatch Take(IReadOnlyList<int> prompts)
    {
        if (prompts.Count == Prompts.Count && prompts.Select((p, i) => p == i).All(same => same))
            return this;
        int[] pictures = [.. prompts.SelectMany(p => Enumerable.Range(FirstPicture[p], FirstPicture[p + 1] - FirstPicture[p]))], first = new int[prompts.Count + 1];
        for (int i = 0; i < prompts.Count; i++)
            first[i + 1] = first[i] + FirstPicture[prompts[i] + 1] - FirstPicture[prompts[i]];
        PromptBatch taken = new([.. prompts.Select(p => Prompts[p])], null, [.. pictures.Select(i => Grids[i])], first);
        if (pictures.Length == 0)
            return taken;
        long[] start = new long[Grids.Length + 1];
        for (int i = 0; i < Grids.Length; i++)
            start[i + 1] = start[i] + Grids[i].Patches;
        long merge = Features is null ? 1 : start[^1] / Features.Merged_MH.shape[0];
        return taken with
        {
            Patches_PC = Rows(Patches_PC!, 1),
            Features = Features is null ? null : new(Rows(Features.Merged_MH, merge), [.. Features.Deepstack_MH.Select(layer => Rows(layer, merge))]),
        };

        Tensor Rows(Tensor all, long merged) => all.index_select(0, tensor(pictures.SelectMany(i => Enumerable.Range(0, (int)(Grids[i].Patches / merged)).Select(row => start[i] / merged + row)).ToArray(), device: all.device));
    }
}
