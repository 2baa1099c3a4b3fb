using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>What the patterns of ImageNet-C-bar share. Their lengths are shares of the side of a square; here of the shorter side, so that a square gives what the reference does.</summary>
internal static class PatternRows
{
    private const int Channels = 3;

    /// <summary>Turns one row of levels into another; both have three values a pixel, and <c>pattern</c> has room for a value a pixel, rounded up to eight.</summary>
    public delegate void Row(int y, Span<float> levels, Span<float> pattern);

    /// <summary>The side that lengths are shares of.</summary>
    public static int Side(int width, int height) => Math.Min(width, height);

    /// <summary>The picture of the changed rows.</summary>
    public static RgbImage Apply(RgbImage image, Fidelity fidelity, Row change)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        int row = image.Width * Channels;
        using Scratch<float> levels = new(row), pattern = new((image.Width + 7) / 8 * 8);
        for (int y = 0; y < image.Height; y++)
        {
            Levels.FromBytes(image.Pixels.AsSpan(y * row, row), levels.Span);
            change(y, levels.Span, pattern.Span);
            Levels.ToBytes(levels.Span, result.Pixels.AsSpan(y * row, row), fidelity);
        }
        return result;
    }

    /// <summary>Adds a pattern to all channels.</summary>
    public static void Add(Span<float> levels, ReadOnlySpan<float> pattern, float weight)
    {
        for (int i = 0, x = 0; i + 2 < levels.Length; i += Channels, x++)
        {
            float value = weight * pattern[x];
            (levels[i], levels[i + 1], levels[i + 2]) = (levels[i] + value, levels[i + 1] + value, levels[i + 2] + value);
        }
    }
}
