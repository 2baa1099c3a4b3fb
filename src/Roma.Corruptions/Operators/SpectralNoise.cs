using System.Runtime.Intrinsics;
using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Periodic noise of a given spectrum: random phases, transformed back, brought to a standard deviation of 1.</summary>
internal static class SpectralNoise
{
    /// <summary>Larger maps are not made: the noise repeats, or is enlarged.</summary>
    public const int MaxSide = 256;

    /// <summary>How many draws a map takes: a phase for each of the left half's frequencies.</summary>
    public static int Draws(int width, int height) => height * ((width + 1) / 2);

    /// <summary>Adds a field of phases.</summary>
    public static void Draw(string name, int length, CounterRandom random, Fields fields)
    {
        Span<float> phases = fields.Add(name, length);
        Operators.Draws.Uniform(random, phases);
        foreach (ref float phase in phases)
            phase *= (float)(2 * Math.PI);
    }

    /// <summary>Fills a map.</summary>
    /// <param name="phases">Phases in radians of the frequencies from the lowest row and column on; the right half mirrors the left one in the centre.</param>
    /// <param name="width">Width of the map.</param>
    /// <param name="height">Height of the map.</param>
    /// <param name="power">The amplitude at a distance from the centre, in cycles over the longer side.</param>
    /// <param name="noise">width * height values.</param>
    public static unsafe void Fill(ReadOnlySpan<float> phases, int width, int height, Func<double, double> power, Span<float> noise)
    {
        using Scratch<double> spectrum = new(2 * width * height), real = new(width * height);
        int half = (width + 1) / 2, longer = Math.Max(width, height);
        using Scratch<float> sines = new(phases.Length + 8), cosines = new(phases.Length + 8);
        for (int i = 0; i < phases.Length; i++)
            sines.Span[i] = phases[i];
        for (int i = 0; i < phases.Length; i += 8)
        {
            (Vector256<float> sin, Vector256<float> cos) = VectorMath.SinCos(Vector256.Create<float>(sines.Span[i..]));
            sin.CopyTo(sines.Span[i..]);
            cos.CopyTo(cosines.Span[i..]);
        }
        Span<double> values = spectrum.Span;
        for (int y = 0; y < height; y++)
        {
            double fy = (y - height / 2.0) / height;
            int row = (y + height / 2) % height * width;
            for (int x = 0; x < width; x++)
            {
                double fx = (x - width / 2.0) / width, amplitude = power(longer * Math.Sqrt(fx * fx + fy * fy));
                int phase = x < half ? y * half + x : (height - 1 - y) * half + width - 1 - x, at = 2 * (row + (x + width / 2) % width);
                (values[at], values[at + 1]) = (amplitude * cosines.Array[phase], amplitude * sines.Array[phase]);
            }
        }
        fixed (double* from = spectrum.Span)
        {
            using Mat transform = Mats.Of(from, width, height, MatType.CV_64FC2);
            Cv2.Dft(transform, transform, DftFlags.Inverse | DftFlags.Scale);
        }
        double sum = 0, squares = 0;
        for (int i = 0; i < noise.Length; i++)
        {
            double value = real.Span[i] = spectrum.Span[2 * i];
            (sum, squares) = (sum + value, squares + value * value);
        }
        double mean = sum / noise.Length, deviation = Math.Sqrt(Math.Max(squares / noise.Length - mean * mean, 0));
        for (int i = 0; i < noise.Length; i++)
            noise[i] = (float)(real.Span[i] / (deviation > 0 ? deviation : 1));
    }
}
