using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Occluder;

/// <summary>Opaque rectangles of random colour, place and proportion, as notes stuck on a picture.</summary>
/// <param name="Count">How many, 1 to 1000.</param>
/// <param name="Area">The area of all of them together, were they not to overlap, as a share of the picture, 0 to 1.</param>
[Name("rectangles")]
public sealed record Rectangles(int Count, double Area) : StochasticCorruption
{
    /// <summary>How many.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 1, 1000, "rectangles");

    /// <summary>The area of all of them together as a share of the picture.</summary>
    public double Area { get; init; } = Guard.InRange(Area, 0, 1, "of the picture");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("rectangles", 6 * Count)); // x, y, proportion, R, G, B

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        using Mat canvas = Mats.Of(result);
        for (ReadOnlySpan<float> draws = fields["rectangles"]; draws.Length > 0; draws = draws[6..])
        {
            double area = Area / Count * image.Width * image.Height, proportion = Math.Pow(2, 2 * draws[2] - 1);
            int width = Math.Clamp((int)Math.Round(Math.Sqrt(area * proportion)), 1, image.Width), height = Math.Clamp((int)Math.Round(Math.Sqrt(area / proportion)), 1, image.Height);
            var place = new Rect((int)(draws[0] * (image.Width - width + 1)), (int)(draws[1] * (image.Height - height + 1)), width, height);
            Cv2.Rectangle(canvas, place, new Scalar((int)(256 * draws[3]), (int)(256 * draws[4]), (int)(256 * draws[5])), -1);
        }
        return result;
    }
}
