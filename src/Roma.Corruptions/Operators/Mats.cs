using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Managed memory as OpenCV sees it, without copying. Disposing a view unpins the memory and keeps it.</summary>
internal static class Mats
{
    /// <summary>The start of an array as rows of pixels.</summary>
    public static Mat Of<T>(T[] array, int width, int height, MatType type)
    {
        OpenCvRuntime.Require();
        return Mat.FromPixelData(height, width, type, array);
    }

    /// <summary>The picture that a filter writes into its second argument, which has the size and type of the first.</summary>
    public static RgbImage Filter(RgbImage image, Action<Mat, Mat> filter)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        using Mat input = OpenCvFilters.Wrap(image), output = OpenCvFilters.Wrap(result);
        filter(input, output);
        return result;
    }
}
