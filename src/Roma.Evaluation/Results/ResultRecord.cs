using System.Text.Json.Serialization;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>One line of a result log: one question under one cell, and what came of it.</summary>
/// <param name="Index">The sample's index in the data.</param>
/// <param name="Sample">Its id.</param>
/// <param name="Category">Its category; may be empty.</param>
/// <param name="Corruption">The corruption; empty for clean.</param>
/// <param name="Severity">1 to 5; 0 for clean.</param>
/// <param name="Seed">Seed of the corruption.</param>
/// <param name="Answer">The reference answer.</param>
/// <param name="Reply">What the model wrote (at most 64 Ki characters are kept).</param>
/// <param name="Extracted">The answer found in it, or null.</param>
/// <param name="Verdict">The answer rule's verdict; a failed reply is unparsed, a truncated one is judged like any other.</param>
/// <param name="Status">Whether the reply is whole.</param>
/// <param name="Tokens">Number of generated tokens.</param>
public sealed record ResultRecord(
    int Index, string Sample, string Category, string Corruption, int Severity, ulong Seed, string Answer, string Reply, string? Extracted, Verdict Verdict, ReplyStatus Status, int Tokens)
{
    /// <summary>The column of the benchmark.</summary>
    [JsonIgnore]
    public Cell Cell => new(Corruption, Severity);

    /// <summary>What identifies the question within a log.</summary>
    [JsonIgnore]
    public (int Index, Cell Cell) Key => (Index, Cell);

    /// <summary>Whether the reply is right.</summary>
    [JsonIgnore]
    public bool IsCorrect => Verdict == Verdict.Correct;
}
