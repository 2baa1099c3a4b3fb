using Roma.Core;

namespace Roma.Models.Processing;

/// <summary>The Qwen-VL families' choice of a picture's size: sides divisible by a factor, area within bounds, aspect ratio nearly kept.</summary>
public static class SmartResize
{
    private const double MaxAspectRatio = 200;

    /// <summary>Chooses the size.</summary>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="factor">What both sides become multiples of: patch size times merge size.</param>
    /// <param name="minPixels">Smallest area.</param>
    /// <param name="maxPixels">Largest area.</param>
    /// <exception cref="RomaException">The aspect ratio is above 200.</exception>
    public static (int Height, int Width) Size(int height, int width, int factor, long minPixels, long maxPixels)
    {
        if ((double)Math.Max(height, width) / Math.Min(height, width) > MaxAspectRatio)
            throw new RomaException($"A picture of {width}x{height} pixels is too long; its sides may differ by a factor of at most {MaxAspectRatio}.", "Crop or pad it.");
        double h = Math.Round((double)height / factor, MidpointRounding.ToEven) * factor, w = Math.Round((double)width / factor, MidpointRounding.ToEven) * factor;
        if (h * w > maxPixels)
        {
            double beta = Math.Sqrt((double)height * width / maxPixels);
            h = Math.Max(factor, Math.Floor(height / beta / factor) * factor);
            w = Math.Max(factor, Math.Floor(width / beta / factor) * factor);
        }
        else if (h * w < minPixels)
        {
            double beta = Math.Sqrt(minPixels / ((double)height * width));
            h = Math.Ceiling(height * beta / factor) * factor;
            w = Math.Ceiling(width * beta / factor) * factor;
        }
        return checked(((int)h, (int)w));
    }
}
