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
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using Scratch<float> sharp = new(image.Pixels.Length), blurred = new(image.Pixels.Length);
        Levels.FromImage(image, sharp.Span);
        OpenCvFilters.GaussianBlur(sharp.Span, blurred.Span, image.Width, image.Height, 3, Sigma);
        return Levels.ToImage(image.Width, image.Height, blurred.Span, fidelity);
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Sigma = Sigma * factor };
}
