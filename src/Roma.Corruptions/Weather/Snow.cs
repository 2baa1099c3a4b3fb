using Roma.Core;
using Roma.Corruptions.Blur;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Weather;

/// <summary>Falling flakes, smeared along their way, over a picture that turns pale.</summary>
/// <param name="Mean">Mean of the normal field that flakes are cut from, -1 to 2.</param>
/// <param name="Sigma">Its standard deviation, 0 to 2.</param>
/// <param name="Zoom">How many times the field is enlarged, 1 to 100: the flakes' size.</param>
/// <param name="Threshold">What of the field is above becomes a flake, 0 to 1.</param>
/// <param name="Radius">Half the length of the smear in pixels, 0 to 500.</param>
/// <param name="Smear">Standard deviation of the smear in pixels, above 0 to 500.</param>
/// <param name="Keep">The picture's share against its pale version, 0 to 1.</param>
[Name("snow")]
public sealed record Snow(double Mean, double Sigma, double Zoom, double Threshold, double Radius, double Smear, double Keep) : StochasticCorruption
{
    private const int Channels = 3;

    /// <summary>Mean of the normal field.</summary>
    public double Mean { get; init; } = Guard.InRange(Mean, -1, 2, "of the full range");

    /// <summary>Its standard deviation.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 0, 2, "of the full range");

    /// <summary>How many times the field is enlarged.</summary>
    public double Zoom { get; init; } = Guard.InRange(Zoom, 1, 100, "times");

    /// <summary>What of the field is above becomes a flake.</summary>
    public double Threshold { get; init; } = Guard.InRange(Threshold, 0, 1, "of the full range");

    /// <summary>Half the length of the smear.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 500, "pixels");

    /// <summary>Standard deviation of the smear.</summary>
    public double Smear { get; init; } = Guard.InRange(Smear, 1e-3, 500, "pixels");

    /// <summary>The picture's share against its pale version.</summary>
    public double Keep { get; init; } = Guard.InRange(Keep, 0, 1, "of the picture");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.Add("angle_degrees", 1)[0] = (float)random.Uniform(-135, -45);
        fields.AddNormal("normal", checked(width * height), random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (int width, int height) = (image.Width, image.Height);
        using Scratch<byte> layer = new(width * height);
        Flakes(width, height, fields, fidelity, layer.Span);
        var result = RgbImage.Rent(width, height);
        using var levels = new Scratch<float>(width * Channels);
        float keep = (float)Keep, pale = 1 - keep;
        int last = width * height - 1;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * width * Channels, width * Channels);
            Span<float> to = levels.Span;
            for (int x = 0, i = 0; x < width; x++, i += Channels)
            {
                int at = y * width + x, flakes = layer.Span[at] + layer.Span[last - at]; // and the same layer turned by half a turn
                float r = from[i], g = from[i + 1], b = from[i + 2], white = (0.299f * r + 0.587f * g + 0.114f * b) * 1.5f + 127.5f;
                to[i] = keep * r + pale * Math.Max(r, white) + flakes;
                to[i + 1] = keep * g + pale * Math.Max(g, white) + flakes;
                to[i + 2] = keep * b + pale * Math.Max(b, white) + flakes;
            }
            Levels.ToBytes(to, result.Pixels.AsSpan(y * width * Channels, width * Channels), fidelity);
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Zoom = Math.Clamp(Zoom * factor, 1, 100), Radius = Radius * factor, Smear = Smear * factor };

    /// <summary>The enlarged field, cut at the threshold and limited to 0..1; slightly larger than the picture.</summary>
    internal void Enlarge(ScipyZoom columns, ScipyZoom rows, Fields fields, Span<float> zoomed)
    {
        float[] upper = new float[columns.Size], lower = new float[columns.Size];
        (int upperRow, int lowerRow) = (-1, -1);
        float mean = (float)Mean, sigma = (float)Sigma, threshold = (float)Threshold;
        ScipyZoom.Plane(row =>
        {
            if (row == upperRow)
                return upper;
            if (row != lowerRow)
            {
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, row);
                fields.Read("normal", row * columns.Size, lower).CopyTo(lower);
            }
            return lower;
        }, columns, rows, zoomed);
        foreach (ref float value in zoomed)
            value = mean + sigma * value is float level && level >= threshold ? Math.Clamp(level, 0, 1) : 0;
    }

    // Eight-bit flakes, cut to the picture's size after the smear, which reaches beyond it.
    private void Flakes(int width, int height, Fields fields, Fidelity fidelity, Span<byte> layer)
    {
        ScipyZoom columns = ScipyZoom.OfMiddle(width, Zoom), rows = ScipyZoom.OfMiddle(height, Zoom);
        using Scratch<float> zoomed = new(columns.Enlarged * rows.Enlarged);
        Enlarge(columns, rows, fields, zoomed.Span);
        List<Tap> taps = new MotionBlur(Radius, Smear).Taps(fields["angle_degrees"][0]);
        if (fidelity == Fidelity.Parity)
            taps.RemoveAll(tap => Math.Abs(tap.X) >= columns.Enlarged || Math.Abs(tap.Y) >= rows.Enlarged);
        float[] plane = zoomed.Array;
        using var target = new Scratch<byte>(layer.Length);
        byte[] smeared = target.Array;
        TapFilter.Apply<float>(columns.Enlarged, rows.Enlarged, 1, taps, Border.Replicate, (y, row) => plane.AsSpan(y * row.Length, row.Length).CopyTo(row), (y, sums) =>
        {
            for (int x = 0; y < height && x < width; x++)
                smeared[y * width + x] = (byte)MathF.Round(sums[x] * 255);
        });
        target.Span.CopyTo(layer);
    }
}
