using Roma.Core;
using Roma.Data;
using Roma.Models;

namespace Roma.Training.Data;

/// <summary>Makes the prompts of a run, and says which are too long for it.</summary>
/// <param name="settings">The run.</param>
/// <param name="model">The policy, which has so many positions.</param>
public sealed class LengthLimit(TrainingSettings settings, VisionLanguageModel model)
{
    /// <summary>Most tokens of a prompt, beside which the longest response fits.</summary>
    public int Most { get; } = Math.Min(settings.MaxPromptTokens ?? int.MaxValue, model.Config.Text.MaxPositions - (settings.Method.Sampling is null ? 1 : settings.MaxTokens));

    /// <summary>The prompt of a question.</summary>
    /// <param name="question">The sample's question.</param>
    /// <param name="sizes">Width and height of its pictures.</param>
    public TokenPrompt Prompt(string question, IEnumerable<(int Width, int Height)> sizes) => model.Prompt(settings.Prompt.Replace("{question}", question, StringComparison.Ordinal),
        [.. sizes.Select(size => model.Processor.Images.GridOf(size.Width, size.Height))], settings.System);

    /// <summary>Whether a stored sample is too long: its prompt, or the prompt with the response that is to be imitated.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="index">Its index in the data.</param>
    /// <param name="tokens">The tokens of its prompt.</param>
    public bool IsOverLong(SampleOutline sample, long index, out int tokens)
    {
        tokens = Prompt(sample.Question, sample.Sizes).Ids.Length;
        return tokens > Most || settings.Method.Sampling is null && tokens + model.Processor.Tokenizer.Encode(settings.Data.Response(index)).Length + 1 > model.Config.Text.MaxPositions;
    }

    /// <summary>Refuses a prompt that is too long.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="id">The sample's id.</param>
    /// <exception cref="RomaException">It is.</exception>
    public void Refuse(TokenPrompt prompt, string id)
    {
        prompt.RefuseIfLonger(model.Config, settings.Method.Sampling is null ? 1 : settings.MaxTokens, $"of sample '{id}'");
        if (prompt.Ids.Length > Most)
            throw new RomaException($"Prompt of sample '{id}' has {prompt.Ids.Length} tokens; max_prompt_tokens is {Most}.", "Raise max_prompt_tokens, or use smaller pictures (max_pixels in preprocessor_config.json).");
    }
}
