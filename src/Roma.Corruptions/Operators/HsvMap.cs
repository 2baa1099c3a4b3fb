using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Changes colours in the hexagonal model, in double precision and with scikit-image's formulas.</summary>
internal static class HsvMap
{
    /// <summary>Fills a picture with the mapped colours of another, fractions of levels cut off.</summary>
    public static void Apply(RgbImage image, RgbImage result, Func<double, double, double, (double Hue, double Saturation, double Value)> map)
    {
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0; i + 2 < from.Length; i += 3)
        {
            (double hue, double saturation, double value) = Hsv.FromRgb(from[i] / 255.0, from[i + 1] / 255.0, from[i + 2] / 255.0);
            (hue, saturation, value) = map(hue, saturation, value);
            (double r, double g, double b) = Hsv.ToRgb(hue, saturation, value);
            (to[i], to[i + 1], to[i + 2]) = ((byte)(Math.Clamp(r, 0, 1) * 255), (byte)(Math.Clamp(g, 0, 1) * 255), (byte)(Math.Clamp(b, 0, 1) * 255));
        }
    }
}
