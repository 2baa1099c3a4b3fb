using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Covers a random half-filled checkerboard, turned by a random angle, with gray.</summary>
/// <param name="Share">How many of the dark fields are covered, 0 to 1.</param>
[Name("checkerboard_cutout")]
public sealed record CheckerboardCutout(double Share) : StochasticCorruption
{
    private const byte Gray = 128;
    private const int MaxSide = 2048; // more fields than a picture less than fifty times as long as wide has; a longer one repeats them

    /// <summary>How many of the dark fields are covered.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the fields");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.Add("angle", 1)[0] = (float)random.Uniform(0, 2 * Math.PI);
        float scale = (float)Math.Max(random.Uniform(0.1, 0.25) * PatternRows.Side(width, height), 1);
        fields.Add("scales", 2).Fill(scale);
        int side = (int)Math.Min(4 * Math.Max(width, height) / scale, MaxSide);
        fields.AddUniform("uniform", side * side, random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> uniform = fields["uniform"];
        int side = (int)Math.Sqrt(uniform.Length);
        (double sin, double cos) = Math.SinCos(fields["angle"][0]);
        double downScale = fields["scales"][0], acrossScale = fields["scales"][1];
        RgbImage result = image.Clone();
        Span<byte> pixels = result.Pixels;
        for (int y = 0, at = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++, at += 3)
            {
                double down = (cos * y + sin * x) / downScale, across = (-sin * y + cos * x) / acrossScale;
                // Fields alternate by whole numbers below, the draws are found by whole numbers towards 0, as published.
                if ((((int)Math.Floor(down) ^ (int)Math.Floor(across)) & 1) == 0 && uniform[Wrap((int)down, side) * side + Wrap((int)across, side)] < Share)
                    (pixels[at], pixels[at + 1], pixels[at + 2]) = (Gray, Gray, Gray);
            }
        }
        return result;
    }

    private static int Wrap(int index, int side) => (index % side + side) % side;
}
