using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Occluder;

/// <summary>A word repeated all over the picture, slanting upwards, in half-transparent gray.</summary>
/// <param name="Opacity">Of the word, 0 to 1.</param>
/// <param name="Size">Height of its letters as a share of the shorter side, above 0 to 1.</param>
[Name("watermark")]
public sealed record Watermark(double Opacity, double Size) : StochasticCorruption
{
    private const double LetterHeight = 22; // of the font at scale 1
    private static readonly string[] Words = ["SAMPLE", "DRAFT", "COPY", "CONFIDENTIAL", "PREVIEW"];

    /// <summary>Opacity of the word.</summary>
    public double Opacity { get; init; } = Guard.InRange(Opacity, 0, 1, "(opacity)");

    /// <summary>Height of its letters as a share of the shorter side.</summary>
    public double Size { get; init; } = Guard.InRange(Size, 1e-3, 1, "of the shorter side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("word_angle_place", 4));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> draws = fields["word_angle_place"];
        string word = Words[(int)(draws[0] * Words.Length)];
        double scale = Math.Max(0.2, Size * Math.Min(image.Width, image.Height) / LetterHeight), angle = (15 + 30 * draws[1]) * Math.PI / 180;
        int thickness = Math.Max(1, (int)Math.Round(2.5 * scale));
        OpenCvRuntime.Require();
        Size text = Cv2.GetTextSize(word, HersheyFonts.HersheyDuplex, scale, thickness, out int below);
        int gap = text.Height;
        using var mask = new Scratch<byte>(image.Width * image.Height);
        using (Mat tile = new(new Size(text.Width + 2 * gap, 2 * text.Height + below + gap), MatType.CV_8UC1, Scalar.All(0)), canvas = Mats.Of(mask.Array, image.Width, image.Height, MatType.CV_8UC1))
        {
            Cv2.PutText(tile, word, new Point(gap, text.Height + gap / 2), HersheyFonts.HersheyDuplex, scale, Scalar.All(255), thickness, LineTypes.AntiAlias);
            (double sin, double cos) = Math.SinCos(angle);
            Warp.Affine(tile, canvas, [cos, -sin, draws[2] * tile.Width, sin, cos, draws[3] * tile.Height], BorderTypes.Wrap);
        }
        RgbImage result = image.Clone();
        Layers.Paint(result, mask.Span, new Rgb(128, 128, 128), Opacity);
        return result;
    }
}
