using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>Dark becomes bright and bright dark. With hues kept it is a dark mode; without, a photographic negative.</summary>
/// <param name="Contrast">Range of the result as a share of the full range, around middle gray, 0 to 1: soft dark themes have less than 1.</param>
/// <param name="KeepHue">Whether only the luma is inverted.</param>
[Name("inversion")]
public sealed record Inversion(double Contrast, bool KeepHue = true) : ICorruption
{
    /// <summary>Range of the result as a share of the full range.</summary>
    public double Contrast { get; init; } = Guard.InRange(Contrast, 0, 1, "of the full range");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        Span<double> matrix = stackalloc double[9];
        for (int i = 0; i < 9; i++)
            matrix[i] = Contrast * (KeepHue ? (i % 4 == 0 ? 1 : 0) - 2 * ColourMatrix.Luma[i % 3] : i % 4 == 0 ? -1 : 0);
        return ColourMatrix.Apply(image, matrix, 127.5 * (1 + Contrast));
    }
}
