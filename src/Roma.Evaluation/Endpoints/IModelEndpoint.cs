using Roma.Core;

namespace Roma.Evaluation.Endpoints;

/// <summary>Something that answers questions about pictures: a local checkpoint or a server.</summary>
public interface IModelEndpoint : IDisposable
{
    /// <summary>Names the model in logs and reports.</summary>
    string Name { get; }

    /// <summary>How many prompts the runner should hand over at once.</summary>
    int BatchSize { get; }

    /// <summary>Answers a batch; one reply per prompt, in order. A prompt that fails yields a reply that says so, never an exception.</summary>
    /// <param name="prompts">Pictures (possibly corrupted) and question texts.</param>
    /// <param name="cancellation">Stops between prompts.</param>
    IReadOnlyList<Reply> Answer(IReadOnlyList<Prompt> prompts, CancellationToken cancellation);
}

/// <summary>One question as the model sees it.</summary>
/// <param name="Images">Pictures in order, corrupted or clean.</param>
/// <param name="Text">The user's text.</param>
public sealed record Prompt(IReadOnlyList<RgbImage> Images, string Text);

/// <summary>What came back.</summary>
/// <param name="Text">The reply, without the end token.</param>
/// <param name="Status">Whether the reply is whole.</param>
/// <param name="Tokens">Number of generated tokens.</param>
public sealed record Reply(string Text, ReplyStatus Status, int Tokens);

/// <summary>How a reply ended.</summary>
public enum ReplyStatus
{
    /// <summary>The model ended it.</summary>
    Finished,

    /// <summary>It ran into the token limit.</summary>
    Truncated,

    /// <summary>The endpoint failed or timed out.</summary>
    Failed,
}
