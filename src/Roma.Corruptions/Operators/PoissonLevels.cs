namespace Roma.Corruptions.Operators;

/// <summary>Poisson quantiles for all 256 levels, as levels again: the search starts at the quantile of the draw's upper eight bits, so that it hardly ever takes a step.</summary>
internal sealed class PoissonLevels
{
    private const int Guides = 256;
    private readonly ushort[] _guide = new ushort[256 * Guides];
    private readonly float[] _bounds;
    private readonly byte[] _levels;
    private readonly int _stride;

    /// <summary>Makes the tables.</summary>
    /// <param name="count">The mean count at level 255.</param>
    /// <param name="fidelity">How results become bytes.</param>
    public PoissonLevels(double count, Fidelity fidelity)
    {
        int white = (int)Math.Ceiling(count); // from this count on, the level is 255
        _stride = white + 1;
        _bounds = new float[256 * _stride];
        _levels = [.. Enumerable.Range(0, _stride).Select(k => Levels.ToByte(255 * (k / count), fidelity))];
        for (int level = 0; level < 256; level++)
        {
            double mean = level / 255.0 * count, cumulated = 0;
            Span<float> bounds = _bounds.AsSpan(level * _stride, _stride);
            for (int k = 0; k < white; k++)
            {
                double logarithm = k * Math.Log(Math.Max(mean, 1e-300)) - mean - LogFactorial(k);
                cumulated += mean == 0 ? k == 0 ? 1 : 0 : Math.Exp(logarithm);
                bounds[k] = Down(cumulated);
            }
            bounds[white] = float.MaxValue;
            for (int guide = 0, k = 0; guide < Guides; guide++)
            {
                while (bounds[k] < guide / (float)Guides)
                    k++;
                _guide[level * Guides + guide] = (ushort)k;
            }
        }
    }

    /// <summary>New levels: for each value the smallest count whose cumulated probability reaches the draw.</summary>
    public void Sample(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> uniform, Span<byte> result)
    {
        float[] bounds = _bounds;
        ushort[] guide = _guide;
        byte[] levels = _levels;
        int stride = _stride;
        uniform = uniform[..pixels.Length];
        result = result[..pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            float u = uniform[i];
            int level = pixels[i], k = guide[level * Guides + (int)(u * Guides)], at = level * stride;
            while (bounds[at + k] < u)
                k++;
            result[i] = levels[k];
        }
    }

    private static float Down(double value) => (float)value is float rounded && rounded > value ? MathF.BitDecrement(rounded) : (float)value;

    private static double LogFactorial(int n)
    {
        double sum = 0;
        for (int i = 2; i <= n; i++)
            sum += Math.Log(i);
        return sum;
    }
}
