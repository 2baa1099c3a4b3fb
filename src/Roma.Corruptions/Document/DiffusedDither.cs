using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>Gray in few levels, mixed by passing each pixel's error on to its neighbours (Floyd and Steinberg).</summary>
/// <param name="Count">How many levels, 2 to 256.</param>
[Name("diffused_dither")]
public sealed record DiffusedDither(int Count) : ICorruption
{
    /// <summary>How many levels.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 2, 256, "levels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var gray = new Scratch<byte>(image.Width * image.Height);
        ColourMatrix.Gray(image, gray.Span);
        Span<byte> table = stackalloc byte[256];
        Levels.Spaced(table, Count);
        ErrorDiffusion.Dither(gray.Span, image.Width, table);
        return ColourMatrix.OfGray(image.Width, image.Height, gray.Span);
    }
}
