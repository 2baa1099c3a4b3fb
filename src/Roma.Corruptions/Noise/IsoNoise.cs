using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>A sensor at high gain: grain in the luma that grows with the light (shot noise) above a floor (read noise), and coarser blotches of wrong colour.</summary>
/// <param name="Grain">Standard deviation of the luma at full light as a share of the full range, 0 to 2.</param>
/// <param name="Blotches">Standard deviation of the colour as a share of the full range, 0 to 2.</param>
[Name("iso_noise")]
public sealed record IsoNoise(double Grain, double Blotches) : StochasticCorruption
{
    private const float Floor = 0.2f; // read noise: of the variance at full light
    private static readonly float[] Deviation = [.. Enumerable.Range(0, 256).Select(level => MathF.Sqrt(Floor + (1 - Floor) * level / 255))];

    /// <summary>Standard deviation of the luma at full light as a share of the full range.</summary>
    public double Grain { get; init; } = Guard.InRange(Grain, 0, 2, "of the full range");

    /// <summary>Standard deviation of the colour as a share of the full range.</summary>
    public double Blotches { get; init; } = Guard.InRange(Blotches, 0, 2, "of the full range");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.AddNormal("luma", checked(width * height), random);
        Draws.Normal(random, fields.Add("chroma", 2 * Half(width) * Half(height)));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> luma = fields["luma"];
        using var coarse = new Scratch<float>(fields["chroma"].Length);
        using var chroma = new Scratch<float>(2 * image.Width * image.Height);
        fields["chroma"].CopyTo(coarse.Span);
        using (Mat small = Mats.Of(coarse.Array, Half(image.Width), Half(image.Height), MatType.CV_32FC2), full = Mats.Of(chroma.Array, image.Width, image.Height, MatType.CV_32FC2))
            Cv2.Resize(small, full, full.Size(), 0, 0, InterpolationFlags.Linear);
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        ReadOnlySpan<float> colour = chroma.Span;
        (float grain, float blotch) = ((float)(255 * Grain), (float)(255 * Blotches));
        for (int i = 0, at = 0; i < luma.Length; i++, at += 3)
        {
            int light = 77 * from[at] + 150 * from[at + 1] + 29 * from[at + 2] >> 8;
            float noise = grain * Deviation[light] * luma[i], red = blotch * colour[2 * i], blue = blotch * colour[2 * i + 1];
            to[at] = Layers.ToByte(from[at] + noise + red);
            to[at + 1] = Layers.ToByte(from[at + 1] + noise - 0.5f * red - 0.2f * blue); // which leaves the luma nearly as it is
            to[at + 2] = Layers.ToByte(from[at + 2] + noise + blue);
        }
        return result;
    }

    private static int Half(int side) => (side + 1) / 2;
}
