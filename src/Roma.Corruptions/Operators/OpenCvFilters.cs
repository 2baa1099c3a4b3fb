using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>The filters that OpenCV does faster than we would.</summary>
internal static class OpenCvFilters
{
    /// <summary>How many pixels a Gaussian kernel reaches to each side where scikit-image and SciPy cut it off.</summary>
    public static int Reach(double sigma, double truncate = 4) => (int)(truncate * sigma + 0.5);

    /// <summary>Gaussian blur over <see cref="Reach"/> pixels to each side, in the precision of the values: scikit-image's and SciPy's.</summary>
    /// <param name="source">Interleaved values: bytes, floats or doubles.</param>
    /// <param name="target">As many.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="sigma">Standard deviations across and down, in pixels.</param>
    /// <param name="truncate">Where the kernel is cut off, in standard deviations.</param>
    /// <param name="border">What lies outside.</param>
    public static unsafe void GaussianBlur<T>(
        ReadOnlySpan<T> source, Span<T> target, int width, int height, int channels, (double X, double Y) sigma, double truncate = 4, BorderTypes border = BorderTypes.Replicate) where T : unmanaged
    {
        OpenCvRuntime.Require();
        MatType type = MatType.MakeType(typeof(T) == typeof(byte) ? MatType.CV_8U : typeof(T) == typeof(float) ? MatType.CV_32F : MatType.CV_64F, channels);
        var size = new Size(2 * Reach(sigma.X, truncate) + 1, 2 * Reach(sigma.Y, truncate) + 1);
        fixed (T* from = source, to = target)
        {
            using Mat input = Mats.Of(from, width, height, type), output = Mats.Of(to, width, height, type);
            if (size == new Size(1, 1))
                source.CopyTo(target);
            else
                Cv2.GaussianBlur(input, output, size, Math.Max(sigma.X, 1e-9), Math.Max(sigma.Y, 1e-9), border);
        }
    }

    /// <summary>The blurred picture, rounded: whole numbers throughout, within two levels of the exact sum.</summary>
    public static RgbImage GaussianBlur(RgbImage image, double sigma)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        GaussianBlur<byte>(image.Pixels, result.Pixels, image.Width, image.Height, 3, (sigma, sigma));
        return result;
    }

    /// <summary>Resizes.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height, InterpolationFlags interpolation)
    {
        var result = RgbImage.Rent(width, height);
        using Mat input = Mats.Of(image), output = Mats.Of(result);
        Cv2.Resize(input, output, new Size(width, height), 0, 0, interpolation);
        return result;
    }
}
