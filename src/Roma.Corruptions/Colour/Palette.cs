using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>Few colours, fitted to the picture by median cut; with dither it is what GIF does to a photograph.</summary>
/// <param name="Colours">How many, 2 to 256.</param>
/// <param name="Dither">Whether each pixel's error goes to its neighbours.</param>
[Name("palette")]
public sealed record Palette(int Colours, bool Dither = false) : ICorruption
{
    /// <summary>How many colours.</summary>
    public int Colours { get; init; } = Guard.InRange(Colours, 2, 256, "colours");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        var palette = new MedianCut(image, Colours);
        if (Dither)
            return ErrorDiffusion.Dither(image, palette);
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0; i + 2 < from.Length; i += 3)
            (to[i], to[i + 1], to[i + 2]) = palette.Nearest(from[i], from[i + 1], from[i + 2]);
        return result;
    }
}
