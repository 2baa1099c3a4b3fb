using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>The filters that OpenCV does faster than we would.</summary>
internal static class OpenCvFilters
{
    /// <summary>Gaussian blur in single precision over <c>int(truncate * sigma + 0.5)</c> pixels to each side, the edge replicated: scikit-image's.</summary>
    public static unsafe void GaussianBlur(Span<float> source, Span<float> target, int width, int height, int channels, double sigma, double truncate = 4)
    {
        OpenCvRuntime.Require();
        int radius = (int)(truncate * sigma + 0.5);
        fixed (float* from = source, to = target)
        {
            using Mat input = Mat.FromPixelData(height, width, MatType.CV_32FC(channels), (nint)from), output = Mat.FromPixelData(height, width, MatType.CV_32FC(channels), (nint)to);
            Cv2.GaussianBlur(input, output, new Size(2 * radius + 1, 2 * radius + 1), sigma, sigma, BorderTypes.Replicate);
        }
    }

    /// <summary>Resizes.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height, InterpolationFlags interpolation)
    {
        OpenCvRuntime.Require();
        var result = new RgbImage(width, height);
        using Mat input = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels), output = Mat.FromPixelData(height, width, MatType.CV_8UC3, result.Pixels);
        Cv2.Resize(input, output, new Size(width, height), 0, 0, interpolation);
        return result;
    }
}
