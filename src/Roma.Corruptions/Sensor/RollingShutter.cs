using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>Rows read one after another while the camera swings: every row is moved sideways, by a slant and a wobble; the edge is replicated.</summary>
/// <param name="Slant">How far the last row moves against the first, as a share of the height, 0 to 1; to the left or the right.</param>
/// <param name="Wobble">Amplitude of the wobble in pixels, 0 to 500.</param>
[Name("rolling_shutter")]
public sealed record RollingShutter(double Slant, double Wobble) : StochasticCorruption
{
    private const int Channels = 3;
    private const double Swings = 2.5;

    /// <summary>How far the last row moves against the first, as a share of the height.</summary>
    public double Slant { get; init; } = Guard.InRange(Slant, 0, 1, "of the height");

    /// <summary>Amplitude of the wobble in pixels.</summary>
    public double Wobble { get; init; } = Guard.InRange(Wobble, 0, 500, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("side_and_phase", 2));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        double side = fields["side_and_phase"][0] < 0.5 ? -1 : 1, phase = 2 * Math.PI * fields["side_and_phase"][1];
        int length = image.Width * Channels;
        for (int y = 0; y < image.Height; y++)
        {
            double time = (y + 0.5) / image.Height - 0.5;
            double shift = side * Slant * image.Height * time + Wobble * Math.Sin(phase + 2 * Math.PI * Swings * time);
            Move(image.Pixels.AsSpan(y * length, length), result.Pixels.AsSpan(y * length, length), shift);
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Wobble = Wobble * factor };

    private static void Move(ReadOnlySpan<byte> from, Span<byte> to, double shift)
    {
        int fine = (int)Math.Round(shift * 256), whole = fine >> 8, share = fine & 255, last = from.Length - Channels;
        int first = Math.Clamp(-whole * Channels, 0, from.Length), end = Math.Clamp(last - whole * Channels, first, from.Length);
        for (int x = 0; x < first; x++)
            to[x] = from[x % Channels];
        for (int x = first, at = first + whole * Channels; x < end; x++, at++)
            to[x] = (byte)(from[at] + ((from[at + Channels] - from[at]) * share + 128 >> 8));
        for (int x = end; x < to.Length; x++)
            to[x] = from[last + x % Channels];
    }
}
