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
