namespace Roma.Corruptions.Operators;

/// <summary>The hexagonal colour model, hue, saturation and value of 0 to 1 each: scikit-image's conventions (black and grays have hue 0).</summary>
internal static class Hsv
{
    /// <summary>From red, green and blue, 0 to 1.</summary>
    public static (double Hue, double Saturation, double Value) FromRgb(double red, double green, double blue)
    {
        double value = Math.Max(red, Math.Max(green, blue)), range = value - Math.Min(red, Math.Min(green, blue));
        if (range == 0)
            return (0, 0, value);
        double hue = blue == value ? 4 + (red - green) / range : green == value ? 2 + (blue - red) / range : (green - blue) / range;
        hue /= 6;
        return (hue - Math.Floor(hue), range / value, value);
    }

    /// <summary>To red, green and blue, 0 to 1.</summary>
    public static (double Red, double Green, double Blue) ToRgb(double hue, double saturation, double value)
    {
        double sector = Math.Floor(hue * 6), f = hue * 6 - sector;
        double p = value * (1 - saturation), q = value * (1 - f * saturation), t = value * (1 - (1 - f) * saturation);
        return ((int)sector % 6) switch
        {
            0 => (value, t, p),
            1 => (q, value, p),
            2 => (p, value, t),
            3 => (p, q, value),
            4 => (t, p, value),
            _ => (value, p, q),
        };
    }
}
