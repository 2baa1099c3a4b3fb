namespace Roma.Tests.Training.Losses;

/// <summary>Central difference quotients in float64.</summary>
internal static class Differences
{
    private const double Step = 1e-6;

    /// <summary>The gradient of a function of many numbers.</summary>
    public static double[] Of(Func<double[], double> value, double[] at)
    {
        double[] moved = [.. at];
        return [.. at.Select((x, i) =>
        {
            double Value(double delta)
            {
                moved[i] = x + delta;
                return value(moved);
            }
            double slope = (Value(Step) - Value(-Step)) / (2 * Step);
            moved[i] = x;
            return slope;
        })];
    }

    /// <summary>Equal up to the error of a quotient, which grows with the largest slope.</summary>
    public static void AssertEqual(double[] quotients, double[] gradient)
    {
        Assert.Equal(quotients.Length, gradient.Length);
        double tolerance = 1e-7 * Math.Max(1, quotients.Max(Math.Abs));
        Assert.All(quotients.Zip(gradient), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
