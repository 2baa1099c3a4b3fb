using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>Colours paled towards their luma, as in a bleached print.</summary>
/// <param name="Loss">The share of the colour that is lost, 0 to 1.</param>
[Name("desaturate")]
public sealed record Desaturate(double Loss) : ICorruption
{
    /// <summary>The share of the colour that is lost.</summary>
    public double Loss { get; init; } = Guard.InRange(Loss, 0, 1, "of the colour");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        Span<double> matrix = stackalloc double[9];
        for (int i = 0; i < 9; i++)
            matrix[i] = Loss * ColourMatrix.Luma[i % 3] + (i % 4 == 0 ? 1 - Loss : 0);
        return ColourMatrix.Apply(image, matrix);
    }
}
