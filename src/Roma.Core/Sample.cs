namespace Roma.Core;

/// <summary>One question about zero or more pictures, with its reference answer.</summary>
/// <param name="Id">Unique within its data set and stable over runs: seeds and result logs are keyed by it.</param>
/// <param name="Images">Clean pictures in the order in which the prompt shows them.</param>
/// <param name="Question">The user's text; pictures come before it unless it holds <c>&lt;image&gt;</c> placeholders.</param>
/// <param name="Answer">The reference answer.</param>
/// <param name="Category">The kind of question, for breakdowns; empty where there is none.</param>
public sealed record Sample(string Id, IReadOnlyList<RgbImage> Images, string Question, string Answer, string Category = "");
