using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>An unsteady hand: a smear along a random curve, a walk whose velocity changes slowly.</summary>
/// <param name="Extent">The curve's greatest distance from its centre of gravity in pixels, 0 to 200.</param>
[Name("camera_shake")]
public sealed record CameraShake(double Extent) : StochasticCorruption
{
    private const int Steps = 48;
    private const double Inertia = 0.9;

    /// <summary>The curve's greatest distance from its centre of gravity in pixels.</summary>
    public double Extent { get; init; } = Guard.InRange(Extent, 0, 200, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Normal(random, fields.Add("jerk", 2 * Steps));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> jerk = fields["jerk"];
        var curve = new (double X, double Y)[Steps];
        (double x, double y, double vx, double vy, double mx, double my) = (0, 0, 0, 0, 0, 0);
        for (int i = 0; i < Steps; i++)
        {
            (vx, vy) = (Inertia * vx + jerk[2 * i], Inertia * vy + jerk[2 * i + 1]);
            curve[i] = (x += vx, y += vy);
            (mx, my) = (mx + x / Steps, my + y / Steps);
        }
        double scale = Extent / curve.Max(point => Math.Sqrt((point.X - mx) * (point.X - mx) + (point.Y - my) * (point.Y - my)));
        IReadOnlyList<Tap> taps = Trace.Taps(t =>
        {
            (int i, double rest) = ((int)Math.Min(t * (Steps - 1), Steps - 2), t * (Steps - 1) - (int)Math.Min(t * (Steps - 1), Steps - 2));
            return (scale * (curve[i].X + rest * (curve[i + 1].X - curve[i].X) - mx), scale * (curve[i].Y + rest * (curve[i + 1].Y - curve[i].Y) - my));
        });
        return TapFilter.Apply(image, taps, Border.Reflect101, Fidelity.Rounded);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Extent = Extent * factor };
}
