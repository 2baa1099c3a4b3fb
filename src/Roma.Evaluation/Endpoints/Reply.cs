namespace Roma.Evaluation.Endpoints;

/// <summary>What came back.</summary>
/// <param name="Text">The reply, without the end token.</param>
/// <param name="Status">Whether the reply is whole.</param>
/// <param name="Tokens">Number of generated tokens.</param>
public sealed record Reply(string Text, ReplyStatus Status, int Tokens);
