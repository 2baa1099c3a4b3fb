using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A copy of a copy: gray; each generation blurs a little, steepens the tones and adds its grain of toner and dirt.</summary>
/// <param name="Generations">How many copies in a row, 1 to 20.</param>
/// <param name="Grain">Standard deviation of the grain of a generation as a share of the full range, 0 to 1.</param>
/// <param name="Sigma">Standard deviation of a generation's blur in pixels, above 0 to 50.</param>
[Name("photocopy")]
public sealed record Photocopy(int Generations, double Grain, double Sigma) : StochasticCorruption
{
    private const double Gain = 1.25, Pivot = 190; // brighter than middle gray: strokes get bolder, not fainter

    /// <summary>How many copies in a row.</summary>
    public int Generations { get; init; } = Guard.InRange(Generations, 1, 20, "generations");

    /// <summary>Standard deviation of the grain of a generation as a share of the full range.</summary>
    public double Grain { get; init; } = Guard.InRange(Grain, 0, 1, "of the full range");

    /// <summary>Standard deviation of a generation's blur in pixels.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 1e-3, 50, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("grain", checked(width * height), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using var gray = new Scratch<byte>(image.Width * image.Height);
        ColourMatrix.Gray(image, gray.Span);
        using Mat page = Mats.Of(gray.Array, image.Width, image.Height, MatType.CV_8UC1);
        ReadOnlySpan<float> grain = fields["grain"];
        int reach = (int)Math.Ceiling(3 * Sigma);
        for (int generation = 0; generation < Generations; generation++)
        {
            Cv2.GaussianBlur(page, page, new Size(2 * reach + 1, 2 * reach + 1), Sigma, Sigma, BorderTypes.Replicate);
            // The same grain serves all generations, each time from another place.
            Copy(gray.Span, grain[(int)((long)grain.Length * generation / Generations)..], grain);
        }
        return ColourMatrix.OfGray(image.Width, image.Height, gray.Span);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Sigma = Sigma * factor };

    private void Copy(Span<byte> levels, ReadOnlySpan<float> first, ReadOnlySpan<float> rest)
    {
        (float gain, float grain, float pivot) = ((float)Gain, (float)(255 * Grain), (float)Pivot);
        for (int i = 0; i < first.Length; i++)
            levels[i] = Layers.ToByte(pivot + gain * (levels[i] - pivot) + grain * first[i]);
        for (int i = first.Length; i < levels.Length; i++)
            levels[i] = Layers.ToByte(pivot + gain * (levels[i] - pivot) + grain * rest[i - first.Length]);
    }
}
