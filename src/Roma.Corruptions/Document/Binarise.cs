using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A scanner's text mode: gray, with a steep curve about Otsu's threshold, the level that parts the histogram into the two most different classes.</summary>
/// <param name="Gain">Slope of the curve, 1 to 1000: 1 is plain gray, 255 and more is black and white.</param>
[Name("binarise")]
public sealed record Binarise(double Gain) : ICorruption
{
    /// <summary>Slope of the curve.</summary>
    public double Gain { get; init; } = Guard.InRange(Gain, 1, 1000, "(slope)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var gray = new Scratch<byte>(image.Width * image.Height);
        ColourMatrix.Gray(image, gray.Span);
        double threshold = Otsu(gray.Span) + 0.5;
        Span<byte> table = stackalloc byte[256];
        for (int level = 0; level < 256; level++)
            table[level] = Levels.ToByte(Steepen(level, threshold, Gain), Fidelity.Rounded);
        foreach (ref byte level in gray.Span)
            level = table[level];
        return ColourMatrix.OfGray(image.Width, image.Height, gray.Span);
    }

    /// <summary>A line of this slope whose fixed point moves from the threshold to middle gray as it steepens: slope 1 leaves levels alone, a very steep one gives black and white.</summary>
    internal static double Steepen(double level, double threshold, double gain) => gain * (level - threshold) + threshold / gain + 127.5 * (1 - 1 / gain);

    /// <summary>The highest level of the dark class (Otsu 1979: the variance between the classes is greatest); 127 where there is only one level.</summary>
    internal static int Otsu(ReadOnlySpan<byte> gray)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        double sum = 0, dark = 0, darkSum = 0, greatest = 0;
        foreach (byte level in gray)
            counts[level]++;
        for (int level = 0; level < 256; level++)
            sum += level * (double)counts[level];
        int best = 127;
        for (int level = 0; level < 255; level++)
        {
            (dark, darkSum) = (dark + counts[level], darkSum + level * (double)counts[level]);
            double bright = gray.Length - dark, difference = dark == 0 || bright == 0 ? 0 : darkSum / dark - (sum - darkSum) / bright, between = dark * bright * difference * difference;
            if (between > greatest)
                (best, greatest) = (level, between);
        }
        return best;
    }
}
