using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>Shrunk and put at a random place of a plain sheet of the same size, as a picture in a slide or a letterbox.</summary>
/// <param name="Border">The share of each side that is border, 0 to 0.9.</param>
[Name("pad")]
public sealed record Pad(double Border) : StochasticCorruption
{
    /// <summary>The share of each side that is border.</summary>
    public double Border { get; init; } = Guard.InRange(Border, 0, 0.9, "of the side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("place_and_level", 3));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float[] draws = fields["place_and_level"].ToArray();
        int width = Shrink(image.Width), height = Shrink(image.Height);
        var place = new Rect((int)(draws[0] * (image.Width - width + 1)), (int)(draws[1] * (image.Height - height + 1)), width, height);
        return Mats.Filter(image, (input, output) =>
        {
            output.SetTo(Scalar.All((int)(256 * draws[2])));
            using Mat part = output[place];
            Cv2.Resize(input, part, place.Size, 0, 0, InterpolationFlags.Area);
        });
    }

    private int Shrink(int side) => Math.Max(1, (int)Math.Round(side * (1 - Border)));
}
