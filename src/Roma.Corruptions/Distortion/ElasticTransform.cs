using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Distortion;

/// <summary>Pulls every pixel by a smooth random displacement, as the Python package imagecorruptions does: by about as many pixels on any size of picture, in waves that grow with it.</summary>
/// <param name="Alpha">What the smoothed draws are multiplied by, 0 to 1000.</param>
/// <param name="Range">Largest draw as a share of the height, 0 to 1.</param>
/// <param name="Smoothness">Standard deviation of the smoothing as a share of height and width, above 0 to 1.</param>
[Name("elastic_transform")]
public sealed record ElasticTransform(double Alpha, double Range, double Smoothness) : StochasticCorruption
{
    /// <summary>What the smoothed draws are multiplied by.</summary>
    public double Alpha { get; init; } = Guard.InRange(Alpha, 0, 1000, "times");

    /// <summary>Largest draw.</summary>
    public double Range { get; init; } = Guard.InRange(Range, 0, 1, "of the height");

    /// <summary>Standard deviation of the smoothing.</summary>
    public double Smoothness { get; init; } = Guard.InRange(Smoothness, 1e-4, 1, "of the side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.AddUniform("uniform_dx", checked(width * height), random);
        fields.AddUniform("uniform_dy", width * height, random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        int width = image.Width;
        Scratch<float> dx = new(width * image.Height), dy = new(width * image.Height);
        Displace("uniform_dx", width, image.Height, fields, fidelity, dx.Span);
        Displace("uniform_dy", width, image.Height, fields, fidelity, dy.Span);
        RgbImage result = Bilinear.Warp(image, (y, across, down) =>
        {
            dx.Span.Slice(y * width, width).CopyTo(across);
            dy.Span.Slice(y * width, width).CopyTo(down);
        }, Border.Reflect, fidelity);
        dx.Dispose();
        dy.Dispose();
        return result;
    }

    /// <summary>The displacements in pixels that a field of draws gives.</summary>
    internal void Displace(string field, int width, int height, Fields fields, Fidelity fidelity, Span<float> displacement) =>
        ElasticField.Fill(fields, field, width, height, (Smoothness * width, Smoothness * height), Alpha * Range * height, fidelity, displacement);
}
