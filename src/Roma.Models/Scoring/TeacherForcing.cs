using Roma.Models.Layers;
using Roma.Models.Lora;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Scoring;

/// <summary>Scores given responses: the prefix of a prompt, pictures included, is computed once for all its responses, and no logits of the whole batch are ever held.</summary>
public static class TeacherForcing
{
    /// <summary>Log-probabilities of response tokens given prompt and pictures.</summary>
    /// <inheritdoc cref="Rows"/>
    /// <returns>[R, width], fp32, zero where a response has ended; with gradient where the model has.</returns>
    public static Tensor LogProbs(VisionLanguageNetwork model, IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, IReadOnlyList<int[]> responses,
        IReadOnlyList<int>? owners = null, double temperature = 1, int? width = null, DropoutKeys? dropout = null)
    {
        using DisposeScope scope = NewDisposeScope();
        return Rows(model, prompts, features, responses, owners, temperature, width, dropout).LogProbs().MoveToOuterDisposeScope();
    }

    /// <summary>The hidden states from which the tokens of responses are predicted, given prompt and pictures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">B prompts.</param>
    /// <param name="features">Features of all their pictures in order, or null.</param>
    /// <param name="responses">R responses, prompt by prompt, each of at least one token.</param>
    /// <param name="owners">The prompt of each response, not falling; null where all prompts have the same number.</param>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="width">Columns of what is made of them, at least the longest response; null: just these.</param>
    /// <param name="dropout">Where adapters drop inputs; null: nothing is dropped.</param>
    /// <exception cref="Core.RomaException">A prompt with its response is more than the model's positions.</exception>
    public static ResponseRows Rows(VisionLanguageNetwork model, IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, IReadOnlyList<int[]> responses,
        IReadOnlyList<int>? owners = null, double temperature = 1, int? width = null, DropoutKeys? dropout = null)
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
        int count = responses.Sum(response => response.Length), m = 0;
        (long[] sources, long[] targets) = (new long[count], new long[count]);
        for (int r = 0; r < responses.Count; r++)
        {
            (int[] response, TokenPrompt prompt) = (responses[r], prompts[layout.Owners[r]]);
            for (int t = 0; t < response.Length; t++, m++)
            {
                sources[m] = t == 0 ? layout.PrefixRow(layout.Owners[r], prompt.Ids.Length - 1) : layout.ResponseRow(r, t - 1);
                targets[m] = response[t];
                if (t + 1 == response.Length)
                    continue;
                int at = prompt.Next + t;
                (ids[layout.ResponseRow(r, t)], positions[layout.ResponseRow(r, t)]) = (response[t], (at, at, at));
            }
        }
        Tensor hidden_MH = model.Normalize(model.Forward(model.Tokens(ids, positions, layout) with { Dropout = DropoutRows.Of(layout, dropout) }, features, rows_M: tensor(sources, device: model.Device)));
        return new(model, hidden_MH.MoveToOuterDisposeScope(), targets, [.. responses.Select(response => response.Length)], width ?? responses.Max(response => response.Length), temperature);
    }
}
