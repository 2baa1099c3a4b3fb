using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>Amplifiers that differ from row to row and, half as much, from column to column: stripes over the whole picture.</summary>
/// <param name="Strength">Standard deviation of a row's offset as a share of the full range, 0 to 1.</param>
[Name("banding")]
public sealed record Banding(double Strength) : StochasticCorruption
{
    /// <summary>Standard deviation of a row's offset as a share of the full range.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the full range");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Normal(random, fields.Add("rows", height));
        Draws.Normal(random, fields.Add("columns", width));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<float> rows = fields["rows"], columns = fields["columns"];
        float scale = (float)(255 * Strength);
        using var offsets = new Scratch<float>(3 * image.Width);
        for (int x = 0; x < offsets.Span.Length; x++)
            offsets.Array[x] = scale / 2 * columns[x / 3];
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * offsets.Span.Length, offsets.Span.Length);
            Span<byte> to = result.Pixels.AsSpan(y * offsets.Span.Length, offsets.Span.Length);
            ReadOnlySpan<float> column = offsets.Span;
            float row = scale * rows[y];
            for (int x = 0; x < to.Length; x++)
                to[x] = Layers.ToByte(from[x] + row + column[x]);
        }
        return result;
    }
}
