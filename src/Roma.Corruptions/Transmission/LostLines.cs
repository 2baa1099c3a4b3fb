using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Transmission;

/// <summary>Rows that never came stay black, or repeat the last one before them, moved sideways.</summary>
/// <param name="Share">Share of the rows that are lost, 0 to 1; at least one.</param>
/// <param name="Height">How many rows are lost together, in pixels, 1 to 1000.</param>
[Name("lost_lines")]
public sealed record LostLines(double Share, double Height) : StochasticCorruption
{
    private const double Repeated = 0.4; // of the lost ones

    /// <summary>Share of the rows that are lost.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the rows");

    /// <summary>How many rows are lost together, in pixels.</summary>
    public double Height { get; init; } = Guard.InRange(Height, 1, 1000, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("lost", (int)Math.Ceiling(height / Height)));
        Draws.Uniform(random, fields.Add("shift", (int)Math.Ceiling(height / Height)));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        ReadOnlySpan<float> draws = fields["lost"], shifts = fields["shift"];
        double limit = Draws.AtLeastOne(draws, Share);
        int length = 3 * image.Width, good = -1;
        for (int y = 0; y < image.Height; y++)
        {
            float lost = draws[(int)(y / Height)];
            Span<byte> row = result.Pixels.AsSpan(y * length, length);
            if (lost > limit)
                good = y;
            else if (good < 0 || lost >= Repeated * Share)
                row.Clear();
            else
            {
                ReadOnlySpan<byte> last = image.Pixels.AsSpan(good * length, length);
                int shift = 3 * (int)(shifts[(int)(y / Height)] * image.Width);
                last[shift..].CopyTo(row);
                last[..shift].CopyTo(row[(length - shift)..]);
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Height = Math.Max(1, Height * factor) };
}
