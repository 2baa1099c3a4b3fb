using Roma.Core;
using Roma.Data;
using Roma.Models;

namespace Roma.Training.Data;

/// <summary>Makes the prompts of a run, and says which are too long for it.</summary>
/// <param name="settings">The run.</param>
/// <param name="model">The policy, which has so many positions.</param>
public sealed class LengthLimit(TrainingSettings settings, VisionLanguageModel model)
{
    /// <summary>Most tokens of a prompt, beside which the longest response fits; at least 1.</summary>
    /// <exception cref="RomaException">The longest response leaves no room for a prompt.</exception>
    public int Most { get; } = Math.Min(settings.MaxPromptTokens ?? int.MaxValue, Room(settings, model.Config.Text.MaxPositions));

    /// <summary>The prompt of a question.</summary>
    /// <param name="question">The sample's question.</param>
    /// <param name="sizes">Width and height of its pictures.</param>
    public TokenPrompt Prompt(string question, IEnumerable<(int Width, int Height)> sizes) => model.Prompt(Text(question),
        [.. sizes.Select(size => model.Processor.Images.GridOf(size.Width, size.Height))], settings.System);

    /// <summary>Whether a stored sample is too long: its prompt, or the prompt with the response that is to be imitated.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="index">Its index in the data.</param>
    /// <param name="tokens">The tokens of its prompt.</param>
    /// <exception cref="RomaException">It cannot be asked at all: its text is empty, its pictures and their places do not match, or a picture is too long for its width.</exception>
    public bool IsOverLong(SampleOutline sample, long index, out int tokens)
    {
        if (string.IsNullOrWhiteSpace(Text(sample.Question).Replace("<image>", "", StringComparison.Ordinal)))
            throw new RomaException($"Sample '{sample.Id}': its question has no text.", "Give it one, or say in prompt what is asked of pictures alone.");
        try
        {
            tokens = Prompt(sample.Question, sample.Sizes).Ids.Length;
        }
        catch (RomaException e)
        {
            throw new RomaException($"Sample '{sample.Id}': {e.Message}", e.Remedy, e);
        }
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

    private string Text(string question) => settings.Prompt.Replace("{question}", question, StringComparison.Ordinal);

    private static int Room(TrainingSettings settings, int positions) => settings.Method.Sampling is null ? positions - 1 : settings.MaxTokens < positions ? positions - settings.MaxTokens
        : throw new RomaException($"max_tokens of {settings.MaxTokens} leaves no room for a prompt: together they are more than the model's {positions} positions.", "Lower max_tokens.");
}
