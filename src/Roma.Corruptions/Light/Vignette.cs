using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>A lens that passes less light towards the corners: the gain falls with the fourth power of the cosine of a viewing angle.</summary>
/// <param name="Loss">What is lost in the corners, 0 to 1.</param>
[Name("vignette")]
public sealed record Vignette(double Loss) : ICorruption
{
    /// <summary>What is lost in the corners.</summary>
    public double Loss { get; init; } = Guard.InRange(Loss, 0, 1, "of the light");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var gain = new Scratch<float>(image.Width * image.Height);
        Fill(image.Width, image.Height, Loss, gain.Span);
        return Layers.Multiply(image, gain.Span);
    }

    // cos^4 of the angle a with tan^2 a = t r^2 is 1 / (1 + t r^2)^2; t is such that the corner, r = 1, keeps 1 - loss.
    internal static void Fill(int width, int height, double loss, Span<float> gain)
    {
        float tangent = (float)(1 / Math.Sqrt(Math.Max(1 - loss, 1e-4)) - 1), scale = 4f / (width * (float)width + height * (float)height);
        for (int y = 0, i = 0; y < height; y++)
        {
            float dy = y + 0.5f - height / 2f;
            for (int x = 0; x < width; x++, i++)
            {
                float dx = x + 0.5f - width / 2f, fall = 1 + tangent * scale * (dx * dx + dy * dy);
                gain[i] = 1 / (fall * fall);
            }
        }
    }
}
