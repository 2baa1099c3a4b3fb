using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>
/// Colours as an eye with a weak or missing cone tells them apart: in cone responses (Hunt, Pointer and Estevez, for D65) the missing one becomes the combination of the
/// other two that leaves white and a primary as they are (blue where red and green are confused, red for tritan eyes), computed on levels.
/// </summary>
/// <param name="Kind">The cone.</param>
/// <param name="Strength">From 0, healthy, to 1, missing.</param>
[Name("colour_blind")]
public sealed record ColourBlind(ColourBlindKind Kind, double Strength) : ICorruption
{
    // Linear sRGB to XYZ (IEC 61966-2-1), then to cone responses; rows are L, M, S.
    private static readonly double[,] ToCones = Multiply(
        new[,] { { 0.4002, 0.7076, -0.0808 }, { -0.2263, 1.1653, 0.0457 }, { 0, 0, 0.9182 } },
        new[,] { { 0.4124, 0.3576, 0.1805 }, { 0.2126, 0.7152, 0.0722 }, { 0.0193, 0.1192, 0.9505 } });

    /// <summary>From 0, healthy, to 1, missing.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the cone's response");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        double[,] simulated = Multiply(Inverse(ToCones), Multiply(Projection(), ToCones));
        Span<double> matrix = stackalloc double[9];
        for (int i = 0; i < 9; i++)
            matrix[i] = Strength * simulated[i / 3, i % 3] + (i % 4 == 0 ? 1 - Strength : 0);
        return ColourMatrix.Apply(image, matrix);
    }

    // The missing row becomes a * first + b * second such that white and the primary keep their response.
    private double[,] Projection()
    {
        (int missing, int anchor) = Kind switch { ColourBlindKind.Protan => (0, 2), ColourBlindKind.Deutan => (1, 2), _ => (2, 0) };
        (int first, int second) = missing switch { 0 => (1, 2), 1 => (0, 2), _ => (0, 1) };
        double White(int cone) => ToCones[cone, 0] + ToCones[cone, 1] + ToCones[cone, 2];
        double determinant = White(first) * ToCones[second, anchor] - White(second) * ToCones[first, anchor];
        double[,] projection = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        projection[missing, missing] = 0;
        projection[missing, first] = (White(missing) * ToCones[second, anchor] - White(second) * ToCones[missing, anchor]) / determinant;
        projection[missing, second] = (White(first) * ToCones[missing, anchor] - White(missing) * ToCones[first, anchor]) / determinant;
        return projection;
    }

    private static double[,] Multiply(double[,] a, double[,] b)
    {
        double[,] product = new double[3, 3];
        for (int i = 0; i < 9; i++)
            for (int k = 0; k < 3; k++)
                product[i / 3, i % 3] += a[i / 3, k] * b[k, i % 3];
        return product;
    }

    private static double[,] Inverse(double[,] m)
    {
        double[,] inverse = new double[3, 3];
        double Minor(int i, int j) => m[(i + 1) % 3, (j + 1) % 3] * m[(i + 2) % 3, (j + 2) % 3] - m[(i + 1) % 3, (j + 2) % 3] * m[(i + 2) % 3, (j + 1) % 3];
        double determinant = m[0, 0] * Minor(0, 0) + m[0, 1] * Minor(0, 1) + m[0, 2] * Minor(0, 2);
        for (int i = 0; i < 9; i++)
            inverse[i % 3, i / 3] = Minor(i / 3, i % 3) / determinant;
        return inverse;
    }
}
