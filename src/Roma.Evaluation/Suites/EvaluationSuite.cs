using Roma.Core;
using Roma.Corruptions;
using Roma.Data;
using Roma.Evaluation.Answers;

namespace Roma.Evaluation.Suites;

/// <summary>One benchmark: questions, how they are asked and judged, and the matrix of corruptions x severities they are asked under.</summary>
/// <param name="Name">Names the benchmark in logs and reports.</param>
/// <param name="Version">Raised whenever results stop being comparable.</param>
/// <param name="Data">The questions.</param>
/// <param name="Answer">How replies are judged.</param>
/// <param name="Samples">How many samples are asked with clean pictures: the first ones of the data; null for all.</param>
/// <param name="SamplesPerCell">How many of these, the first ones, are also asked under every corruption x severity; null for all.</param>
/// <param name="Suites">Names of corruption suites of the catalogue, such as seen and unseen; each is a group of its own in reports.</param>
/// <param name="Severities">Severities 1 to 5; null for all five.</param>
/// <param name="Prompt">The user's text; {question} stands for the sample's question.</param>
/// <param name="Seed">Seeds the corruptions.</param>
/// <param name="Scale">What a corruption's lengths in pixels mean: as they are, or relative to a shorter side of 224 pixels.</param>
/// <param name="System">A system turn before the user's; null: none.</param>
/// <param name="ExcludeChanges">Leaves out corruptions that may change an answer in one of these ways; null: none.</param>
public sealed record EvaluationSuite(
    string Name, int Version, IDataset Data, IAnswerRule Answer, int? Samples = null, int? SamplesPerCell = null, IReadOnlyList<string>? Suites = null,
    IReadOnlyList<int>? Severities = null, string Prompt = EvaluationSuite.Question, ulong Seed = 0,
    PixelScale Scale = PixelScale.Absolute, string? System = null, IReadOnlyList<AnswerAspect>? ExcludeChanges = null)
{
    private const string Question = "{question}";

    /// <summary>How many samples are asked with clean pictures.</summary>
    public int? Samples { get; } = CheckSamples(Samples, Data);

    /// <summary>How many of these are also asked under every corruption x severity.</summary>
    public int? SamplesPerCell { get; } = SamplesPerCell is null or >= 0 && !(SamplesPerCell > (Samples ?? Data.Count))
        ? SamplesPerCell : throw new RomaException($"samples_per_cell is from 0 to the number of samples, {Samples ?? Data.Count}, not {SamplesPerCell}.");

    /// <summary>Names of corruption suites, without repetition.</summary>
    public IReadOnlyList<string> Suites { get; } = (Suites ?? []).Distinct().Count() == (Suites ?? []).Count
        ? Suites ?? [] : throw new RomaException($"suites names each corruption suite once, not {string.Join(", ", Suites!)}.");

    /// <summary>Severities, ascending.</summary>
    public IReadOnlyList<int> Severities { get; } = (Severities ?? [1, 2, 3, 4, 5]) is var given && given.All(s => s is >= 1 and <= 5) && given.Distinct().Count() == given.Count
        ? [.. given.Order()] : throw new RomaException($"severities are different numbers from 1 to 5, not {string.Join(", ", Severities!)}.");

    /// <summary>The user's text with its {question}.</summary>
    public string Prompt { get; } = Prompt.Contains(Question, StringComparison.Ordinal) ? Prompt : throw new RomaException($"The prompt holds {Question} where the sample's question goes.");

    /// <summary>The resolved number of samples.</summary>
    internal int SampleCount => Samples ?? (int)Data.Count!.Value;

    /// <summary>The resolved number of samples per cell.</summary>
    internal int CellCount => SamplesPerCell ?? SampleCount;

    private static int? CheckSamples(int? samples, IDataset data)
    {
        if (samples is null && data.Count is null or > int.MaxValue)
            throw new RomaException($"{data.Name} has no end (or too many samples).", "Set samples.");
        return samples is null or >= 1 && !(samples > data.Count) ? samples : throw new RomaException($"samples is from 1 to the {data.Count} of {data.Name}, not {samples}.");
    }
}
