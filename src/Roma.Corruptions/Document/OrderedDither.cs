using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>Gray in few levels, mixed in a regular pattern of 8x8 pixels (Bayer's matrix).</summary>
/// <param name="Count">How many levels, 2 to 256.</param>
[Name("ordered_dither")]
public sealed record OrderedDither(int Count) : ICorruption
{
    private const int Side = 8;
    private static readonly float[] Matrix = [.. Enumerable.Range(0, Side * Side).Select(i => (Rank(i % Side, i / Side) + 0.5f) / (Side * Side))];

    /// <summary>How many levels.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 2, 256, "levels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var gray = new Scratch<byte>(image.Width * image.Height);
        ColourMatrix.Gray(image, gray.Span);
        Span<byte> levels = gray.Span;
        float steps = Count - 1, step = 255 / steps;
        for (int y = 0, i = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++, i++)
                levels[i] = Layers.ToByte(step * (int)Math.Min(levels[i] / step + Matrix[y % Side * Side + x % Side], steps));
        return ColourMatrix.OfGray(image.Width, image.Height, levels);
    }

    // The bits of x ^ y and y, interleaved from the lowest up.
    private static int Rank(int x, int y)
    {
        int rank = 0;
        for (int bit = 0; bit < 3; bit++)
            rank = rank << 2 | (x ^ y) >> bit << 1 & 2 | y >> bit & 1;
        return rank;
    }
}
