using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Resampling;

/// <summary>Shrinks by averaging boxes, then enlarges to hard-edged blocks, both as Pillow does to the bit.</summary>
/// <param name="Share">The shrunken side as a share of the picture's, above 0 to 1.</param>
[Name("pixelate")]
public sealed record Pixelate(double Share) : ICorruption
{
    /// <summary>The shrunken side as a share of the picture's.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 1e-3, 1, "of the side");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using RgbImage small = PillowResize.Apply(image, Math.Max(1, (int)(image.Width * Share)), Math.Max(1, (int)(image.Height * Share)), PillowFilter.Box);
        return PillowResize.Apply(small, image.Width, image.Height, PillowFilter.Nearest);
    }
}
