using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Adds clouds of colour: noise of each channel whose amplitude falls with the square of the frequency.</summary>
/// <param name="Intensity">Its standard deviation in levels, 0 to 255.</param>
[Name("brownish_noise")]
public sealed record BrownishNoise(double Intensity) : StochasticCorruption
{
    private const int Channels = 3;

    /// <summary>The noise's standard deviation.</summary>
    public double Intensity { get; init; } = Guard.InRange(Intensity, 0, 255, "levels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => SpectralNoise.Draw("uniform", Channels * SpectralNoise.Draws(Side(width), Side(height)), random, fields);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        int width = image.Width, height = image.Height;
        using Scratch<float> clouds = new(width * height * Channels);
        Fill(fields["uniform"], width, height, clouds.Span);
        (float[] cloud, float intensity) = (clouds.Array, (float)Intensity);
        return PatternRows.Apply(image, fidelity, (y, levels, _) =>
        {
            ReadOnlySpan<float> row = cloud.AsSpan(y * levels.Length, levels.Length);
            for (int i = 0; i < levels.Length; i++)
                levels[i] += intensity * row[i];
        });
    }

    // Beyond 128 cycles a picture there is less than a quarter level, so large maps are enlarged small ones.
    private static unsafe void Fill(ReadOnlySpan<float> uniform, int width, int height, Span<float> clouds)
    {
        (int mapWidth, int mapHeight) = (Side(width), Side(height));
        int draws = SpectralNoise.Draws(mapWidth, mapHeight), size = mapWidth * mapHeight;
        using Scratch<float> plane = new(size), map = new(size * Channels);
        for (int c = 0; c < Channels; c++)
        {
            SpectralNoise.Fill(uniform.Slice(c * draws, draws), mapWidth, mapHeight, frequency => 1 / (frequency * frequency + 1), plane.Span);
            for (int i = 0; i < size; i++)
                map.Span[i * Channels + c] = plane.Span[i];
        }
        if ((mapWidth, mapHeight) == (width, height))
        {
            map.Span.CopyTo(clouds);
            return;
        }
        fixed (float* from = map.Span, to = clouds)
        {
            using Mat small = Mats.Of(from, mapWidth, mapHeight, MatType.CV_32FC3), large = Mats.Of(to, width, height, MatType.CV_32FC3);
            Cv2.Resize(small, large, large.Size(), 0, 0, InterpolationFlags.Linear);
        }
    }

    private static int Side(int side) => Math.Min(side, SpectralNoise.MaxSide);
}
