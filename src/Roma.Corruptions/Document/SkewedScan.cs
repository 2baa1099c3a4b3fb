using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A sheet laid askew on the glass: turned and a little smaller, a dark border around it, and the shadow of its edge.</summary>
/// <param name="Degrees">By how much it is turned, to either side, 0 to 45.</param>
/// <param name="Border">Width of the border as a share of the side, 0 to 0.4.</param>
[Name("skewed_scan")]
public sealed record SkewedScan(double Degrees, double Border) : StochasticCorruption
{
    private const double Lid = 40, ShadowLoss = 0.5;

    /// <summary>By how much it is turned in degrees.</summary>
    public double Degrees { get; init; } = Guard.InRange(Degrees, 0, 45, "degrees");

    /// <summary>Width of the border as a share of the side.</summary>
    public double Border { get; init; } = Guard.InRange(Border, 0, 0.4, "of the side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("side", 2));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        double degrees = (fields["side"][0] < 0.5 ? -Degrees : Degrees) * (0.95 + 0.1 * fields["side"][1]);
        double[] matrix = Warp.Rotation(image.Width, image.Height, degrees, 1 - 2 * Border);
        return Mats.Filter(image, (input, output) =>
        {
            int reach = Math.Max(1, Math.Min(image.Width, image.Height) / 30);
            using Mat sheet = new(input.Size(), MatType.CV_8UC1, Scalar.All(255)), shade = new(input.Size(), MatType.CV_8UC1), glass = new();
            Warp.Affine(sheet, shade, matrix, BorderTypes.Constant, Scalar.All(0));
            Warp.Affine(input, output, matrix, BorderTypes.Constant, Scalar.All(Lid));
            // Shadow: the lid is darker near the sheet, which lies a little above it.
            Cv2.Blur(shade, sheet, new Size(2 * reach + 1, 2 * reach + 1));
            Cv2.Subtract(sheet, shade, sheet);
            sheet.ConvertTo(sheet, -1, -ShadowLoss, 255);
            Cv2.CvtColor(sheet, glass, ColorConversionCodes.GRAY2RGB);
            Cv2.Multiply(output, glass, output, 1 / 255.0);
        });
    }
}
