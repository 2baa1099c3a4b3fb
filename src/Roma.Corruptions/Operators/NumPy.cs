namespace Roma.Corruptions.Operators;

/// <summary>NumPy's order of operations, where the last bit counts.</summary>
internal static class NumPy
{
    private const int Lanes = 8, Block = 128;

    /// <summary>The sum, pairwise by eight lanes and halves.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        if (values.Length > Block)
        {
            int half = values.Length / 2 / Lanes * Lanes;
            return Sum(values[..half]) + Sum(values[half..]);
        }
        int whole = values.Length / Lanes * Lanes;
        double total = 0;
        if (whole > 0)
        {
            Span<double> sums = stackalloc double[Lanes];
            values[..Lanes].CopyTo(sums);
            for (int i = Lanes; i < whole; i++)
                sums[i % Lanes] += values[i];
            total = sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
        }
        for (int i = whole; i < values.Length; i++)
            total += values[i];
        return total;
    }
}
