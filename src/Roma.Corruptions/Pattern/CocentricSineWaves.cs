using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Adds rings about a random point: a sawtooth in the distance, bent by a sine in the angle.</summary>
/// <param name="Intensity">From the sawtooth's lowest to its highest point, in levels, 0 to 255.</param>
[Name("cocentric_sine_waves")]
public sealed record CocentricSineWaves(double Intensity) : StochasticCorruption
{
    /// <summary>The sawtooth's range.</summary>
    public double Intensity { get; init; } = Guard.InRange(Intensity, 0, 255, "levels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        int side = PatternRows.Side(width, height);
        Span<float> offset = fields.Add("offset", 2); // column, row
        (offset[0], offset[1]) = ((float)random.Uniform(0, width), (float)random.Uniform(0, height));
        fields.Add("freq", 1)[0] = (float)random.Uniform(0, 10);
        fields.Add("amplitude", 1)[0] = (float)random.Uniform(0, side / 10.0);
        fields.Add("ring_width", 1)[0] = (float)random.Uniform(0, side / 10.0);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (float column, float row, float frequency) = (fields["offset"][0], fields["offset"][1], fields["freq"][0]);
        (float amplitude, float width) = (fields["amplitude"][0], Math.Max(fields["ring_width"][0], 1e-6f));
        return PatternRows.Apply(image, fidelity, (y, levels, rings) =>
        {
            var dy = Vector256.Create(y - row);
            for (int x = 0; x < rings.Length; x += Vector256<float>.Count)
            {
                Vector256<float> dx = Vector256.Create((float)x) + Vector256<float>.Indices - Vector256.Create(column);
                Vector256<float> bend = VectorMath.SinCos(VectorMath.Atan2(dx, dy) * frequency).Sin * amplitude;
                Vector256<float> turns = (Vector256.Sqrt(dx * dx + dy * dy) + bend) / width;
                (turns - Vector256.Floor(turns) - Vector256.Create(0.5f)).CopyTo(rings[x..]);
            }
            PatternRows.Add(levels, rings, (float)Intensity);
        });
    }
}
