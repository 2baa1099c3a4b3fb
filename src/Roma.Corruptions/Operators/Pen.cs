using OpenCvSharp;

namespace Roma.Corruptions.Operators;

/// <summary>Draws smooth strokes on a mask of opacities.</summary>
internal static class Pen
{
    private const int Bits = 4;

    /// <summary>A line; one thinner than a pixel is fainter instead.</summary>
    public static void Line(Mat mask, float x0, float y0, float x1, float y1, double width, double opacity = 1)
    {
        int level = (int)Math.Round(255 * opacity * Math.Min(1, width));
        Cv2.Line(mask, Fixed(x0, y0), Fixed(x1, y1), new Scalar(level), Math.Max(1, (int)Math.Round(width)), LineTypes.AntiAlias, Bits);
    }

    private static Point Fixed(float x, float y) => new((int)MathF.Round((x - 0.5f) * (1 << Bits)), (int)MathF.Round((y - 0.5f) * (1 << Bits)));
}
