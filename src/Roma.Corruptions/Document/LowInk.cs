using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A cartridge that runs dry: bands of rows print pale, and grains are missing; white paper stays.</summary>
/// <param name="Loss">Share of the ink lost in the palest bands, 0 to 1.</param>
/// <param name="Band">Height of a band in pixels, 1 to 1000.</param>
[Name("low_ink")]
public sealed record LowInk(double Loss, double Band) : StochasticCorruption
{
    private const float Missing = 0.3f; // of the loss: grains

    /// <summary>Share of the ink lost in the palest bands.</summary>
    public double Loss { get; init; } = Guard.InRange(Loss, 0, 1, "of the ink");

    /// <summary>Height of a band in pixels.</summary>
    public double Band { get; init; } = Guard.InRange(Band, 1, 1000, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("bands", (int)Math.Ceiling(height / Band) + 2));
        fields.AddUniform("grains", checked(width * height), random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<float> bands = fields["bands"], grains = fields["grains"];
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            (int band, float rest) = ((int)(y / Band), (float)(y / Band % 1));
            float dryness = 0.25f + 0.75f * (bands[band] + (bands[band + 1] - bands[band]) * rest * rest * (3 - 2 * rest));
            float kept = 1 - (float)Loss * dryness, bare = (float)Loss * dryness * Missing;
            for (int end = i + image.Width; i < end; i++)
            {
                float ink = grains[i] < bare ? kept * 0.3f : kept;
                for (int at = 3 * i; at < 3 * i + 3; at++)
                    result.Pixels[at] = Layers.ToByte(255 - (255 - image.Pixels[at]) * ink);
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Band = Math.Max(1, Band * factor) };
}
