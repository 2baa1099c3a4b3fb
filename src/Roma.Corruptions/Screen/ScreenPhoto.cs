using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Light;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Screen;

/// <summary>A display photographed by hand: seen in perspective with its dark frame around it, a lamp mirrored in it, and darker corners.</summary>
/// <param name="Tilt">How far corners move inwards at most, as a share of the side, 0 to 0.4.</param>
/// <param name="Glare">Opacity of the mirrored lamp, 0 to 1.</param>
/// <param name="Vignette">What is lost in the corners, 0 to 1.</param>
[Name("screen_photo")]
public sealed record ScreenPhoto(double Tilt, double Glare, double Vignette) : StochasticCorruption
{
    private const double Frame = 18, LampSize = 0.1;

    /// <summary>How far corners move inwards at most, as a share of the side.</summary>
    public double Tilt { get; init; } = Guard.InRange(Tilt, 0, 0.4, "of the side");

    /// <summary>Opacity of the mirrored lamp.</summary>
    public double Glare { get; init; } = Guard.InRange(Glare, 0, 1, "(opacity)");

    /// <summary>What is lost in the corners.</summary>
    public double Vignette { get; init; } = Guard.InRange(Vignette, 0, 1, "of the light");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("corners", 8));
        Draws.Uniform(random, fields.Add("patch", 4));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float[] corners = fields["corners"].ToArray();
        for (int i = 0; i < corners.Length; i++)
            corners[i] = (float)(Tilt * (0.3 + 0.7 * corners[i]));
        RgbImage result = Mats.Filter(image, (input, output) => Warp.Perspective(input, output, corners, BorderTypes.Constant, Scalar.All(Frame)));
        using var light = new Scratch<float>(image.Width * image.Height);
        new Glare(Glare, LampSize).Fill(image.Width, image.Height, fields["patch"], light.Span);
        Layers.Veil(result, light.Span, target: result);
        Light.Vignette.Fill(image.Width, image.Height, Vignette, light.Span);
        return Layers.Multiply(result, light.Span, result);
    }
}
