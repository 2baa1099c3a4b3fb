using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>A normal kernel, cut at four standard deviations; the edge is replicated.</summary>
/// <param name="Sigma">Standard deviation in pixels, 0 to 100.</param>
[Name("gaussian_blur")]
public sealed record GaussianBlur(double Sigma) : ICorruption
{
    /// <summary>Standard deviation in pixels.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 0, 100, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Apply(image, precise: fidelity == Fidelity.Parity, fidelity);

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Sigma = Sigma * factor };

    /// <summary>In double precision, or in whole numbers, which is many times as fast and at most two levels off.</summary>
    internal RgbImage Apply(RgbImage image, bool precise, Fidelity fidelity)
    {
        if (!precise)
            return OpenCvFilters.GaussianBlur(image, Sigma);
        int length = image.Pixels.Length;
        using Scratch<double> values = new(length);
        for (int i = 0; i < length; i++)
            values.Span[i] = image.Pixels[i] / 255.0;
        ScipyGaussian.Blur(values.Span, image.Width, image.Height, 3, (Sigma, Sigma), 4, Border.Replicate);
        var result = RgbImage.Rent(image.Width, image.Height);
        for (int i = 0; i < length; i++)
            result.Pixels[i] = Levels.ToByte(values.Span[i] * 255, fidelity);
        return result;
    }
}
