using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Saved as JPEG again and again, each time on another grid of blocks, as when a picture is cropped, forwarded and captured anew.</summary>
/// <param name="Generations">How often it is saved, 1 to 50.</param>
/// <param name="Quality">libjpeg's scale, 1 to 100.</param>
[Name("jpeg_generations")]
public sealed record JpegGenerations(int Generations, int Quality) : StochasticCorruption
{
    private const int Block = 8;

    /// <summary>How often it is saved.</summary>
    public int Generations { get; init; } = Guard.InRange(Generations, 1, 50, "generations");

    /// <summary>libjpeg's quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libjpeg's quality)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("shift", 2 * Generations));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float[] shifts = fields["shift"].ToArray();
        return Codecs.Chain(image, Enumerable.Range(0, Generations).Select<int, Func<Mat, Mat>>(i => bgr => Save(bgr, (int)(shifts[2 * i] * Block), (int)(shifts[2 * i + 1] * Block))));
    }

    private Mat Save(Mat bgr, int left, int top)
    {
        using var padded = new Mat();
        Cv2.CopyMakeBorder(bgr, padded, top, 0, left, 0, BorderTypes.Replicate);
        using Mat coded = Codecs.Jpeg(padded, Quality);
        return coded[new Rect(left, top, bgr.Width, bgr.Height)].Clone();
    }
}
