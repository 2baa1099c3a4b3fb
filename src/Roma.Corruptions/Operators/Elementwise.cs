using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Combines every value of a picture with a draw of its own, part by part, so that everything stays in the first-level cache.</summary>
internal static class Elementwise
{
    private const int Part = 2048;

    /// <summary>New levels from old ones and their draws.</summary>
    public delegate void Combination(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> draws, Span<float> levels);

    /// <summary>New bytes from old ones and their draws.</summary>
    public delegate void Choice(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> draws, Span<byte> result);

    /// <summary>The picture of the combined levels.</summary>
    public static RgbImage Apply(RgbImage image, Fields fields, string field, Combination combine, Fidelity fidelity)
    {
        using var levels = new Scratch<float>(Part);
        return Apply(image, fields, field, (pixels, draws, result) =>
        {
            Span<float> part = levels.Span[..pixels.Length];
            combine(pixels, draws, part);
            Levels.ToBytes(part, result, fidelity);
        });
    }

    /// <summary>The picture of the chosen bytes.</summary>
    public static RgbImage Apply(RgbImage image, Fields fields, string field, Choice choose)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        using var draws = new Scratch<float>(Part);
        for (int start = 0; start < from.Length; start += Part)
        {
            int length = Math.Min(Part, from.Length - start);
            choose(from.Slice(start, length), fields.Read(field, start, draws.Span[..length]), result.Pixels.AsSpan(start, length));
        }
        return result;
    }
}
