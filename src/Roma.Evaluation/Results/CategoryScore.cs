namespace Roma.Evaluation.Results;

/// <summary>The scores of one category of questions.</summary>
/// <param name="Category">The category.</param>
/// <param name="Clean">On clean pictures.</param>
/// <param name="Groups">By group of corruptions, in the order of the summary's groups.</param>
public sealed record CategoryScore(string Category, Score Clean, IReadOnlyList<Score> Groups);
