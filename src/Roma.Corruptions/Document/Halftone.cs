using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>Newsprint: black dots on a grid turned by 45 degrees, larger where the picture is darker, with edges one pixel soft.</summary>
/// <param name="Cell">Distance of the dots in pixels, 2 to 200.</param>
[Name("halftone")]
public sealed record Halftone(double Cell) : ICorruption
{
    /// <summary>Distance of the dots in pixels.</summary>
    public double Cell { get; init; } = Guard.InRange(Cell, 2, 200, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var gray = new Scratch<byte>(image.Width * image.Height);
        using Scratch<float> rising = new(image.Width + image.Height), falling = new(image.Width + image.Height);
        ColourMatrix.Gray(image, gray.Span);
        double frequency = 2 * Math.PI / (Cell * Math.Sqrt(2));
        for (int i = 0; i < rising.Span.Length; i++)
            (rising.Array[i], falling.Array[i]) = ((float)Math.Cos(frequency * i), (float)Math.Cos(frequency * (i - image.Height)));
        Span<byte> levels = gray.Span;
        ReadOnlySpan<float> up = rising.Span, down = falling.Span;
        float margin = (float)(1 / Cell), slope = 127.5f / margin, scale = (1 + 2 * margin) / 255;
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++, i++)
            {
                float dot = 0.5f + 0.25f * (up[x + y] + down[x - y + image.Height - 1]); // 1 in a dot's centre, 0 between dots
                levels[i] = Layers.ToByte(127.5f + slope * (scale * levels[i] - margin - dot)); // white and black stay whole
            }
        }
        return ColourMatrix.OfGray(image.Width, image.Height, levels);
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Cell = 2 + (Cell - 2) * factor };
}
