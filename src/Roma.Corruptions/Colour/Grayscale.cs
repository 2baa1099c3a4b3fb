using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>Luma alone, in few levels, as on electronic paper.</summary>
/// <param name="Count">How many levels, 2 to 256.</param>
[Name("grayscale")]
public sealed record Grayscale(int Count) : ICorruption
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
        foreach (ref byte level in gray.Span)
            level = table[level];
        return ColourMatrix.OfGray(image.Width, image.Height, gray.Span);
    }
}
