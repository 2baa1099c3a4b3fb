using Roma.Core;

namespace Roma.Training.Advantages;

/// <summary>
/// Reward minus the group's mean, divided by a standard deviation plus 1e-6 (GRPO, arXiv 2402.03300; without division: Dr. GRPO, arXiv 2503.20783). A group whose
/// scorable rewards are all equal, or that has fewer than two, gets exactly 0.
/// </summary>
/// <param name="Scale">What it is divided by.</param>
[Name("grpo")]
public sealed record GrpoAdvantage(AdvantageScale Scale = AdvantageScale.Group) : IAdvantage
{
    private const double Epsilon = 1e-6;

    /// <inheritdoc/>
    public double[,] Compute(Trajectories step)
    {
        double[] advantage = Statistics.Centred(step);
        if (Scale == AdvantageScale.None)
            return step.PerToken(advantage);
        int[][] groups = Scale == AdvantageScale.Group ? [.. step.ScorableGroups()] : [[.. Enumerable.Range(0, step.Count).Where(i => step.Scorable[i])]];
        foreach (int[] members in groups)
        {
            double deviation = Math.Sqrt(Statistics.Variance([.. members.Select(i => step.Reward[i])]));
            foreach (int i in members)
                advantage[i] /= deviation + Epsilon;
        }
        return step.PerToken(advantage);
    }
}
