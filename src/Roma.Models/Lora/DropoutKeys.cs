using Roma.Core;

namespace Roma.Models.Lora;

/// <summary>
/// Names prompts and responses of a pass in which adapters drop inputs: whoever has the same key drops the same at the same token, however rows are packed, and whenever they are computed again.
/// </summary>
/// <param name="Prompts">A key for each prompt.</param>
/// <param name="Responses">A key for each response.</param>
public sealed record DropoutKeys(IReadOnlyList<ulong> Prompts, IReadOnlyList<ulong> Responses)
{
    /// <summary>The key of a prompt.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    /// <param name="place">Its place in the step.</param>
    public static ulong OfPrompt(ulong seed, int step, int place) => CounterRandom.Key(seed, "dropout", step, place);

    /// <summary>The key of a response to a prompt.</summary>
    /// <param name="prompt">The prompt's key.</param>
    /// <param name="place">Its place among the prompt's responses.</param>
    public static ulong OfResponse(ulong prompt, int place) => DropoutRows.Mix(prompt, 1 + (ulong)place);

    /// <summary>The key of a prompt's picture.</summary>
    /// <param name="prompt">The prompt's key.</param>
    /// <param name="place">Its place among the prompt's pictures.</param>
    public static ulong OfPicture(ulong prompt, int place) => DropoutRows.Mix(prompt, ~(ulong)place);
}
