using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>
/// What JPEG 2000 loses (ITU-T T.800, irreversible path): luma and chroma, the 9/7 wavelet over five levels, and a quantiser with a dead zone. No blocks, but smears and
/// ringing. The entropy coder, which loses nothing and takes nearly all of the time, is left out.
/// </summary>
/// <param name="Step">The quantiser's step in levels, above 0 to 10000.</param>
[Name("jpeg2000")]
public sealed record Jpeg2000(double Step) : ICorruption
{
    private const int Levels = 5, Channels = 3;

    /// <summary>The quantiser's step in levels.</summary>
    public double Step { get; init; } = Guard.InRange(Step, 1e-3, 10_000, "levels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var plane = new Scratch<float>(image.Pixels.Length);
        Span<float> values = plane.Span;
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0; i + 2 < values.Length; i += Channels)
        {
            (float r, float g, float b) = (pixels[i], pixels[i + 1], pixels[i + 2]);
            float luma = 0.299f * r + 0.587f * g + 0.114f * b;
            (values[i], values[i + 1], values[i + 2]) = (luma - 128, 0.564f * (b - luma), 0.713f * (r - luma));
        }
        Wavelet.Forward(values, image.Width, image.Height, Channels, Levels);
        Quantise(values);
        Wavelet.Inverse(values, image.Width, image.Height, Channels, Levels);
        for (int i = 0; i + 2 < values.Length; i += Channels)
        {
            (float luma, float blue, float red) = (values[i] + 128, values[i + 1], values[i + 2]);
            (values[i], values[i + 1], values[i + 2]) = (luma + 1.402f * red, luma - 0.344f * blue - 0.714f * red, luma + 1.772f * blue);
        }
        return Operators.Levels.ToImage(image.Width, image.Height, values, Fidelity.Rounded);
    }

    // Whole steps count, towards 0; what is left comes back as the middle of its step.
    private void Quantise(Span<float> values)
    {
        float step = (float)Step;
        int i = 0;
        for (; i + Vector256<float>.Count <= values.Length; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Create<float>(values[i..]), whole = Vector256.Floor(Vector256.Abs(value) / step);
            Vector256<float> middle = Vector256.CopySign((whole + Vector256.Create(0.5f)) * step, value);
            Vector256.ConditionalSelect(Vector256.GreaterThan(whole, Vector256<float>.Zero), middle, Vector256<float>.Zero).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
        {
            float whole = MathF.Floor(Math.Abs(values[i]) / step);
            values[i] = whole > 0 ? MathF.CopySign((whole + 0.5f) * step, values[i]) : 0;
        }
    }
}
