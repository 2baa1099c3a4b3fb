using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>
/// Expert iteration: <c>(CE_clean + CE_view) / 2</c> of the correct trajectories, each over their tokens, the view drawn for each trajectory; no policy gradient.
/// </summary>
/// <param name="Views">The number of corrupted views a prompt, at least 1.</param>
/// <param name="Tau">The accuracy from which a trajectory is correct.</param>
/// <param name="Aggregation">How tokens are averaged; null: <c>token_mean</c>.</param>
[Name("filtered_views")]
public sealed record FilteredViewsMethod(int Views = 4, double Tau = 1, IAggregation? Aggregation = null) : IMethod
{
    /// <inheritdoc/>
    public int Views { get; init; } = Require.AtLeast(Views, 1);

    /// <summary>The accuracy from which a trajectory is correct.</summary>
    public double Tau { get; init; } = Require.NotNegative(Tau);

    /// <summary>How tokens are averaged.</summary>
    public IAggregation Aggregation { get; init; } = Aggregation ?? new TokenMeanAggregation();

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new()
    {
        Policy = new PolicySettings(new CrossEntropyLoss(), Aggregation: Aggregation),
        LambdaClean = 0.5,
        LambdaPg = 0.5,
        Surrogate = new CrossEntropyLoss(),
        View = AuxiliaryView.Random,
        Filter = Gate.Correct,
        Tau = Tau,
    };

    /// <inheritdoc/>
    public SamplingView? Sampling => SamplingView.Clean;
}
