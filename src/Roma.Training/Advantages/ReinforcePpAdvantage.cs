using Roma.Core;

namespace Roma.Training.Advantages;

/// <summary>The reward at the last token, discounted back to each token and whitened over all scorable tokens of the step (REINFORCE++, arXiv 2501.03262).</summary>
/// <param name="Gamma">The discount per token, in (0, 1].</param>
[Name("reinforce_pp")]
public sealed record ReinforcePpAdvantage(double Gamma = 1) : IAdvantage
{
    /// <summary>The discount per token, in (0, 1].</summary>
    public double Gamma { get; init; } = Require.Within(Gamma, 0, 1, openBelow: true);

    /// <inheritdoc/>
    public int SmallestGroup => 1;

    /// <inheritdoc/>
    public double[,] Compute(Trajectories step)
    {
        var discounted = new double[step.Count, step.Length];
        for (int i = 0; i < step.Count; i++)
        {
            double value = step.Reward[i];
            for (int t = step.Length - 1; t >= 0; t--)
            {
                if (!step.Mask[i, t])
                    continue;
                discounted[i, t] = value;
                value *= Gamma;
            }
        }
        return Statistics.Whitened(step, discounted);
    }
}
