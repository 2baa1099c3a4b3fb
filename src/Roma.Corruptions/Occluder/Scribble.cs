using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Occluder;

/// <summary>Curved strokes of a pen in blue, red or black, each a walk that keeps turning.</summary>
/// <param name="Count">How many, 1 to 1000.</param>
/// <param name="Width">Width in pixels, above 0 to 100.</param>
[Name("scribble")]
public sealed record Scribble(int Count, double Width) : StochasticCorruption
{
    private const int Steps = 32, Bits = 4;
    private const double Reach = 0.03; // of the shorter side, a step
    private static readonly Scalar[] Inks = [new(25, 45, 150), new(190, 25, 30), new(20, 20, 25)];

    /// <summary>How many strokes.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 1, 1000, "strokes");

    /// <summary>Width in pixels.</summary>
    public double Width { get; init; } = Guard.InRange(Width, 1e-3, 100, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("strokes", 4 * Count)); // x, y, heading, ink
        Draws.Normal(random, fields.Add("turns", Steps * Count));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        using Mat canvas = Mats.Of(result);
        ReadOnlySpan<float> strokes = fields["strokes"], turns = fields["turns"];
        double step = Reach * Math.Min(image.Width, image.Height);
        var points = new Point[Steps];
        for (; strokes.Length > 0; strokes = strokes[4..], turns = turns[Steps..])
        {
            double x = strokes[0] * image.Width, y = strokes[1] * image.Height, heading = 2 * Math.PI * strokes[2], turn = 0;
            for (int i = 0; i < Steps; i++)
            {
                points[i] = new((int)Math.Round((x - 0.5) * (1 << Bits)), (int)Math.Round((y - 0.5) * (1 << Bits)));
                heading += turn = 0.8 * turn + 0.25 * turns[i];
                (x, y) = (x + step * Math.Cos(heading), y + step * Math.Sin(heading));
            }
            Cv2.Polylines(canvas, [points], false, Inks[(int)(strokes[3] * Inks.Length)], Math.Max(1, (int)Math.Round(Width)), LineTypes.AntiAlias, Bits);
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Width = Width * factor };
}
