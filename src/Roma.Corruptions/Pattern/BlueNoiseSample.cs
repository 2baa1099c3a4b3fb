using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Drops pixels where noise of high frequencies is low, so that the black dots keep their distance.</summary>
/// <param name="Threshold">What of the noise is dropped, in its standard deviations, -5 to 5.</param>
[Name("blue_noise_sample")]
public sealed record BlueNoiseSample(double Threshold) : StochasticCorruption
{
    /// <summary>What of the noise is dropped.</summary>
    public double Threshold { get; init; } = Guard.InRange(Threshold, -5, 5, "standard deviations");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => SpectralNoise.Draw("uniform", SpectralNoise.Draws(Tile(width), Tile(height)), random, fields);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (int width, int height) = (Tile(image.Width), Tile(image.Height));
        using var noise = new Scratch<float>(width * height);
        SpectralNoise.Fill(fields["uniform"], width, height, frequency => frequency, noise.Span);
        RgbImage result = image.Clone();
        Span<byte> pixels = result.Pixels;
        for (int y = 0, at = 0; y < image.Height; y++)
        {
            ReadOnlySpan<float> row = noise.Span.Slice(y % height * width, width);
            for (int x = 0, column = 0; x < image.Width; x++, at += 3)
            {
                if (row[column] <= Threshold)
                    (pixels[at], pixels[at + 1], pixels[at + 2]) = (0, 0, 0);
                if (++column == width)
                    column = 0;
            }
        }
        return result;
    }

    private static int Tile(int side) => Math.Min(side, SpectralNoise.MaxSide); // the noise is periodic, so tiles fit
}
