using Roma.Models.Kernels;
using Roma.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Scoring;

/// <summary>Scores given responses: the prefix of a prompt, pictures included, is computed once for all its responses, and no logits of the whole batch are ever held.</summary>
public static class TeacherForcing
{
    /// <summary>Log-probabilities of response tokens given prompt and pictures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">B prompts.</param>
    /// <param name="features">Features of all their pictures in order, or null.</param>
    /// <param name="responses">R responses, prompt by prompt, each of at least one token.</param>
    /// <param name="owners">The prompt of each response, not falling; null where all prompts have the same number.</param>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="width">Columns of the result, at least the longest response; null: just these.</param>
    /// <exception cref="Core.RomaException">A prompt with its response is more than the model's positions.</exception>
    /// <returns>[R, width], fp32, zero where a response has ended; with gradient where the model has.</returns>
    public static Tensor LogProbs(VisionLanguageNetwork model, IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, IReadOnlyList<int[]> responses,
        IReadOnlyList<int>? owners = null, double temperature = 1, int? width = null)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int r = 0; r < responses.Count; r++)
        {
            int b = owners?[r] ?? r * prompts.Count / responses.Count;
            prompts[b].RefuseIfLonger(model.Config, responses[r].Length, $"{b + 1} of {prompts.Count}");
        }
        // The last token of a response predicts nothing that is asked for, so it is no input.
        var layout = new PackedLayout([.. prompts.Select(prompt => prompt.Ids.Length)], [.. responses.Select(response => response.Length - 1)], owners);
        int[] ids = new int[layout.Rows];
        var positions = new (int, int, int)[layout.Rows];
        for (int b = 0; b < prompts.Count; b++)
        {
            prompts[b].Ids.CopyTo(ids, layout.PrefixRow(b, 0));
            prompts[b].Positions.CopyTo(positions, layout.PrefixRow(b, 0));
        }
        int longest = width ?? responses.Max(response => response.Length), count = responses.Sum(response => response.Length), m = 0;
        (long[] sources, long[] targets, long[] places) = (new long[count], new long[count], new long[count]);
        for (int r = 0; r < responses.Count; r++)
        {
            (int[] response, TokenPrompt prompt) = (responses[r], prompts[layout.Owners[r]]);
            for (int t = 0; t < response.Length; t++, m++)
            {
                sources[m] = t == 0 ? layout.PrefixRow(layout.Owners[r], prompt.Ids.Length - 1) : layout.ResponseRow(r, t - 1);
                (targets[m], places[m]) = (response[t], (long)r * longest + t);
                if (t + 1 == response.Length)
                    continue;
                int at = prompt.Next + t;
                (ids[layout.ResponseRow(r, t)], positions[layout.ResponseRow(r, t)]) = (response[t], (at, at, at));
            }
        }
        Device device = model.Device;
        Tensor hidden_MH = model.Forward(model.Tokens(ids, positions, layout), features, rows_M: tensor(sources, device: device));
        Tensor logProbs_M = TokenLogProb.Apply(model.Normalize(hidden_MH), model.Head_VH, tensor(targets, device: device), temperature);
        return zeros(responses.Count * longest, device: device).index_copy(0, tensor(places, device: device), logProbs_M)
            .view(responses.Count, longest).MoveToOuterDisposeScope();
    }
}
