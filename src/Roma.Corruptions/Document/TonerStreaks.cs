using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A scratched or dirty drum: upright streaks of toner, and bare ones, with soft edges and uneven strength along their way.</summary>
/// <param name="Count">How many, 1 to 1000.</param>
/// <param name="Width">Mean width in pixels, above 0 to 200.</param>
/// <param name="Strength">Opacity of the strongest, 0 to 1.</param>
[Name("toner_streaks")]
public sealed record TonerStreaks(int Count, double Width, double Strength) : StochasticCorruption
{
    private const int Knots = 5;

    /// <summary>How many.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 1, 1000, "streaks");

    /// <summary>Mean width in pixels.</summary>
    public double Width { get; init; } = Guard.InRange(Width, 1e-3, 200, "pixels");

    /// <summary>Opacity of the strongest.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "(opacity)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("streaks", 4 * Count)); // place, width, strength, toner or bare
        Draws.Uniform(random, fields.Add("along", Knots));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        using Scratch<float> toner = new(image.Width), bare = new(image.Width);
        toner.Span.Clear();
        bare.Span.Clear();
        for (ReadOnlySpan<float> draws = fields["streaks"]; draws.Length > 0; draws = draws[4..])
            Add(draws[3] < 0.75f ? toner.Span : bare.Span, draws[0] * image.Width, Math.Max(0.35, Width * (0.5 + draws[1])), Strength * (0.5 + 0.5 * draws[2]));
        ReadOnlySpan<float> along = fields["along"];
        int row = 3 * image.Width;
        for (int y = 0; y < image.Height; y++)
        {
            float t = (float)y / image.Height * (Knots - 1), rest = t - (int)t, strength = 0.5f + 0.5f * (along[(int)t] + (along[(int)t + 1] - along[(int)t]) * rest);
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0, at = 0; x < image.Width; x++)
            {
                float dark = 1 - strength * toner.Array[x], pale = strength * bare.Array[x];
                for (int end = at + 3; at < end; at++)
                    to[at] = Layers.ToByte((from[at] + (255 - from[at]) * pale) * dark);
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Width = Width * factor };

    private static void Add(Span<float> profile, double centre, double width, double strength)
    {
        for (int x = Math.Max(0, (int)(centre - 3 * width)); x < Math.Min(profile.Length, centre + 3 * width + 1); x++)
        {
            double distance = (x + 0.5 - centre) / width;
            profile[x] = Math.Max(profile[x], (float)(strength * Math.Exp(-2 * distance * distance)));
        }
    }
}
