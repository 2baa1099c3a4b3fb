namespace Roma.Evaluation.Endpoints;

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
