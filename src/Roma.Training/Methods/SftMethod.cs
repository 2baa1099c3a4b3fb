using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>Supervised fine-tuning: the cross-entropy of given responses on clean pictures.</summary>
/// <param name="Aggregation">How tokens are averaged; null: <c>token_mean</c>.</param>
[Name("sft")]
public sealed record SftMethod(IAggregation? Aggregation = null) : IMethod
{
    /// <summary>How tokens are averaged.</summary>
    public IAggregation Aggregation { get; init; } = Aggregation ?? new TokenMeanAggregation();

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new() { Policy = new PolicySettings(new CrossEntropyLoss(), Aggregation: Aggregation), Gate = Gate.None };

    /// <inheritdoc/>
    public int Views => 0;

    /// <inheritdoc/>
    public SamplingView? Sampling => null;
}
