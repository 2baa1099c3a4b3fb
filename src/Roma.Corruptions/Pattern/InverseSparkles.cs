using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Leaves the picture in a star about a random point and turns white around it.</summary>
/// <param name="Falloff">Half the power of length / distance by which the picture fades, 0 to 10.</param>
[Name("inverse_sparkles")]
public sealed record InverseSparkles(double Falloff) : StochasticCorruption
{
    private const double Radius = 0.25;

    /// <summary>How fast the picture fades.</summary>
    public double Falloff { get; init; } = Guard.InRange(Falloff, 0, 10, "(a power)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Span<float> centre = fields.Add("center", 2); // row, column
        (centre[0], centre[1]) = ((float)(random.Uniform(0.25, 0.75) * height), (float)(random.Uniform(0.25, 0.75) * width));
        int rays = random.Integer(50, 200);
        fields.Add("rays", 1)[0] = rays;
        fields.AddNormal("normal", rays, random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float mean = (float)(Radius * PatternRows.Side(image.Width, image.Height)), falloff = (float)Falloff;
        var star = new Rays(fields["center"][0], fields["center"][1], Rays.Lengths(mean, float.MinValue, fields["normal"].ToArray()));
        return PatternRows.Apply(image, fidelity, (y, levels, light) =>
        {
            for (int x = 0; x < light.Length; x += Vector256<float>.Count)
                star.At(y, x, falloff).CopyTo(light[x..]);
            for (int i = 0; i < levels.Length; i++)
                levels[i] = 255 - (255 - levels[i]) * light[i / 3];
        });
    }
}
