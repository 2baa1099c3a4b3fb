using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Five white stars.</summary>
/// <param name="Radius">Their rays' mean length as a share of the shorter side, 0 to 1.</param>
[Name("sparkles")]
public sealed record Sparkles(double Radius) : StochasticCorruption
{
    private const int Stars = 5;

    /// <summary>The rays' mean length.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 1, "of the shorter side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Span<float> centres = fields.Add("centers", 2 * Stars), rays = fields.Add("nrays", Stars); // centres as row, column
        int total = 0;
        for (int i = 0; i < Stars; i++)
            (centres[2 * i], centres[2 * i + 1]) = ((float)random.Uniform(0, height), (float)random.Uniform(0, width));
        for (int i = 0; i < Stars; i++)
            total += (int)(rays[i] = random.Integer(50, 200));
        fields.AddNormal("normal", total, random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> centres = fields["centers"], counts = fields["nrays"], normal = fields["normal"];
        float mean = (float)(Radius * PatternRows.Side(image.Width, image.Height));
        var stars = new Rays[counts.Length];
        for (int i = 0, at = 0; i < stars.Length; at += (int)counts[i++])
            stars[i] = new(centres[2 * i], centres[2 * i + 1], Rays.Lengths(mean, 1, normal.Slice(at, (int)counts[i]).ToArray()));
        return PatternRows.Apply(image, fidelity, (y, levels, dark) =>
        {
            for (int x = 0; x < dark.Length; x += Vector256<float>.Count)
            {
                Vector256<float> left = Vector256<float>.One; // of the distance to white
                foreach (Rays star in stars)
                    left *= Vector256<float>.One - star.At(y, x, 1);
                left.CopyTo(dark[x..]);
            }
            for (int i = 0; i < levels.Length; i++)
                levels[i] = 255 - (255 - levels[i]) * dark[i / 3];
        });
    }
}
