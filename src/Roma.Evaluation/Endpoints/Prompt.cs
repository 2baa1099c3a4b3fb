using Roma.Core;

namespace Roma.Evaluation.Endpoints;

/// <summary>One question as the model sees it.</summary>
/// <param name="Images">Pictures in order, corrupted or clean.</param>
/// <param name="Text">The user's text.</param>
/// <param name="Name">What messages call it, for example the sample's id.</param>
/// <param name="System">A system turn before it; null: none.</param>
public sealed record Prompt(IReadOnlyList<RgbImage> Images, string Text, string? Name = null, string? System = null);
