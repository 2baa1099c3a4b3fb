namespace Roma.Training.Advantages;

/// <summary>Sums in double that the advantages share.</summary>
internal static class Statistics
{
    /// <summary>The variance with n - 1 in the divisor; 0 for fewer than two values.</summary>
    public static double Variance(IReadOnlyCollection<double> values)
    {
        if (values.Count < 2)
            return 0;
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
    }

    /// <summary>Reward minus the mean of the group's scorable rewards, [N]; exactly 0 where those are all equal or fewer than two.</summary>
    public static double[] Centred(Trajectories step)
    {
        var centred = new double[step.Count];
        foreach (int[] members in step.ScorableGroups())
        {
            if (members.All(i => step.Reward[i] == step.Reward[members[0]]))
                continue;
            double mean = members.Average(i => step.Reward[i]);
            foreach (int i in members)
                centred[i] = step.Reward[i] - mean;
        }
        return centred;
    }

    /// <summary>Shifts and scales the scorable response tokens of a step to mean 0 and variance 1, <c>(x - mean) / sqrt(var + 1e-8)</c>; all others become 0.</summary>
    public static double[,] Whitened(Trajectories step, double[,] values)
    {
        List<(int Row, int Token)> counted = [];
        for (int i = 0; i < step.Count; i++)
        {
            for (int t = 0; t < step.Length; t++)
            {
                if (step.Scorable[i] && step.Mask[i, t])
                    counted.Add((i, t));
            }
        }
        var whitened = new double[step.Count, step.Length];
        if (counted.Count == 0)
            return whitened;
        double[] present = [.. counted.Select(at => values[at.Row, at.Token])];
        double mean = present.Average(), scale = 1 / Math.Sqrt(Variance(present) + 1e-8);
        foreach ((int i, int t) in counted)
            whitened[i, t] = (values[i, t] - mean) * scale;
        return whitened;
    }
}
