using System.Runtime.Intrinsics;
using OpenCvSharp;

namespace Roma.Corruptions.Operators;

/// <summary>The net of light on the ground of a pool, 0 to 1, slightly blurred.</summary>
internal static class Caustics
{
    private const int Iterations = 5;
    private const double Turn = 6.28318530718, Offset = 250, Intensity = 0.005;

    /// <summary>Fills a map.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="time">Which of the net's states, in radians.</param>
    /// <param name="size">The net's period in pixels.</param>
    /// <param name="light">width * height values.</param>
    public static void Fill(int width, int height, float time, float size, Span<float> light)
    {
        int padded = (width + 7) / 8 * 8;
        using Scratch<float> row = new(padded), sharp = new(width * height);
        for (int y = 0; y < height; y++)
        {
            var down = Vector256.Create((float)(y / (double)size - Math.Floor(y / (double)size)));
            for (int x = 0; x < padded; x += Vector256<float>.Count)
            {
                Vector256<float> across = (Vector256.Create((float)x) + Vector256<float>.Indices) / size;
                Brightness(down, across - Vector256.Floor(across), time).CopyTo(row.Span[x..]);
            }
            row.Span[..width].CopyTo(sharp.Span[(y * width)..]);
        }
        OpenCvFilters.GaussianBlur<float>(sharp.Span, light, width, height, 1, (1, 1), 4, BorderTypes.Reflect);
    }

    // Angles count from a whole number of turns near the offset, so that single precision is enough for them.
    private static Vector256<float> Brightness(Vector256<float> down, Vector256<float> across, float time)
    {
        double turns = Math.Round(Offset / (2 * Math.PI)) * 2 * Math.PI;
        Vector256<float> p0 = down * (float)Turn + Vector256.Create((float)(turns - Offset)), p1 = across * (float)Turn + Vector256.Create((float)(turns - Offset));
        Vector256<float> far0 = p0 - Vector256.Create((float)turns), far1 = p1 - Vector256.Create((float)turns);
        Vector256<float> i0 = p0, i1 = p1, sum = Vector256<float>.One;
        for (int n = 1; n <= Iterations; n++)
        {
            double t = time * (1 - 3.5 / n);
            (float sinT, float cosT) = ((float)Math.Sin(t), (float)Math.Cos(t));
            ((Vector256<float> sin0, Vector256<float> cos0), (Vector256<float> sin1, Vector256<float> cos1)) = (VectorMath.SinCos(i0), VectorMath.SinCos(i1));
            // cos(t - i0) + sin(t + i1) and sin(t - i1) + cos(t + i0)
            i0 = p0 + (cos0 * cosT + sin0 * sinT) + (cos1 * sinT + sin1 * cosT);
            i1 = p1 + (cos1 * sinT - sin1 * cosT) + (cos0 * cosT - sin0 * sinT);
            Vector256<float> a = far0 / (VectorMath.SinCos(i0 + Vector256.Create((float)t)).Sin / (float)Intensity), b = far1 / (VectorMath.SinCos(i1 + Vector256.Create((float)t)).Cos / (float)Intensity);
            sum += Vector256<float>.One / Vector256.Sqrt(a * a + b * b);
        }
        Vector256<float> c = Vector256.Abs(Vector256.Create(1.17f) - VectorMath.Exp(VectorMath.Log(sum / Iterations) * 1.4f));
        c *= c;
        c *= c;
        return Vector256.Min(c * c, Vector256<float>.One);
    }
}
