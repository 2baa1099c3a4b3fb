using Roma.Core;

namespace Roma.Training.Advantages;

/// <summary>Reward minus the mean of the other scorable members of the group (RLOO, arXiv 2402.14740); 0 for a lone one.</summary>
[Name("rloo")]
public sealed record RlooAdvantage : IAdvantage
{
    /// <inheritdoc/>
    public double[,] Compute(Trajectories step)
    {
        double[] advantage = Statistics.Centred(step);
        foreach (int[] members in step.ScorableGroups())
        {
            foreach (int i in members)
                advantage[i] *= members.Length > 1 ? (double)members.Length / (members.Length - 1) : 0; // r - mean of others = (r - mean of all) n / (n - 1)
        }
        return step.PerToken(advantage);
    }
}
