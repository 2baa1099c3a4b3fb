using Roma.Core;
using Roma.Corruptions;

namespace Roma.Training.Data;

/// <summary>A question and its views.</summary>
/// <param name="Sample">The question with its clean pictures.</param>
/// <param name="Response">The response to imitate, for <c>sft</c>.</param>
/// <param name="Views">The corrupted views drawn for it; none for questions beyond the share that gets views.</param>
/// <param name="Pictures">The pictures of each of these views.</param>
public sealed record StepQuestion(Sample Sample, string Response, IReadOnlyList<View> Views, IReadOnlyList<IReadOnlyList<RgbImage>> Pictures);
